import { crc32 } from "node:zlib";
import { createPrng } from "@dunlin/core/base";
import { expect, it } from "vitest";
import { checkedValue, withCheck } from "./checked-value.ts";

it("is the CRC-32 of key and value, for every length", () => {
  const prng = createPrng(5);
  for (const length of [0, 1, 2, 7, 80, 255, 256, 257, 5000]) {
    for (const keyLength of [0, 1, 33, 70, 300]) {
      const [key, value] = [prng.bytes(keyLength), prng.bytes(length)];
      const stored = withCheck(key, value);
      const sum = crc32(Buffer.concat([key, value]));
      expect(Buffer.from(stored).readUInt32LE(length), `${keyLength} ${length}`).toBe(sum);
      expect(Buffer.from(checkedValue(key, stored))).toEqual(Buffer.from(value));
      expect(() => checkedValue(Uint8Array.of(...key, 1), stored)).toThrow("damaged");
    }
  }
  for (const short of [0, 1, 3]) expect(() => checkedValue(Uint8Array.of(1), new Uint8Array(short))).toThrow("damaged");
});
