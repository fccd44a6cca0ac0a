import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionError } from "./assert.ts";
import { base58ToBytes, bytesToBase58 } from "./base58.ts";
import { bytesToHex, hexToBytes, utf8 } from "./bytes.ts";
import { actorId, contextId, deltaId, idKey, idKeyToBytes, idToText, textToId } from "./ids.ts";

describe("base58", () => {
  // draft-msporny-base58-03, section 5, and Bitcoin Core's base58_encode_decode.json.
  const vectors: readonly (readonly [string, string])[] = [
    ["", ""],
    ["61", "2g"],
    ["626262", "a3gV"],
    ["00000000000000000000", "1111111111"],
    ["0000287fb4cd", "11233QC4"],
    ["572e4794", "3EFU7m"],
    ["ecac89cad93923c02321", "EJDM8drfXA6uyA"],
    [bytesToHex(utf8("Hello World!")), "2NEpo7TZRRrLZSi2U"],
    [
      bytesToHex(utf8("The quick brown fox jumps over the lazy dog.")),
      "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
    ],
  ];

  it("matches the published vectors", () => {
    for (const [hex, text] of vectors) {
      expect(bytesToBase58(hexToBytes(hex) ?? new Uint8Array(1))).toBe(text);
      expect(bytesToHex(base58ToBytes(text, 100) ?? new Uint8Array(1))).toBe(hex);
    }
  });

  it("refuses foreign characters and what is too long", () => {
    for (const text of ["0", "O", "I", "l", "é", "a b", "\u0000"]) expect(base58ToBytes(text, 100)).toBeUndefined();
    expect(base58ToBytes("1111", 3)).toBeUndefined();
  });

  it("has one text for each value, and one value for each text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(base58ToBytes(bytesToBase58(bytes), 60)).toEqual(bytes);
      }),
      { seed: 6, numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("1", "2", "Z", "z", "a"), maxLength: 12 }), (text) => {
        expect(bytesToBase58(base58ToBytes(text, 12) ?? new Uint8Array(1))).toBe(text);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("ids", () => {
  it("are made of their length only", () => {
    expect(deltaId(new Uint8Array(32))).toHaveLength(32);
    expect(actorId(new Uint8Array(16))).toHaveLength(16);
    expect(() => contextId(new Uint8Array(31))).toThrow(AssertionError);
    expect(() => actorId(new Uint8Array(32))).toThrow("ActorId has 32 bytes, not 16");
  });

  it("have keys that are equal exactly when they are, and lead back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 3 }), (a, b) => {
        expect(idKey(a) === idKey(b)).toBe(Buffer.compare(a, b) === 0);
        expect(idKeyToBytes(idKey(a))).toEqual(a);
      }),
      { seed: 8, numRuns: 500 },
    );
  });

  it("have keys of any length", () => {
    for (const length of [0, 1, 16, 32, 1023, 1024, 1025, 5000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
      expect(idKeyToBytes(idKey(bytes))).toEqual(bytes);
    }
  });

  it("go to text and back, and refuse other lengths", () => {
    for (const fill of [0, 1, 255]) {
      const id = new Uint8Array(32).fill(fill);
      expect(textToId(idToText(id))).toEqual(id);
    }
    expect(textToId(idToText(new Uint8Array(31).fill(9)))).toBeUndefined();
    expect(textToId(idToText(new Uint8Array(33).fill(9)))).toBeUndefined();
    expect(textToId("")).toBeUndefined();
    expect(textToId("1".repeat(45))).toBeUndefined();
  });
});
