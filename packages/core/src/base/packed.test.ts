import { describe, expect, it } from "vitest";
import { Writer } from "./codec.ts";
import { PACKED_BUFFER_BYTES, PACKED_BYTES_MAX } from "./limits.ts";
import { isPacked, packBytes } from "./packed.ts";
import { createPrng } from "./prng.ts";

/** The bytes, and what else takes them to whole words. */
function toWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil(bytes.length / 4) + 1);
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

describe("packed bytes", () => {
  it("stay what they were, whatever is packed after them", () => {
    const prng = createPrng(81);
    const packed = Array.from({ length: 2_000 }, () => {
      const bytes = prng.bytes(prng.below(200));
      return { bytes, copy: packBytes(toWords(bytes), bytes.length) };
    });
    for (const { bytes, copy } of packed) expect(copy).toEqual(bytes);
    const sizes = new Set(packed.map(({ copy }) => copy.buffer));
    expect(sizes.size).toBeLessThan(packed.length / 10);
    expect(packed.every(({ copy }) => isPacked(copy) && copy.buffer.byteLength === PACKED_BUFFER_BYTES)).toBe(true);
  });

  it("are short: what is longer than the limit has a buffer of its own", () => {
    const bytes = new Uint8Array(PACKED_BYTES_MAX + 1).fill(3);
    expect(isPacked(packBytes(toWords(bytes), PACKED_BYTES_MAX))).toBe(true);
    const long = packBytes(toWords(bytes), PACKED_BYTES_MAX + 1);
    expect([isPacked(long), long.buffer.byteLength]).toEqual([false, PACKED_BYTES_MAX + 1]);
    expect(isPacked(bytes.subarray(1))).toBe(false);
  });

  it("come from a writer that is used again", () => {
    const writer = new Writer(4).string("first");
    const first = writer.toPacked();
    writer.reset();
    writer.string("other");
    expect([...first]).toEqual([5, ...Buffer.from("first")]);
  });
});
