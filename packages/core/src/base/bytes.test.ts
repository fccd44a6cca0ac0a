import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytesEqual,
  bytesToHex,
  compareBytes,
  concatBytes,
  hexToBytes,
  prefixEnd,
  utf8,
  utf8ToString,
} from "./bytes.ts";

const bytes = fc.uint8Array({ maxLength: 6 });
const runs = { seed: 5, numRuns: 500 };

describe("bytes", () => {
  it("compare as unsigned, the shorter first", () => {
    const ordered = [[], [0], [0, 0], [1], [1, 255], [127], [128], [255]].map((each) => Uint8Array.from(each));
    for (const [i, a] of ordered.entries()) {
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(i - j));
    }
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(a, b)));
        expect(bytesEqual(a, b)).toBe(compareBytes(a, b) === 0);
      }),
      runs,
    );
  });

  it("concatenate", () => {
    expect(concatBytes()).toEqual(new Uint8Array(0));
    expect(concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("have a prefix end that bounds exactly the keys with the prefix", () => {
    expect(prefixEnd(Uint8Array.of(1, 255, 255))).toEqual(Uint8Array.of(2));
    expect(prefixEnd(Uint8Array.of(255, 255))).toBeUndefined();
    expect(prefixEnd(new Uint8Array(0))).toBeUndefined();
    fc.assert(
      fc.property(bytes, bytes, (prefix, key) => {
        const end = prefixEnd(prefix);
        const isInside = compareBytes(key, prefix) >= 0 && (end === undefined || compareBytes(key, end) < 0);
        expect(isInside).toBe(bytesEqual(key.subarray(0, prefix.length), prefix) && key.length >= prefix.length);
      }),
      runs,
    );
  });

  it("go to hex and back, and refuse other forms", () => {
    fc.assert(
      fc.property(bytes, (each) => {
        expect(hexToBytes(bytesToHex(each))).toEqual(each);
        expect(bytesToHex(each)).toBe(Buffer.from(each).toString("hex"));
      }),
      runs,
    );
    for (const text of ["a", "AA", "0g", " 0", "0x"]) expect(hexToBytes(text)).toBeUndefined();
  });

  it("go to text and back", () => {
    expect(utf8ToString(utf8("aé€😀"))).toBe("aé€😀");
    expect(utf8ToString(utf8("\ufeffa"))).toBe("\ufeffa");
    for (const malformed of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xff], [0xe2, 0x82]]) {
      expect(utf8ToString(Uint8Array.from(malformed))).toBeUndefined();
    }
  });
});
