/**
 * One stream with one peer: greeting, framing, the send queue, keep-alive and counters. It does not know whether it
 * is the one stream of its pair of nodes: `switchboard.ts` decides that when `onHello` fires, by `accept` or `cut`.
 *
 * Owns: after `onClose`, which fires exactly once, no other event fires and no timer is left. `onFrame` fires only
 * between `accept` and `onClose`. `send` never waits and never calls back.
 * Refuses, by closing with a code: an oversize frame, a malformed greeting, a frame that never ends, silence, a peer
 * that does not read.
 */
import { assert, type Cancel, type PeerId, type Scheduler, type SendOutcome } from "@dunlin/core/base";
import type { CutCode } from "./failure.ts";
import { encodeFrames, FrameDecoder } from "./frame.ts";
import { decodeHello, encodeHello } from "./hello.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_PERIODS_MAX,
  KEEP_ALIVE_MS,
  SILENT_PERIODS_MAX,
  STALLED_PERIODS_MAX,
} from "./limits.ts";
import type { Pipe } from "./pipe.ts";
import { SendQueue } from "./send-queue.ts";

export interface LinkEvents {
  /** The peer's greeting came: the receiver accepts the link or cuts it. */
  onHello(link: Link, token: Uint8Array): void;
  onFrame(link: Link, frame: Uint8Array): void;
  onClose(link: Link, code: CutCode, detail: string): void;
}

/** Counted from the opening of the link; bytes are those of frames, without prefixes and encryption. */
export interface LinkCounters {
  framesIn: number;
  bytesIn: number;
  framesOut: number;
  bytesOut: number;
  /** Frames refused because the queue was at its cap. */
  dropped: number;
}

type LinkState = "greeting" | "open" | "closed";

const KEEP_ALIVE = encodeFrames([new Uint8Array(0)]);

export class Link {
  readonly peer: PeerId;
  readonly counters: LinkCounters = { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0, dropped: 0 };
  readonly #pipe: Pipe;
  readonly #events: LinkEvents;
  readonly #scheduler: Scheduler;
  readonly #decoder = new FrameDecoder();
  readonly #queue = new SendQueue();
  #state: LinkState = "greeting";
  #greeted = false;
  #flushing = false;
  /** The pipe is full: nothing is written until it drains. */
  #blocked = false;
  #cancelPeriod: Cancel = () => {};
  /** What happened in the current keep-alive period. */
  #heard = false;
  #wrote = false;
  #framed = false;
  #drained = false;
  /** How many whole periods in a row passed without it. */
  #silentPeriods = 0;
  #framePeriods = 0;
  #stalledPeriods = 0;

  constructor(peer: PeerId, pipe: Pipe, scheduler: Scheduler, events: LinkEvents) {
    this.peer = peer;
    this.#pipe = pipe;
    this.#events = events;
    this.#scheduler = scheduler;
    this.#schedulePeriod();
    pipe.listen({
      onData: (chunk) => this.#receive(chunk),
      onDrain: () => this.#drain(),
      onClose: () => this.#close("PEER_CLOSED", ""),
    });
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  get queuedFrames(): number {
    return this.#queue.frames;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** Sends this side's greeting, once. */
  greet(token: Uint8Array): void {
    assert(!this.#greeted, "a link greets once");
    this.#greeted = true;
    if (this.#state !== "closed") this.#write(encodeFrames([encodeHello(token)]));
  }

  /** Opens the link for frames: both sides have greeted. */
  accept(): void {
    assert(this.#state === "greeting" && this.#greeted, "a link opens once, after it has greeted");
    this.#state = "open";
  }

  send(frame: Uint8Array): SendOutcome {
    assert(frame.length > 0 && frame.length <= FRAME_BYTES_MAX, () => `a frame of ${frame.length} bytes`);
    if (this.#state !== "open") return "disconnected";
    if (!this.#queue.push(frame)) {
      this.counters.dropped++;
      return "full";
    }
    this.#scheduleFlush();
    return "queued";
  }

  /** Writes what waits, as far as the pipe takes it. */
  flush(): void {
    while (this.#state === "open" && !this.#blocked) {
      const before = this.#queue.frames;
      const bytesBefore = this.#queue.bytes;
      const batch = this.#queue.takeBatch();
      if (batch === undefined) return;
      this.counters.framesOut += before - this.#queue.frames;
      this.counters.bytesOut += bytesBefore - this.#queue.bytes;
      this.#write(batch);
    }
  }

  /** Closes the link and the connection under it. */
  cut(code: CutCode, detail = ""): void {
    this.#close(code, detail);
  }

  /** The frames of one turn of the event loop leave together. */
  #scheduleFlush(): void {
    if (this.#flushing || this.#blocked) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.flush();
    });
  }

  #write(bytes: Uint8Array): void {
    this.#wrote = true;
    this.#blocked = !this.#pipe.write(bytes);
  }

  #drain(): void {
    this.#drained = true;
    this.#blocked = false;
    this.flush();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#heard = true;
    for (const frame of this.#decoder.push(chunk)) {
      this.#framed = true;
      this.#deliver(frame);
      if (this.closed) return;
    }
    if (this.#decoder.refused) this.#close("FRAME_OVERSIZE", "");
  }

  #deliver(frame: Uint8Array): void {
    if (this.#state === "open") {
      if (frame.length === 0) return;
      this.counters.framesIn++;
      this.counters.bytesIn += frame.length;
      this.#events.onFrame(this, frame);
      return;
    }
    const token = decodeHello(frame);
    if (token === undefined) this.#close("HELLO_MALFORMED", "");
    else this.#events.onHello(this, token);
    assert(this.#state !== "greeting", "a greeted link is accepted or cut");
  }

  #schedulePeriod(): void {
    this.#cancelPeriod = this.#scheduler.after(KEEP_ALIVE_MS, () => this.#endPeriod());
  }

  #endPeriod(): void {
    const fault = this.#judgePeriod();
    if (fault !== undefined) {
      this.#close(fault, "");
      return;
    }
    if (!this.#wrote && !this.#blocked && this.#state === "open") this.#write(KEEP_ALIVE);
    this.#heard = false;
    this.#wrote = false;
    this.#framed = false;
    this.#drained = false;
    if (!this.closed) this.#schedulePeriod();
  }

  #judgePeriod(): CutCode | undefined {
    this.#silentPeriods = this.#heard ? 0 : this.#silentPeriods + 1;
    this.#framePeriods = this.#framed || !this.#decoder.midFrame ? 0 : this.#framePeriods + 1;
    this.#stalledPeriods = this.#drained || !this.#blocked ? 0 : this.#stalledPeriods + 1;
    if (this.#silentPeriods >= SILENT_PERIODS_MAX) return "PEER_DEAD";
    if (this.#framePeriods >= FRAME_PERIODS_MAX) return "FRAME_TIMEOUT";
    if (this.#stalledPeriods >= STALLED_PERIODS_MAX) return "PEER_STALLED";
    return undefined;
  }

  #close(code: CutCode, detail: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#cancelPeriod();
    this.#queue.clear();
    this.#pipe.destroy(code);
    this.#events.onClose(this, code, detail);
  }
}
