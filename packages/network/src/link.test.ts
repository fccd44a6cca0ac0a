import { peerId } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import type { CutCode } from "./failure.ts";
import { encodeFrames, FrameDecoder } from "./frame.ts";
import { encodeHello, TOKEN_BYTES } from "./hello.ts";
import { FRAME_BYTES_MAX, KEEP_ALIVE_MS, QUEUE_FRAMES_MAX } from "./limits.ts";
import { Link } from "./link.ts";
import { createPipePair, type PipeEnd } from "./testing/pipe-pair.ts";
import { createVirtualTime, type VirtualTime } from "./testing/virtual-time.ts";

const TOKEN = new Uint8Array(TOKEN_BYTES).fill(5);

interface Bench {
  readonly link: Link;
  readonly time: VirtualTime;
  readonly pipe: PipeEnd;
  readonly far: PipeEnd;
  readonly frames: Uint8Array[];
  readonly closes: CutCode[];
  /** Writes at the far end and delivers it to the link. */
  feed(bytes: Uint8Array): void;
  /** The frames that the link wrote since the last call. */
  written(): Uint8Array[];
}

function createBench(greeted = true): Bench {
  const time = createVirtualTime();
  const [pipe, far] = createPipePair();
  const frames: Uint8Array[] = [];
  const closes: CutCode[] = [];
  const link = new Link(peerId("far"), pipe, time, {
    onHello: (it) => it.accept(),
    onFrame: (_, frame) => frames.push(frame),
    onClose: (_, code) => closes.push(code),
  });
  const decoder = new FrameDecoder();
  const got: Uint8Array[] = [];
  far.listen({ onData: (chunk) => got.push(...decoder.push(chunk)), onDrain: () => {}, onClose: () => {} });
  const feed = (bytes: Uint8Array): void => {
    far.write(bytes);
    pipe.deliver();
  };
  const written = (): Uint8Array[] => {
    while (far.deliver());
    return got.splice(0);
  };
  link.greet(TOKEN);
  if (greeted) {
    feed(encodeFrames([encodeHello(TOKEN)]));
    written();
  }
  return { link, time, pipe, far, frames, closes, feed, written };
}

/** Flushes are microtasks: one turn runs them. */
const turn = (): Promise<void> => Promise.resolve();

