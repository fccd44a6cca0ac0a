import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { bytesEqual, createPrng } from "../base/index.ts";
import { BIGINT_BYTES_MAX, VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ITEMS_MAX } from "./limits.ts";
import { drawValue } from "./reference/draw.ts";
import { decodeValue, encodeValue, type Value } from "./value.ts";

function encoded(value: Value): Uint8Array {
  const result = encodeValue(value);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

function refusalOf(value: unknown): string | undefined {
  const result = encodeValue(value as Value);
  return result.ok ? undefined : result.error.code;
}

/** `toEqual` tells -0 from 0, which the state does not. */
function withoutNegativeZero(value: Value): Value {
  if (value === 0) return 0;
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutNegativeZero(inner)]));
}

describe("a value", () => {
  it("comes back as it went in", () => {
    const prng = createPrng(1);
    for (let run = 0; run < 1000; run++) {
      const value = drawValue(prng);
      expect(decodeValue(encoded(value))).toEqual(withoutNegativeZero(value));
    }
  });

  it("has one encoding, whatever the order of its keys and the sign of its zero", () => {
    expect(encoded({ b: 1, a: [-0] })).toEqual(encoded({ a: [0], b: 1 }));
  });

  it("is refused when the state has no type for it", () => {
    const foreign = [undefined, Number.NaN, Number.POSITIVE_INFINITY, () => 1, Symbol.iterator, new Date(0), "\ud800"];
    for (const value of foreign) {
      expect(refusalOf(value)).toBe("VALUE_INVALID");
      expect(refusalOf([value])).toBe("VALUE_INVALID");
    }
    expect(refusalOf({ "\udc00": 1 })).toBe("VALUE_INVALID");
    expect(refusalOf(JSON.parse('{"__proto__": 1}'))).toBe("VALUE_INVALID");
    expect(refusalOf({ constructor: 1 })).toBe("VALUE_INVALID");
    expect(refusalOf(new Array(1))).toBe("VALUE_INVALID");
  });

  it("is accepted up to each limit and refused beyond", () => {
    const nested = (depth: number): Value => (depth === 0 ? null : [nested(depth - 1)]);
    expect(decodeValue(encoded(nested(VALUE_DEPTH_MAX)))).toEqual(nested(VALUE_DEPTH_MAX));
    expect(refusalOf(nested(VALUE_DEPTH_MAX + 1))).toBe("VALUE_TOO_LARGE");
    const zeros = new Array(VALUE_ITEMS_MAX).fill(0);
    expect((decodeValue(encoded(zeros)) as Value[]).length).toBe(VALUE_ITEMS_MAX);
    expect(refusalOf([...zeros, 0])).toBe("VALUE_TOO_LARGE");
    const bytes = new Uint8Array(VALUE_BYTES_MAX - 4);
    expect(bytesEqual(decodeValue(encoded(bytes)) as Uint8Array, bytes)).toBe(true);
    expect(refusalOf(new Uint8Array(VALUE_BYTES_MAX - 3))).toBe("VALUE_TOO_LARGE");
    const bits = BigInt(BIGINT_BYTES_MAX * 8);
    expect(decodeValue(encoded(2n ** bits - 1n))).toBe(2n ** bits - 1n);
    expect(decodeValue(encoded(-(2n ** bits)))).toBe(-(2n ** bits));
    expect(refusalOf(2n ** bits)).toBe("VALUE_TOO_LARGE");
    expect(refusalOf("x".repeat(VALUE_BYTES_MAX))).toBe("VALUE_TOO_LARGE");
  });

  it("is not decoded from a second form of itself", () => {
    const second = [
      [5, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f], // 1 as a float
      [5, 0, 0, 0, 0, 0, 0, 0, 0x80], // -0
      [6, 1, 0], // 0n with a digit
      [11, 2, 1, 98, 0, 1, 97, 0], // keys descending
      [11, 2, 1, 97, 0, 1, 97, 0], // a key twice
      [0, 0], // a byte left over
    ];
    for (const bytes of second) expect(decodeValue(Uint8Array.from(bytes))).toBeUndefined();
  });

  it("decodes only from what it encodes to, whatever the damage", () => {
    const prng = createPrng(2);
    const corpus = Array.from({ length: 300 }, () => encoded(drawValue(prng)));
    const options = { name: "value", seed: 2, corpus, decode: decodeValue, encode: encoded };
    expect(fuzzDecoder(options).accepted).toBeGreaterThan(500);
  });
});

describe("encoding", () => {
  it("may begin while another value is being encoded", () => {
    const plain = { a: [1, "two"], b: "inner" };
    const value: { readonly [key: string]: Value } = {
      a: [1, "two"],
      get b(): string {
        const inner = encodeValue({ deep: "x".repeat(500) });
        return inner.ok ? "inner" : "refused";
      },
    };
    expect(encodeValue(value)).toEqual(encodeValue(plain));
  });
});
