import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { FrameDecoder } from "./frame.ts";
import { BATCH_BYTES, FRAME_BYTES_MAX, QUEUE_BYTES_MAX, QUEUE_FRAMES_MAX } from "./limits.ts";
import { SendQueue } from "./send-queue.ts";

describe("send queue", () => {
  it("takes frames up to its bounds, and again when some have left", () => {
    const byCount = new SendQueue({ framesMax: 2, bytesMax: 100 });
    const one = Uint8Array.of(1);
    expect([byCount.push(one), byCount.push(one), byCount.push(one)]).toEqual([true, true, false]);
    byCount.takeBatch();
    expect(byCount.push(one)).toBe(true);
    const byBytes = new SendQueue({ framesMax: 100, bytesMax: 10 });
    expect(byBytes.push(new Uint8Array(6))).toBe(true);
    expect(byBytes.push(new Uint8Array(5))).toBe(false);
    expect(byBytes.push(new Uint8Array(4))).toBe(true);
    expect([byBytes.frames, byBytes.bytes]).toEqual([2, 10]);
  });

  it("has the bounds of limits.ts unless told otherwise", () => {
    const queue = new SendQueue();
    for (let i = 0; i < QUEUE_FRAMES_MAX; i++) expect(queue.push(Uint8Array.of(i & 255))).toBe(true);
    expect(queue.push(Uint8Array.of(1))).toBe(false);
    queue.clear();
    const largest = new Uint8Array(FRAME_BYTES_MAX);
    for (let i = 0; i < QUEUE_BYTES_MAX / FRAME_BYTES_MAX; i++) expect(queue.push(largest)).toBe(true);
    expect(queue.push(Uint8Array.of(1))).toBe(false);
  });

  it("puts small frames into one batch, and a large one into its own", () => {
    const queue = new SendQueue();
    for (let i = 0; i < 10; i++) queue.push(new Uint8Array(100));
    queue.push(new Uint8Array(BATCH_BYTES * 2));
    queue.push(Uint8Array.of(1));
    expect([queue.takeBatch(), queue.takeBatch(), queue.takeBatch()].map((batch) => batch?.length)).toEqual([
      10 * 104,
      BATCH_BYTES * 2 + 4,
      5,
    ]);
    expect(queue.takeBatch()).toBeUndefined();
  });

  it("keeps order and loses nothing it took, in any mix of pushes and batches", () => {
    const prng = createPrng(3);
    const queue = new SendQueue({ framesMax: 50, bytesMax: 200_000 });
    const decoder = new FrameDecoder();
    const sent: string[] = [];
    const got: string[] = [];
    const summary = (frame: Uint8Array): string => `${frame.length} of ${frame[0]}`;
    const take = (): boolean => {
      const batch = queue.takeBatch();
      if (batch !== undefined) got.push(...decoder.push(batch).map(summary));
      return batch !== undefined;
    };
    for (let step = 0; step < 2000; step++) {
      const frame = new Uint8Array(1 + prng.below(prng.chance(0.1) ? 70_000 : 50)).fill(step & 255);
      if (queue.push(frame)) sent.push(summary(frame));
      if (prng.chance(0.1)) take();
    }
    while (take());
    expect(got).toEqual(sent);
    expect([queue.frames, queue.bytes]).toEqual([0, 0]);
  });
});
