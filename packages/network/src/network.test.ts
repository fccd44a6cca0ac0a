import { afterEach, describe, expect, it } from "vitest";
import { FRAME_BYTES_MAX } from "./limits.ts";
import { openTestNode, type TestNode, type TestNodeOptions } from "./testing/index.ts";

const opened: TestNode[] = [];

async function open(options: TestNodeOptions): Promise<TestNode> {
  const node = await openTestNode(options);
  opened.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((node) => node[Symbol.asyncDispose]()));
});

async function openPair(): Promise<readonly [TestNode, TestNode]> {
  const [a, b] = await Promise.all([open({ number: 1 }), open({ number: 2 })]);
  expect(await a.network.dial(b.address)).toEqual({ ok: true, value: b.network.self });
  await b.until(() => b.count("connect") === 1, "b is connected");
  return [a, b];
}

describe("network", () => {
  it("carries frames both ways in order", async () => {
    const [a, b] = await openPair();
    for (let i = 0; i < 300; i++) {
      expect(a.network.send(b.network.self, Uint8Array.of(1, i & 255, i >> 8))).toBe("queued");
      expect(b.network.send(a.network.self, Uint8Array.of(2, i & 255, i >> 8))).toBe("queued");
    }
    await a.until(() => a.frames().length === 300, "a has all frames");
    await b.until(() => b.frames().length === 300, "b has all frames");
    expect(b.frames()).toEqual(Array.from({ length: 300 }, (_, i) => Uint8Array.of(1, i & 255, i >> 8)));
    expect(a.frames()).toEqual(Array.from({ length: 300 }, (_, i) => Uint8Array.of(2, i & 255, i >> 8)));
    expect(a.network.peers()).toEqual([b.network.self]);
    expect(b.network.peers()).toEqual([a.network.self]);
  });

  it("carries the largest frames, and counts frames and bytes", async () => {
    const [a, b] = await openPair();
    const frame = Uint8Array.from({ length: FRAME_BYTES_MAX }, (_, i) => (i * 31) & 255);
    for (let i = 0; i < 3; i++) expect(a.network.send(b.network.self, frame)).toBe("queued");
    await b.until(() => b.frames().length === 3, "b has the frames");
    for (const got of b.frames()) expect(Buffer.compare(got, frame)).toBe(0);
    expect(a.network.stats().peers[0]).toMatchObject({ framesOut: 3, bytesOut: 3 * FRAME_BYTES_MAX, dropped: 0 });
    expect(b.network.stats().totals).toMatchObject({ framesIn: 3, bytesIn: 3 * FRAME_BYTES_MAX, framesOut: 0 });
  });

  it("keeps one connection when both dial at the same moment", async () => {
    const [a, b] = await Promise.all([open({ number: 1 }), open({ number: 2 })]);
    const [ab, ba] = await Promise.all([a.network.dial(b.address), b.network.dial(a.address)]);
    expect(ab).toEqual({ ok: true, value: b.network.self });
    expect(ba).toEqual({ ok: true, value: a.network.self });
    a.network.send(b.network.self, Uint8Array.of(1));
    b.network.send(a.network.self, Uint8Array.of(2));
    await a.until(() => a.frames().length === 1, "a has the frame");
    await b.until(() => b.frames().length === 1, "b has the frame");
    expect([a.count("connect"), b.count("connect")]).toEqual([1, 1]);
    expect([a.count("disconnect"), b.count("disconnect")]).toEqual([0, 0]);
  });

  it("tells both sides when one closes, once", async () => {
    const [a, b] = await openPair();
    a.network.disconnect(b.network.self, "test");
    await b.until(() => b.count("disconnect") === 1, "b is told");
    expect(a.count("disconnect")).toBe(1);
    expect(a.network.send(b.network.self, Uint8Array.of(1))).toBe("disconnected");
    expect(a.network.stats().cuts).toEqual({ PEER_REFUSED: 1 });
    expect(b.network.stats().cuts).toEqual({ PEER_CLOSED: 1 });
  });

  it("delivers what was sent just before it closes", async () => {
    const [a, b] = await openPair();
    a.network.send(b.network.self, Uint8Array.of(9));
    await a[Symbol.asyncDispose]();
    await b.until(() => b.count("disconnect") === 1, "b is told");
    expect(b.frames()).toEqual([Uint8Array.of(9)]);
    expect(a.count("disconnect")).toBe(1);
    expect(await a.network.dial(b.address)).toMatchObject({ ok: false, error: { code: "NETWORK_CLOSED" } });
  });

  it("dials a kept peer again when it comes back with the same key", async () => {
    const a = await open({ number: 1 });
    const first = await open({ number: 2 });
    expect(a.network.keepConnected([first.address])).toEqual({ ok: true, value: undefined });
    await a.until(() => a.count("connect") === 1, "a is connected");
    await first[Symbol.asyncDispose]();
    await a.until(() => a.count("disconnect") === 1, "a is told");
    const listen = [first.address.replace(/\/p2p\/.*/, "")];
    const second = await open({ number: 2, listen });
    expect(second.network.self).toBe(first.network.self);
    await second.until(() => second.count("connect") === 1, "a has come back");
    await a.until(() => a.count("connect") === 2, "a is connected again");
  });

  it("connects three nodes that all keep each other, one connection per pair", async () => {
    const nodes = await Promise.all([1, 2, 3].map((number) => open({ number })));
    for (const node of nodes) {
      const others = nodes.filter((other) => other !== node).map((other) => other.address);
      expect(node.network.keepConnected(others).ok).toBe(true);
    }
    for (const node of nodes) await node.until(() => node.network.peers().length === 2, "connected to both");
    for (const node of nodes) expect(node.count("disconnect")).toBe(0);
  });

  it("refuses dials with a code", async () => {
    const a = await open({ number: 1 });
    const b = await open({ number: 2 });
    const self = a.network.self;
    const code = async (...addresses: string[]): Promise<string | undefined> => {
      const result = await a.network.dial(addresses);
      return result.ok ? undefined : result.error.code;
    };
    expect(await code("nonsense")).toBe("ADDRESS_INVALID");
    expect(await code()).toBe("ADDRESS_INVALID");
    expect(await code(a.address)).toBe("ADDRESS_SELF");
    expect(await code(a.address, b.address)).toBe("ADDRESS_PEERS_DIFFER");
    expect(await code(b.address.replace(b.network.self, self))).toBe("ADDRESS_SELF");
    expect(await code(`/ip4/127.0.0.1/tcp/1/p2p/${b.network.self}`)).toBe("DIAL_FAILED");
    expect(await a.network.dial(b.address, { signal: AbortSignal.abort() })).toMatchObject({
      error: { code: "DIAL_ABORTED" },
    });
    expect(a.network.keepConnected(["/ip4/127.0.0.1/tcp/1"])).toMatchObject({
      error: { code: "ADDRESS_WITHOUT_PEER" },
    });
  });

  it("refuses a peer whose key is not the one that was dialled", async () => {
    const [a, b, c] = await Promise.all([1, 2, 3].map((number) => open({ number })));
    const forged = b?.address.replace(b.network.self, c?.network.self ?? "") ?? "";
    expect(await a?.network.dial(forged)).toMatchObject({ ok: false, error: { code: "DIAL_FAILED" } });
    expect(a?.network.peers()).toEqual([]);
  });

  it("refuses connections above its limit", async () => {
    const a = await open({ number: 1, connectionsMax: 1 });
    const [b, c] = await Promise.all([open({ number: 2 }), open({ number: 3 })]);
    expect((await b.network.dial(a.address)).ok).toBe(true);
    expect((await c.network.dial(a.address)).ok).toBe(false);
    expect(await a.network.dial(c.address)).toMatchObject({ error: { code: "CONNECTIONS_TOO_MANY" } });
    expect(a.network.peers()).toEqual([b.network.self]);
  });

  it("says so when it cannot listen", async () => {
    const a = await open({ number: 1 });
    const listen = [a.address.replace(/\/p2p\/.*/, "")];
    await expect(openTestNode({ number: 2, listen })).rejects.toMatchObject({ code: "LISTEN_FAILED" });
    await expect(openTestNode({ number: 2, listen: ["tcp:1"] })).rejects.toMatchObject({ code: "LISTEN_INVALID" });
  });
});
