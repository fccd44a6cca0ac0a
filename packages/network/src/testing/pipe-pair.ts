/** Two pipes in memory, joined: bytes wait in each direction until they are delivered, so that a test chooses. */
import type { CutCode } from "../failure.ts";
import type { Pipe, PipeEvents } from "../pipe.ts";

export interface PipeEnd extends Pipe {
  /** Chunks written at the other end and not delivered here. */
  readonly waiting: number;
  readonly destroyedWith: CutCode | undefined;
  /** Hands the oldest chunk, or the close after the last, to this end's listener. False when there is none. */
  deliver(): boolean;
  /** What this end's writes answer; a change to false is undone by `drain`. */
  full: boolean;
  drain(): void;
}

interface Direction {
  readonly chunks: Uint8Array[];
  closed: boolean;
}

/** `onDestroy` runs when an end is destroyed, once per end. */
export function createPipePair(onDestroy: (end: 0 | 1) => void = () => {}): readonly [PipeEnd, PipeEnd] {
  const toFirst: Direction = { chunks: [], closed: false };
  const toSecond: Direction = { chunks: [], closed: false };
  return [createEnd(toFirst, toSecond, () => onDestroy(0)), createEnd(toSecond, toFirst, () => onDestroy(1))];
}

function createEnd(incoming: Direction, outgoing: Direction, onDestroy: () => void): PipeEnd {
  let events: PipeEvents | undefined;
  let destroyedWith: CutCode | undefined;
  let closed = false;
  const end: PipeEnd = {
    full: false,
    get waiting() {
      return incoming.chunks.length;
    },
    get destroyedWith() {
      return destroyedWith;
    },
    listen: (listener) => {
      events = listener;
    },
    write: (bytes) => {
      if (destroyedWith === undefined) outgoing.chunks.push(bytes);
      return !end.full;
    },
    destroy: (code) => {
      if (destroyedWith !== undefined) return;
      destroyedWith = code;
      incoming.chunks.length = 0;
      outgoing.closed = true;
      onDestroy();
    },
    deliver: () => {
      if (destroyedWith !== undefined || closed) return false;
      const chunk = incoming.chunks.shift();
      if (chunk !== undefined) events?.onData(chunk);
      else if (incoming.closed) {
        closed = true;
        events?.onClose();
      } else return false;
      return true;
    },
    drain: () => {
      end.full = false;
      events?.onDrain();
    },
  };
  return end;
}
