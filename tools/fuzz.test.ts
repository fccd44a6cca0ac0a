import { Reader, Writer } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { type FuzzOptions, fuzzDecoder } from "./fuzz.ts";

const encode = (values: readonly number[]): Uint8Array => {
  const writer = new Writer();
  writer.varint(values.length);
  for (const value of values) writer.varint(value);
  return writer.toBytes();
};

const decode = (bytes: Uint8Array): number[] | undefined => {
  const reader = new Reader(bytes);
  const count = reader.count(16);
  const values = Array.from({ length: count }, () => reader.varint());
  return reader.finish() ? values : undefined;
};

const options: FuzzOptions<readonly number[]> = {
  name: "varints",
  seed: 7,
  corpus: [encode([]), encode([1]), encode([300, 2, 2 ** 40, 0])],
  decode,
  encode,
  inputs: 20_000,
};

describe("fuzzDecoder", () => {
  it("passes a canonical decoder, and reaches inputs that are accepted and inputs that are not", () => {
    const report = fuzzDecoder(options);
    expect(report.inputs).toBe(20_000);
    expect(report.accepted).toBeGreaterThan(100);
    expect(report.accepted).toBeLessThan(19_000);
  });

  it("is the same run for the same seed", () => {
    expect(fuzzDecoder(options)).toEqual(fuzzDecoder(options));
    expect(fuzzDecoder({ ...options, seed: 8 })).not.toEqual(fuzzDecoder(options));
  });

  it("catches a decoder that throws, with the bytes that make it", () => {
    const throwing = (bytes: Uint8Array): number[] | undefined => {
      if (bytes.length > 12) throw new RangeError("out of bounds");
      return decode(bytes);
    };
    expect(() => fuzzDecoder({ ...options, decode: throwing })).toThrow(
      /throws RangeError.*\n {2}seed 7, input \d+, bytes [0-9a-f]+/,
    );
  });

  it("catches a decoder that accepts trailing bytes", () => {
    const lax = (bytes: Uint8Array): number[] | undefined => {
      const reader = new Reader(bytes);
      const count = reader.count(16);
      const values = Array.from({ length: count }, () => reader.varint());
      return reader.failed ? undefined : values;
    };
    expect(() => fuzzDecoder({ ...options, decode: lax })).toThrow(/re-encodes to/);
  });

  it("catches a decoder that refuses everything", () => {
    expect(() => fuzzDecoder({ ...options, decode: () => undefined })).toThrow(/refuses a valid input/);
  });
});