describe("link", () => {
  it("sends nothing before both have greeted", async () => {
    const { link, feed, frames } = createBench(false);
    expect(link.send(Uint8Array.of(1))).toBe("disconnected");
    feed(encodeFrames([encodeHello(TOKEN), Uint8Array.of(7)]));
    expect(link.send(Uint8Array.of(1))).toBe("queued");
    expect(frames).toEqual([Uint8Array.of(7)]);
  });

  it("writes the frames of one turn at once", async () => {
    const { link, far, written } = createBench();
    for (let i = 0; i < 10; i++) link.send(Uint8Array.of(i));
    expect(far.waiting).toBe(0);
    await turn();
    expect(far.waiting).toBe(1);
    expect(written()).toEqual(Array.from({ length: 10 }, (_, i) => Uint8Array.of(i)));
  });

  it("waits for a full pipe, answers full at the cap, and goes on when it drains", async () => {
    const { link, pipe, written } = createBench();
    pipe.full = true;
    link.send(Uint8Array.of(0));
    await turn();
    expect(written().length).toBe(1);
    for (let i = 0; i < QUEUE_FRAMES_MAX; i++) expect(link.send(Uint8Array.of(1))).toBe("queued");
    expect(link.send(Uint8Array.of(2))).toBe("full");
    await turn();
    expect(written().length).toBe(0);
    expect(link.counters).toMatchObject({ framesOut: 1, dropped: 1 });
    expect([link.queuedFrames, link.queuedBytes]).toEqual([QUEUE_FRAMES_MAX, QUEUE_FRAMES_MAX]);
    pipe.drain();
    expect(written().length).toBe(QUEUE_FRAMES_MAX);
    expect(link.queuedFrames).toBe(0);
  });

  it("cuts an oversize frame and a malformed greeting, once", () => {
    const oversize = createBench();
    oversize.feed(Uint8Array.of(1, 0, 16, 0));
    oversize.feed(Uint8Array.of(1, 0, 16, 0));
    expect(oversize.closes).toEqual(["FRAME_OVERSIZE"]);
    expect(oversize.pipe.destroyedWith).toBe("FRAME_OVERSIZE");
    const rude = createBench(false);
    rude.feed(encodeFrames([Uint8Array.of(1, 2, 3)]));
    expect(rude.closes).toEqual(["HELLO_MALFORMED"]);
  });

  it("takes an empty frame for a keep-alive, and no greeting for one", () => {
    const { feed, frames, closes, link } = createBench();
    feed(encodeFrames([new Uint8Array(0)]));
    expect([frames.length, closes.length, link.counters.framesIn]).toEqual([0, 0, 0]);
    const rude = createBench(false);
    rude.feed(encodeFrames([new Uint8Array(0)]));
    expect(rude.closes).toEqual(["HELLO_MALFORMED"]);
  });

  it("keeps an idle connection alive, and only an idle one", async () => {
    const { link, time, feed, written } = createBench();
    const alive = encodeFrames([new Uint8Array(0)]);
    time.advance(KEEP_ALIVE_MS);
    for (let i = 0; i < 10; i++) {
      feed(alive);
      time.advance(KEEP_ALIVE_MS);
    }
    expect(written()).toEqual(Array.from({ length: 10 }, () => new Uint8Array(0)));
    link.send(Uint8Array.of(1));
    await turn();
    feed(alive);
    time.advance(KEEP_ALIVE_MS);
    expect(written()).toEqual([Uint8Array.of(1)]);
  });

  it("cuts a peer that is silent for 45 s", () => {
    const { time, closes, feed } = createBench();
    feed(encodeFrames([Uint8Array.of(1)]));
    time.advance(KEEP_ALIVE_MS + 44_999);
    expect(closes).toEqual([]);
    time.advance(1);
    expect(closes).toEqual(["PEER_DEAD"]);
    expect(time.pending).toBe(0);
  });

  it("cuts a frame that trickles for a minute, and not one that flows", () => {
    const { time, closes, feed } = createBench();
    feed(Uint8Array.of(255, 0, 0, 0));
    time.advance(KEEP_ALIVE_MS);
    for (let i = 0; i < 4 && closes.length === 0; i++) {
      feed(Uint8Array.of(1));
      time.advance(KEEP_ALIVE_MS);
    }
    expect(closes).toEqual(["FRAME_TIMEOUT"]);
    const flowing = createBench();
    for (let i = 0; i < 12; i++) {
      flowing.feed(encodeFrames([Uint8Array.of(1)]));
      flowing.feed(Uint8Array.of(1));
      flowing.feed(Uint8Array.of(0, 0, 0, 9));
      flowing.feed(Uint8Array.of(1));
      flowing.time.advance(KEEP_ALIVE_MS);
      flowing.feed(Uint8Array.of(0, 0, 0, 9));
    }
    expect(flowing.closes).toEqual([]);
  });

  it("cuts a peer that reads nothing for a minute", async () => {
    const { link, time, pipe, closes, feed } = createBench();
    pipe.full = true;
    link.send(Uint8Array.of(1));
    await turn();
    for (let i = 0; i < 4; i++) {
      expect(closes).toEqual([]);
      feed(encodeFrames([new Uint8Array(0)]));
      time.advance(KEEP_ALIVE_MS);
    }
    expect(closes).toEqual(["PEER_STALLED"]);
  });

  it("says nothing more once it is closed, and leaves no timer", async () => {
    const { link, time, far, pipe, frames, closes } = createBench();
    far.write(encodeFrames([Uint8Array.of(1)]));
    link.send(Uint8Array.of(1));
    link.cut("PEER_REFUSED", "why");
    pipe.deliver();
    await turn();
    time.advance(10 * KEEP_ALIVE_MS);
    expect([frames.length, closes, time.pending]).toEqual([0, ["PEER_REFUSED"], 0]);
    expect(link.send(Uint8Array.of(1))).toBe("disconnected");
  });

  it("refuses its own layer's mistakes loudly", () => {
    const { link } = createBench();
    expect(() => link.send(new Uint8Array(0))).toThrow();
    expect(() => link.send(new Uint8Array(FRAME_BYTES_MAX + 1))).toThrow();
  });
});
