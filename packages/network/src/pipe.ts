/**
 * What a link needs of the stream below it. libp2p's streams are one implementation (`libp2p-pipe.ts`); tests have
 * one in memory.
 */
import type { CutCode } from "./failure.ts";

export interface Pipe {
  /** Takes all the bytes. False: it is full, and no more may be written until `onDrain`. */
  write(bytes: Uint8Array): boolean;
  /** Closes the stream and the connection under it at once. `onClose` is called, now or later. */
  destroy(code: CutCode): void;
  /** Set once, at once after the pipe is made. */
  listen(events: PipeEvents): void;
}

export interface PipeEvents {
  onData(chunk: Uint8Array): void;
  onDrain(): void;
  onClose(): void;
}
