import { describe, expect, it } from "vitest";
import { type PeerId, utf8 } from "../base/index.ts";
import { systemMonotonicClock, systemScheduler } from "../platform/index.ts";
import { broadcastChannel } from "./broadcast-channel.ts";
import type { Connector, ConnectorPorts } from "./connector.ts";
import { LINK_QUEUE_BYTES_MAX } from "./limits.ts";
import { memoryPair } from "./memory-pair.ts";
import { fixedRandom, type WatchedEnd, watchEnd } from "./testing.ts";

const ROOM = new Uint8Array(32).fill(8);
let seed = 1;
const ports = (): ConnectorPorts => ({
  clock: systemMonotonicClock,
  scheduler: systemScheduler,
  random: fixedRandom(seed++),
});

let channels = 0;
const kinds: readonly [string, () => readonly [Connector, Connector]][] = [
  ["a memory pair", memoryPair],
  [
    "a broadcast channel",
    () => {
      const name = `test-${process.pid}-${channels++}`;
      return [broadcastChannel({ name }), broadcastChannel({ name })];
    },
  ],
];

const isMet = ({ peers }: WatchedEnd): boolean => peers.length === 1;

describe.each(kinds)("%s", (_name, connect) => {
  async function open(): Promise<{ a: WatchedEnd; b: WatchedEnd } & Disposable> {
    const [left, right] = connect();
    const a = watchEnd(left, ROOM, ports());
    const b = watchEnd(right, ROOM, ports());
    await Promise.all([a.until(isMet), b.until(isMet)]);
    return {
      a,
      b,
      [Symbol.dispose]: () => {
        a.transport[Symbol.dispose]();
        b.transport[Symbol.dispose]();
      },
    };
  }

  it("brings two together and carries frames both ways, in order", async () => {
    using ends = await open();
    const { a, b } = ends;
    expect(a.peers).toEqual([b.transport.self]);
    for (const text of ["one", "two", "three"]) {
      expect(a.transport.send(b.transport.self, utf8(text))).toBe("queued");
      expect(b.transport.send(a.transport.self, utf8(text))).toBe("queued");
    }
    const whole = ["connect", "one", "two", "three"];
    await Promise.all([a, b].map((end) => end.until(({ log }) => log.length === 4)));
    expect(a.log).toEqual(whole);
    expect(b.log).toEqual(whole);
  });

  it("says when the other is gone, and that it cannot be sent to", async () => {
    using ends = await open();
    const { a, b } = ends;
    b.transport[Symbol.dispose]();
    await a.until(({ log }) => log.includes("disconnect"));
    expect(a.transport.send(b.transport.self, utf8("late"))).toBe("disconnected");
    expect(a.transport.peers()).toEqual([]);
  });

  it("parts both sides when one disconnects", async () => {
    using ends = await open();
    const { a, b } = ends;
    a.transport.disconnect(b.transport.self, "test");
    await Promise.all([a, b].map((end) => end.until(({ log }) => log.includes("disconnect"))));
    expect(b.transport.peers()).toEqual([]);
  });

  it("answers full when the other is slow, and goes on when it has caught up", async () => {
    using ends = await open();
    const { a, b } = ends;
    const frame = new Uint8Array(LINK_QUEUE_BYTES_MAX / 8);
    let sent = 0;
    while (a.transport.send(b.transport.self, frame) === "queued") sent++;
    expect(sent).toBe(8);
    await b.until(({ log }) => log.length === 1 + sent);
    // What the other has handled it may still have to say.
    while (a.transport.send(b.transport.self, utf8("again")) === "full")
      await new Promise((done) => setImmediate(done));
    await b.until(({ log }) => log.at(-1) === "again");
  });

  it("sends nothing to who is not there", async () => {
    using ends = await open();
    const { a } = ends;
    expect(a.transport.send("nobody" as PeerId, utf8("?"))).toBe("disconnected");
  });
});

describe("rooms", () => {
  it("do not meet", async () => {
    const [left, right] = memoryPair();
    using a = watchEnd(left, ROOM, ports()).transport;
    using b = watchEnd(right, new Uint8Array(32).fill(9), ports()).transport;
    await new Promise((done) => setImmediate(done));
    expect([a.peers(), b.peers()]).toEqual([[], []]);
  });
});
