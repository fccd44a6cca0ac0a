import { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { corkWrites } from "./platform/corked-noise.ts";
import { saveWindowUpdates } from "./platform/thrifty-yamux.ts";
import { openTestNode, type TestNode } from "./testing/index.ts";

const opened: TestNode[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((node) => node[Symbol.asyncDispose]()));
});

async function openPair(): Promise<readonly [TestNode, TestNode]> {
  const [a, b] = await Promise.all([openTestNode({ number: 1 }), openTestNode({ number: 2 })]);
  opened.push(a, b);
  await a.network.dial(b.address);
  await b.until(() => b.count("connect") === 1, "b is connected");
  return [a, b];
}

/** Counts the writes that reach the sockets of this process, in both directions. */
function countWrites(): () => number {
  const one = vi.spyOn(Socket.prototype, "_write");
  const many = vi.spyOn(Socket.prototype as Required<Socket>, "_writev");
  return () => one.mock.calls.length + many.mock.calls.length;
}

describe("writes to the socket", () => {
  it("are one per frame when frames come one by one, both directions together", async () => {
    const [a, b] = await openPair();
    const frame = new Uint8Array(1024);
    const exchange = async (count: number): Promise<void> => {
      const before = b.frames().length;
      for (let i = 1; i <= count; i++) {
        a.network.send(b.network.self, frame);
        await b.until(() => b.frames().length === before + i, "the frame");
      }
    };
    await exchange(20);
    const writes = countWrites();
    await exchange(100);
    expect(writes()).toBeGreaterThanOrEqual(100);
    expect(writes()).toBeLessThanOrEqual(105);
  });

  it("are few when many frames are sent in one turn", async () => {
    const [a, b] = await openPair();
    const writes = countWrites();
    for (let i = 0; i < 500; i++) a.network.send(b.network.self, new Uint8Array(100));
    await b.until(() => b.frames().length === 500, "the frames");
    expect(writes()).toBeLessThanOrEqual(5);
  });

  it("go on beyond the window of a stream, in both directions", async () => {
    const [a, b] = await openPair();
    for (let round = 0; round < 4; round++) {
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        const before = to.frames().length;
        for (let i = 0; i < 4; i++) expect(from.network.send(to.network.self, new Uint8Array(700_000))).toBe("queued");
        await to.until(() => to.frames().length === before + 4, "the frames");
      }
    }
  });

  it("stay as they are on connections and muxers of another make", () => {
    expect(corkWrites({ socket: {}, sendData: () => {} })).toBe(false);
    expect(corkWrites({})).toBe(false);
    expect(saveWindowUpdates({})).toBe(false);
    const muxer = { _newStream: () => ({ sendWindowUpdate: "no function" }) };
    expect(saveWindowUpdates(muxer)).toBe(true);
    expect(muxer._newStream()).toEqual({ sendWindowUpdate: "no function" });
  });
});
