import { type PeerId, peerId } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { Reconnector } from "./reconnector.ts";
import { createVirtualTime, type VirtualTime } from "./testing/virtual-time.ts";

interface Bench {
  readonly reconnector: Reconnector;
  readonly time: VirtualTime;
  /** Every dial so far: when, whom, and whether it was told to stop. */
  readonly dials: { readonly at: number; readonly peer: PeerId; readonly signal: AbortSignal }[];
  readonly connected: Set<PeerId>;
  /** Ends the oldest running dial. */
  endDial(): Promise<void>;
}

/** `byte` is what the random port gives: 0 for the shortest waits, 255 for the longest. */
function createBench(byte = 0): Bench {
  const time = createVirtualTime();
  const dials: Bench["dials"] = [];
  const connected = new Set<PeerId>();
  const running: (() => void)[] = [];
  const reconnector = new Reconnector({
    scheduler: time,
    random: { bytes: (length) => new Uint8Array(length).fill(byte) },
    isConnected: (peer) => connected.has(peer),
    dial: (peer, _, signal) => {
      dials.push({ at: time.now, peer, signal });
      return new Promise((resolve) => running.push(resolve));
    },
  });
  const endDial = async (): Promise<void> => {
    running.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { reconnector, time, dials, connected, endDial };
}

function peersNamed(...names: readonly string[]): ReadonlyMap<PeerId, readonly string[]> {
  return new Map(names.map((name) => [peerId(name), [`/dns4/${name}/tcp/1`]]));
}

describe("reconnector", () => {
  it("staggers dials, and runs four at once", async () => {
    const { reconnector, time, dials, endDial } = createBench();
    reconnector.keep(peersNamed("a", "b", "c", "d", "e", "f"));
    time.advance(1000);
    expect(dials.map(({ at }) => at)).toEqual([0, 25, 50, 75]);
    expect(reconnector.dialling).toBe(4);
    await endDial();
    expect(dials.map(({ peer }) => peer)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("waits twice as long after each failure, up to the limit", async () => {
    for (const [byte, factor] of [
      [0, 0.5],
      [255, 1],
    ] as const) {
      const { reconnector, time, dials, endDial } = createBench(byte);
      reconnector.keep(peersNamed("a"));
      const waits: number[] = [];
      for (let i = 0; i < 8; i++) {
        const ended = time.now;
        await endDial();
        const before = dials.length;
        while (dials.length === before) time.advance(10);
        waits.push((dials.at(-1)?.at ?? 0) - ended);
      }
      const expected = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000].map((wait) => wait * factor);
      for (const [i, wait] of waits.entries()) expect(Math.abs(wait - (expected[i] as number))).toBeLessThan(10);
      expect(dials.at(-1)?.peer).toBe("a");
    }
  });

  it("starts from the shortest wait after a stable connection, and not after a short one", async () => {
    const { reconnector, time, dials, endDial } = createBench();
    const a = peerId("a");
    reconnector.keep(peersNamed("a"));
    reconnector.connected(a);
    await endDial();
    for (const [livedMs, wait] of [
      [100, 500],
      [100, 1000],
      [100, 2000],
      [30_000, 500],
    ] as const) {
      time.advance(livedMs);
      reconnector.disconnected(a);
      const dialled = dials.length;
      time.advance(wait - 1);
      expect(dials.length).toBe(dialled);
      time.advance(1);
      expect(dials.length).toBe(dialled + 1);
      reconnector.connected(a);
      await endDial();
    }
  });

  it("does not dial who is connected, nor who dialled us meanwhile", async () => {
    const { reconnector, time, dials, connected, endDial } = createBench();
    connected.add(peerId("a"));
    reconnector.keep(peersNamed("a", "b"));
    expect(dials.map(({ peer }) => peer)).toEqual(["b"]);
    await endDial();
    reconnector.connected(peerId("b"));
    time.advance(100_000);
    expect(dials.length).toBe(1);
  });

  it("forgets who is removed: no dial, no timer, a running dial is stopped", async () => {
    const { reconnector, time, dials, endDial } = createBench();
    reconnector.keep(peersNamed("a", "b"));
    time.advance(25);
    await endDial();
    reconnector.keep(peersNamed());
    expect(dials.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    await endDial();
    time.advance(100_000);
    expect([dials.length, reconnector.dialling, time.pending]).toEqual([2, 0, 0]);
  });

  it("stops", async () => {
    const { reconnector, time, endDial } = createBench();
    reconnector.keep(peersNamed("a", "b", "c"));
    reconnector.stop();
    await endDial();
    expect(time.pending).toBe(0);
  });
});
