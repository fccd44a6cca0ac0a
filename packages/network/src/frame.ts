/**
 * Frames on a stream of bytes.
 *
 *     0         4        4+n
 *     | n: u32  | n bytes |        little-endian, n <= FRAME_BYTES_MAX; n = 0 keeps the connection alive
 *
 * The decoder takes chunks as they come, cut anywhere, in linear time: a byte is copied once, or a few times in a
 * frame larger than FRAME_TRUSTED_BYTES. A frame owns its bytes. Refused: a length above the limit. A refusal is
 * final, since what follows cannot be told apart.
 */
import { assert, EMPTY_BYTES } from "@dunlin/core/base";
import { FRAME_BYTES_MAX, FRAME_TRUSTED_BYTES } from "./limits.ts";

export const PREFIX_BYTES = 4;

/** Frames, each with its prefix, in one buffer. */
export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const frame of frames) length += PREFIX_BYTES + frame.length;
  const encoded = new Uint8Array(length);
  let at = 0;
  for (const frame of frames) {
    assert(frame.length <= FRAME_BYTES_MAX, () => `a frame of ${frame.length} bytes`);
    writePrefix(encoded, at, frame.length);
    encoded.set(frame, at + PREFIX_BYTES);
    at += PREFIX_BYTES + frame.length;
  }
  return encoded;
}

export class FrameDecoder {
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #prefixLength = 0;
  /** What has come of the current frame; undefined while its prefix is read. Grows up to `#length`. */
  #body: Uint8Array | undefined;
  #filled = 0;
  #length = 0;
  #refused = false;

  /** True once a prefix was refused: nothing is decoded any more. */
  get refused(): boolean {
    return this.#refused;
  }

  /** True when a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#prefixLength > 0;
  }

  /** The frames that this chunk completes, in order; keep-alives are frames of length 0. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length && !this.#refused) {
      at += this.#body === undefined ? this.#readPrefix(chunk, at) : this.#readBody(this.#body, chunk, at);
      if (this.#body !== undefined && this.#filled === this.#length) {
        frames.push(this.#body);
        this.#body = undefined;
        this.#prefixLength = 0;
      }
    }
    return frames;
  }

  #readPrefix(chunk: Uint8Array, at: number): number {
    const taken = Math.min(PREFIX_BYTES - this.#prefixLength, chunk.length - at);
    for (let i = 0; i < taken; i++) this.#prefix[this.#prefixLength++] = chunk[at + i] as number;
    if (this.#prefixLength < PREFIX_BYTES) return taken;
    this.#length = readPrefixValue(this.#prefix);
    this.#filled = 0;
    if (this.#length > FRAME_BYTES_MAX) {
      this.#refused = true;
      return taken;
    }
    const here = chunk.length - at - taken;
    const capacity = Math.min(this.#length, Math.max(here, FRAME_TRUSTED_BYTES));
    this.#body = capacity === 0 ? EMPTY_BYTES : new Uint8Array(capacity);
    return taken;
  }

  #readBody(body: Uint8Array, chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#length - this.#filled, chunk.length - at);
    const needed = this.#filled + taken;
    let room = body;
    if (needed > body.length) {
      room = new Uint8Array(Math.min(this.#length, Math.max(needed, body.length * 2)));
      room.set(body.subarray(0, this.#filled));
      this.#body = room;
    }
    room.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled = needed;
    return taken;
  }
}

function writePrefix(into: Uint8Array, at: number, length: number): void {
  new DataView(into.buffer).setUint32(at, length, true);
}

function readPrefixValue(prefix: Uint8Array): number {
  return new DataView(prefix.buffer).getUint32(0, true);
}
