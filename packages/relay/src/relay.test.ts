import { connect } from "node:net";
import { type PeerId, utf8 } from "@dunlin/core/base";
import { systemMonotonicClock, systemRandom, systemScheduler } from "@dunlin/core/platform";
import { LINK_FRAME_BYTES_MAX, webSocket } from "@dunlin/core/transport";
import { type WatchedEnd, watchEnd } from "@dunlin/core/transport/testing";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { openRelay, type Relay } from "./relay.ts";

const ROOM = new Uint8Array(32).fill(8);
const ports = { clock: systemMonotonicClock, scheduler: systemScheduler, random: systemRandom };
const joined = (count: number) => (end: WatchedEnd) => end.peers.length === count;

function join(relay: { readonly url: string }, room = ROOM, token?: string): WatchedEnd & Disposable {
  const end = watchEnd(webSocket(relay.url, { WebSocket, ...(token ? { token } : {}) }), room, ports);
  return { ...end, [Symbol.dispose]: () => end.transport[Symbol.dispose]() };
}

describe("a relay", () => {
  it("brings the peers of a room together and carries what they say", async () => {
    await using relay = await openRelay();
    using a = join(relay);
    await a.until(({ statuses }) => statuses.includes("connected"));
    using b = join(relay);
    using c = join(relay);
    await Promise.all([a, b, c].map((end) => end.until(joined(2))));
    expect(a.transport.send(b.transport.self, utf8("to b"))).toBe("queued");
    expect(c.transport.send(b.transport.self, utf8("from c"))).toBe("queued");
    await b.until(({ log }) => log.length === 4);
    expect(b.log.slice(2).sort()).toEqual(["from c", "to b"]);
    expect(a.log).toEqual(["connect", "connect"]);
    expect(relay.counts).toMatchObject({ connections: 3, rooms: 1, joined: 3, framesCarried: 2 });
    b.transport[Symbol.dispose]();
    await Promise.all([a, c].map((end) => end.until(joined(1))));
  });

  it("keeps rooms apart and forgets the empty ones", async () => {
    await using relay = await openRelay();
    const a = join(relay);
    const b = join(relay, new Uint8Array(32).fill(9));
    await Promise.all([a, b].map((end) => end.until(({ statuses }) => statuses.includes("connected"))));
    expect([a.peers, b.peers]).toEqual([[], []]);
    expect(relay.counts.rooms).toBe(2);
    a.transport[Symbol.dispose]();
    b.transport[Symbol.dispose]();
    await expect.poll(() => relay.counts.rooms).toBe(0);
  });

  it("carries the largest frame, and the client refuses a larger one", async () => {
    await using relay = await openRelay();
    using a = join(relay);
    using b = join(relay);
    await Promise.all([a, b].map((end) => end.until(joined(1))));
    expect(a.transport.send(b.transport.self, new Uint8Array(LINK_FRAME_BYTES_MAX + 1))).toBe("full");
    expect(a.transport.send(b.transport.self, new Uint8Array(LINK_FRAME_BYTES_MAX))).toBe("queued");
    await b.until(({ log }) => log.at(-1) === `${LINK_FRAME_BYTES_MAX} bytes`);
  });

  it("asks for its token", async () => {
    await using relay = await openRelay({ token: "right" });
    using wrong = join(relay, ROOM, "wrong");
    await wrong.until(({ statuses }) => statuses.includes("refused"));
    expect(wrong.transport.status).toMatchObject({ kind: "refused", reason: "the relay asks for another token" });
    using right = join(relay, ROOM, "right");
    await right.until(({ statuses }) => statuses.includes("connected"));
  });

  it("is found again after it was away", async () => {
    const first = await openRelay();
    const { url } = first;
    using a = join({ url });
    using b = join({ url });
    await Promise.all([a, b].map((end) => end.until(joined(1))));
    const before = a.transport.self;
    await first[Symbol.asyncDispose]();
    await Promise.all([a, b].map((end) => end.until(({ statuses }) => statuses.includes("waiting"))));
    await using _again: Relay = await openRelay({ port: Number(new URL(url).port) });
    await Promise.all([a, b].map((end) => end.until(joined(1))));
    expect(a.transport.self).not.toBe(before);
    expect(a.transport.send(a.peers[0] as PeerId, utf8("hello again"))).toBe("queued");
    await b.until(({ log }) => log.includes("hello again"));
  });

  it("tells the other when one has done with it", async () => {
    await using relay = await openRelay();
    using a = join(relay);
    using b = join(relay);
    await Promise.all([a, b].map((end) => end.until(joined(1))));
    a.transport.disconnect(b.transport.self, "test");
    await b.until(joined(0));
    expect(relay.counts.connections).toBe(2);
  });

  it.each([
    ["text", "hello"],
    ["bytes that are no message", Uint8Array.of(99)],
    ["a frame before the join", Uint8Array.of(5, ...new Uint8Array(32))],
  ])("ends a connection that sends %s", async (_name, data) => {
    await using relay = await openRelay();
    const socket = new WebSocket(relay.url);
    const code = await new Promise((resolve) => {
      socket.on("open", () => socket.send(data));
      socket.on("close", resolve);
    });
    expect(code).toBe(4000);
    await expect.poll(() => relay.counts.connections).toBe(0);
  });

  it("answers plain HTTP with its health, and nothing else", async () => {
    await using relay = await openRelay();
    const base = relay.url.replace("ws:", "http:");
    const health = await fetch(`${base}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    expect((await fetch(`${base}/other`)).status).toBe(404);
    const raw = connect(Number(new URL(relay.url).port), "127.0.0.1");
    raw.end("nonsense\r\n\r\n");
    await new Promise((resolve) => raw.on("close", resolve).resume());
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });
});
