import { createPrng } from "@dunlin/core/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../tools/fuzz.ts";
import { encodeFrames, FrameDecoder } from "./frame.ts";
import { decodeHello, encodeHello, TOKEN_BYTES } from "./hello.ts";
import { FRAME_BYTES_MAX, FRAME_TRUSTED_BYTES } from "./limits.ts";

const seed = 20261121;
const small = fc.uint8Array({ maxLength: 40 });
const large = fc
  .tuple(fc.integer({ min: FRAME_TRUSTED_BYTES - 3, max: 4 * FRAME_TRUSTED_BYTES }), fc.nat(255))
  .map(([length, fill]) => new Uint8Array(length).fill(fill));

/** The bytes cut at these places, modulo their length. */
function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...places.map((place) => place % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
}

describe("frame decoder", () => {
  it("gives the same frames however the bytes are cut", () => {
    const frames = fc.array(fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: large }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 30 }), (sent, places) => {
        const decoder = new FrameDecoder();
        const got = cutAt(encodeFrames(sent), places).flatMap((chunk) => decoder.push(chunk));
        expect(got.length).toBe(sent.length);
        for (const [i, frame] of got.entries()) expect(Buffer.compare(frame, sent[i] ?? new Uint8Array(1))).toBe(0);
        expect(decoder.midFrame).toBe(false);
      }),
      { seed, numRuns: 200 },
    );
  });

  it("takes mutated bytes without throwing, and what it accepts re-encodes to the same bytes", () => {
    const prng = createPrng(seed);
    for (let run = 0; run < 3000; run++) {
      const bytes = encodeFrames(Array.from({ length: 1 + prng.below(4) }, () => prng.bytes(prng.below(20))));
      for (let flips = prng.below(3); flips >= 0; flips--) bytes[prng.below(bytes.length)] = prng.u32() & 255;
      const input = bytes.subarray(0, prng.below(bytes.length + 1));
      const decoder = new FrameDecoder();
      const frames = cutAt(input, [prng.u32(), prng.u32()]).flatMap((chunk) => decoder.push(chunk));
      const encoded = encodeFrames(frames);
      expect(input.subarray(0, encoded.length)).toEqual(encoded);
      const rest = input.subarray(encoded.length);
      const announced = rest.length < 4 ? 0 : new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
      expect(decoder.refused).toBe(announced > FRAME_BYTES_MAX);
      expect(decoder.midFrame).toBe(rest.length > 0);
    }
  });

  it("has one encoding: what a mutated stream decodes to encodes to the same bytes", () => {
    const corpus = [[Uint8Array.of(1)], [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(40)]].map(
      encodeFrames,
    );
    const decode = (bytes: Uint8Array) => {
      const decoder = new FrameDecoder();
      const frames = decoder.push(bytes);
      return decoder.refused || decoder.midFrame ? undefined : frames;
    };
    const report = fuzzDecoder({ name: "network frame", seed: 1, corpus, decode, encode: encodeFrames });
    expect(report.accepted).toBeGreaterThan(100);
  });

  it("and so has a greeting", () => {
    const corpus = [encodeHello(new Uint8Array(TOKEN_BYTES).fill(7))];
    const report = fuzzDecoder({ name: "greeting", seed: 1, corpus, decode: decodeHello, encode: encodeHello });
    expect(report.accepted).toBeGreaterThan(100);
  });
});
