/**
 * The frames that wait for one peer: in order, bounded in count and bytes. Over a bound a frame is not taken, and the
 * caller counts it as dropped; nothing that was taken is dropped while the connection lives.
 */
import { encodeFrames, PREFIX_BYTES } from "./frame.ts";
import { BATCH_BYTES, QUEUE_BYTES_MAX, QUEUE_FRAMES_MAX } from "./limits.ts";

interface QueueLimits {
  readonly framesMax: number;
  readonly bytesMax: number;
}

const QUEUE_LIMITS: QueueLimits = { framesMax: QUEUE_FRAMES_MAX, bytesMax: QUEUE_BYTES_MAX };

export class SendQueue {
  readonly #limits: QueueLimits;
  #frames: Uint8Array[] = [];
  /** Frames before this one are sent; they are cut off together, so that taking one is not linear. */
  #head = 0;
  #bytes = 0;

  constructor(limits: QueueLimits = QUEUE_LIMITS) {
    this.#limits = limits;
  }

  get frames(): number {
    return this.#frames.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False, and nothing taken, when the frame would exceed a bound. */
  push(frame: Uint8Array): boolean {
    if (this.frames >= this.#limits.framesMax || this.#bytes + frame.length > this.#limits.bytesMax) return false;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    return true;
  }

  /** The oldest frames, encoded: as many as fit a batch, at least one; undefined when none waits. */
  takeBatch(): Uint8Array | undefined {
    const first = this.#head;
    let end = first;
    let size = 0;
    for (; end < this.#frames.length; end++) {
      const frame = this.#frames[end] as Uint8Array;
      if (end > first && size + PREFIX_BYTES + frame.length > BATCH_BYTES) break;
      size += PREFIX_BYTES + frame.length;
    }
    if (end === first) return undefined;
    const batch = encodeFrames(this.#frames.slice(first, end));
    this.#bytes -= batch.length - (end - first) * PREFIX_BYTES;
    this.#release(end);
    return batch;
  }

  clear(): void {
    this.#frames = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #release(end: number): void {
    this.#head = end;
    if (end * 2 < this.#frames.length) return;
    this.#frames = this.#frames.slice(end);
    this.#head = 0;
  }
}
