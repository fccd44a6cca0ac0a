/**
 * Short byte strings that are made by the thousand and kept for long, as the keys and values of rows are: many lie in
 * one buffer, since a buffer of its own costs several times what it holds, and the collector has to count each.
 *
 * Invariant: the bytes of a packed string are written once, before it is given out. A buffer lives for as long as any
 * of its strings: what is packed is what is kept, or goes, together.
 */
import { PACKED_BUFFER_BYTES, PACKED_BYTES_MAX } from "./limits.ts";

const buffers = new WeakSet<ArrayBufferLike>();
let current = new Uint8Array(0);
let used = 0;

/** A copy of the first `length` bytes; a long one gets a buffer of its own. */
export function packBytes(from: Uint8Array, length: number): Uint8Array {
  if (length > PACKED_BYTES_MAX) return from.slice(0, length);
  if (used + length > current.length) {
    current = new Uint8Array(PACKED_BUFFER_BYTES);
    buffers.add(current.buffer);
    used = 0;
  }
  const into = current;
  const start = used;
  for (let i = 0; i < length; i++) into[start + i] = from[i] as number;
  used += length;
  return new Uint8Array(into.buffer, start, length);
}

/** Whether the bytes, though a view of a larger buffer, will stay as they are. */
export function isPacked(bytes: Uint8Array): boolean {
  return bytes.buffer === current.buffer || buffers.has(bytes.buffer);
}
