/**
 * Short byte strings that are made by the thousand and kept for long, as the keys and values of rows are: many lie in
 * one buffer, since a buffer of its own costs several times what it holds, and the collector has to count each.
 *
 * Invariant: the bytes of a packed string are written once, before it is given out. A buffer lives for as long as any
 * of its strings: what is packed is what is kept, or goes, together.
 */
import { PACKED_BUFFER_BYTES, PACKED_BYTES_MAX } from "./limits.ts";

const WORD_BYTES = Int32Array.BYTES_PER_ELEMENT;

const buffers = new WeakSet<ArrayBufferLike>();
/** The buffer that was found to be one of these last: strings of one come one after another. */
let known: ArrayBufferLike | undefined;
/** Copied by words: a loop over them beats one over bytes, and the call of a native copy, which needs a view first. */
let current = new Int32Array(0);
let used = 0;

/** How many bytes the whole words have that hold so many. */
export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;
}

/** A copy of the first `length` bytes of a buffer of whole words; a long one gets a buffer of its own. */
export function packBytes(from: Int32Array, length: number): Uint8Array {
  if (length > PACKED_BYTES_MAX) return new Uint8Array(from.buffer, from.byteOffset, length).slice();
  const words = wholeWords(length) / WORD_BYTES;
  if (used + words > current.length) {
    current = new Int32Array(PACKED_BUFFER_BYTES / WORD_BYTES);
    buffers.add(current.buffer);
    used = 0;
  }
  const into = current;
  const start = used;
  for (let i = 0; i < words; i++) into[start + i] = from[i] as number;
  used += words;
  return new Uint8Array(into.buffer, start * WORD_BYTES, length);
}

/** Whether the bytes, though a view of a larger buffer, will stay as they are. */
export function isPacked(bytes: Uint8Array): boolean {
  const { buffer } = bytes;
  if (buffer === known) return true;
  if (!buffers.has(buffer)) return false;
  known = buffer;
  return true;
}
