import { describe, expect, it } from "vitest";
import { encodeFrames, FrameDecoder } from "./frame.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";

function prefix(length: number): Uint8Array {
  return Uint8Array.of(length & 255, (length >>> 8) & 255, (length >>> 16) & 255, length >>> 24);
}

describe("frames", () => {
  it("are a little-endian length and the bytes", () => {
    const encoded = encodeFrames([Uint8Array.of(7, 8), new Uint8Array(0), new Uint8Array(258)]);
    expect([...encoded.subarray(0, 14)]).toEqual([2, 0, 0, 0, 7, 8, 0, 0, 0, 0, 2, 1, 0, 0]);
    expect(encoded.length).toBe(14 + 258);
  });

  it("are refused above the limit, after those before, and for good", () => {
    const decoder = new FrameDecoder();
    const good = encodeFrames([Uint8Array.of(1)]);
    const frames = decoder.push(Uint8Array.of(...good, ...prefix(FRAME_BYTES_MAX + 1)));
    expect(frames).toEqual([Uint8Array.of(1)]);
    expect(decoder.refused).toBe(true);
    expect(decoder.push(good)).toEqual([]);
  });

  it("are taken at the limit", () => {
    const decoder = new FrameDecoder();
    const frame = new Uint8Array(FRAME_BYTES_MAX).fill(3);
    const frames = decoder.push(encodeFrames([frame]));
    expect(decoder.refused).toBe(false);
    expect(frames.map((got) => Buffer.compare(got, frame))).toEqual([0]);
  });

  it("own their bytes", () => {
    const chunk = encodeFrames([Uint8Array.of(1, 2, 3)]);
    const [frame] = new FrameDecoder().push(chunk);
    chunk.fill(0);
    expect(frame).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("say whether one is incomplete", () => {
    const decoder = new FrameDecoder();
    const states = [...encodeFrames([Uint8Array.of(1, 2)])].map((byte) => {
      decoder.push(Uint8Array.of(byte));
      return decoder.midFrame;
    });
    expect(states).toEqual([true, true, true, true, true, false]);
  });
});
