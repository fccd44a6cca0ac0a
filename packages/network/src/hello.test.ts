import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { decodeHello, encodeHello, TOKEN_BYTES } from "./hello.ts";

describe("hello", () => {
  it("carries the token", () => {
    const token = createPrng(1).bytes(TOKEN_BYTES);
    expect(decodeHello(encodeHello(token))).toEqual(token);
  });

  it("is refused with another version or length", () => {
    const hello = encodeHello(new Uint8Array(TOKEN_BYTES));
    expect(decodeHello(Uint8Array.of(2, ...hello.subarray(1)))).toBeUndefined();
    expect(decodeHello(hello.subarray(1))).toBeUndefined();
    expect(decodeHello(Uint8Array.of(...hello, 0))).toBeUndefined();
    expect(decodeHello(new Uint8Array(0))).toBeUndefined();
  });

  it("takes mutated bytes without throwing, and what it accepts re-encodes to the same bytes", () => {
    const prng = createPrng(7);
    let accepted = 0;
    for (let run = 0; run < 2000; run++) {
      const bytes = encodeHello(prng.bytes(TOKEN_BYTES));
      bytes[prng.below(bytes.length)] = prng.u32() & 255;
      const input = prng.chance(0.2) ? bytes.subarray(0, prng.below(bytes.length)) : bytes;
      const token = decodeHello(input);
      if (token === undefined) continue;
      accepted++;
      expect(encodeHello(token)).toEqual(input);
    }
    expect(accepted).toBeGreaterThan(1000);
  });
});
