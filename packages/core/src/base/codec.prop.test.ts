import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesEqual } from "./bytes.ts";
import { Reader, Writer } from "./codec.ts";
import { createPrng } from "./prng.ts";

const BYTES_MAX = 1000;

interface Value {
  readonly small: number;
  readonly count: number;
  readonly text: string;
  readonly blobs: readonly Uint8Array[];
  readonly ratio: number;
}

const value: fc.Arbitrary<Value> = fc.record({
  small: fc.nat(0xffff),
  count: fc.maxSafeNat(),
  text: fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => text.isWellFormed()),
  blobs: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 5 }),
  ratio: fc.double({ noNaN: true }),
});

function encode(from: Value): Uint8Array {
  const writer = new Writer(4).u16(from.small).varint(from.count).string(from.text).varint(from.blobs.length);
  for (const blob of from.blobs) writer.bytes(blob);
  return writer.f64(from.ratio).toBytes();
}

function decode(bytes: Uint8Array): Value | undefined {
  const reader = new Reader(bytes);
  const [small, count, text] = [reader.u16(), reader.varint(), reader.string(BYTES_MAX)];
  const blobs = Array.from({ length: reader.count(BYTES_MAX) }, () => reader.bytes(BYTES_MAX));
  const ratio = reader.f64();
  return reader.finish() ? { small, count, text, blobs, ratio } : undefined;
}

describe("the codec", () => {
  it("gives back what was written", () => {
    fc.assert(
      fc.property(value, (written) => {
        expect(decode(encode(written))).toEqual(written);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("refuses every truncation and every extension", () => {
    fc.assert(
      fc.property(value, (written) => {
        const bytes = encode(written);
        for (let i = 0; i < bytes.length; i++) expect(decode(bytes.subarray(0, i))).toBeUndefined();
        expect(decode(Uint8Array.of(...bytes, 0))).toBeUndefined();
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it("accepts mutated bytes only in their one form, and never throws", () => {
    const prng = createPrng(3);
    const samples = fc.sample(value, { seed: 3, numRuns: 50 }).map(encode);
    let accepted = 0;
    for (let i = 0; i < 30_000; i++) {
      const bytes = prng.pick(samples).slice();
      for (let edits = 1 + prng.below(3); edits > 0; edits--) bytes[prng.below(bytes.length)] = prng.below(256);
      const input = bytes.subarray(0, prng.chance(0.2) ? prng.below(bytes.length) : bytes.length);
      const decoded = decode(input);
      if (decoded === undefined || Number.isNaN(decoded.ratio)) continue;
      accepted++;
      expect(bytesEqual(encode(decoded), input)).toBe(true);
    }
    expect(accepted).toBeGreaterThan(1000);
  });

  it("writes varints whose length grows with their value", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        const bytes = new Writer().varint(number).toBytes();
        expect(bytes.length).toBe(Math.max(1, Math.ceil(number.toString(2).length / 7)));
        expect(new Reader(bytes).varint()).toBe(number);
      }),
      { seed: 4, numRuns: 1000 },
    );
  });
});
