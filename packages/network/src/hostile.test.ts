import { createPrng } from "@dunlin/core/base";
import type { Stream } from "@libp2p/interface";
import { afterEach, describe, expect, it } from "vitest";
import { encodeFrames } from "./frame.ts";
import { encodeHello, TOKEN_BYTES } from "./hello.ts";
import { FRAME_BYTES_MAX, QUEUE_BYTES_MAX } from "./limits.ts";
import { PROTOCOL } from "./network.ts";
import { openTestNode, type TestNode } from "./testing/index.ts";
import { openRawPeer, type RawPeer, untilClosed } from "./testing/raw-peer.ts";

const HELLO = encodeFrames([encodeHello(new Uint8Array(TOKEN_BYTES))]);
const opened: AsyncDisposable[] = [];

async function openBoth(): Promise<readonly [TestNode, RawPeer]> {
  const node = await openTestNode({ number: 1 });
  const raw = await openRawPeer(2);
  opened.push(node, raw);
  return [node, raw];
}

/** Sends a greeting of its own: whoever decides, this is what the node waits for. */
async function greet(node: TestNode, raw: RawPeer): Promise<Stream> {
  const stream = await raw.connect(node.address);
  stream.send(HELLO);
  await node.until(() => node.count("connect") > node.count("disconnect"), "the node has a session");
  return stream;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it[Symbol.asyncDispose]()));
});

describe("a node", () => {
  it("cuts a peer that announces an oversize frame, after the frames before it", async () => {
    const [node, raw] = await openBoth();
    const stream = await greet(node, raw);
    stream.send(Uint8Array.of(...encodeFrames([Uint8Array.of(5)]), 1, 0, 16, 0));
    await untilClosed(stream);
    expect(node.frames()).toEqual([Uint8Array.of(5)]);
    expect([node.count("connect"), node.count("disconnect")]).toEqual([1, 1]);
    expect(node.network.stats().cuts).toEqual({ FRAME_OVERSIZE: 1 });
  });

  it("cuts a peer that does not greet properly, and tells nobody", async () => {
    const [node, raw] = await openBoth();
    const stream = await raw.connect(node.address);
    stream.send(encodeFrames([Uint8Array.of(1, 2, 3)]));
    await untilClosed(stream);
    expect(node.events).toEqual([]);
    expect(node.network.stats().cuts).toEqual({ HELLO_MALFORMED: 1 });
  });

  it("leaves a peer that does not speak the protocol, and says so to who dialled it", async () => {
    const [node, raw] = await openBoth();
    const address = raw.node.getMultiaddrs()[0]?.toString() ?? "";
    expect(await node.network.dial(address)).toMatchObject({ ok: false, error: { code: "DIAL_NO_SESSION" } });
    expect(node.network.stats()).toMatchObject({ connections: 0, cuts: { PROTOCOL_UNSUPPORTED: 1 } });
    expect(node.events).toEqual([]);
  });

  it("takes one stream per connection", async () => {
    const [node, raw] = await openBoth();
    const stream = await greet(node, raw);
    const [connection] = raw.node.getConnections();
    const second = await connection?.newStream(PROTOCOL);
    if (second !== undefined) await untilClosed(second);
    expect([stream.status, node.count("disconnect")]).toEqual(["open", 0]);
  });

  it("survives mutated streams, and serves an honest peer after them", async () => {
    const [node, raw] = await openBoth();
    const prng = createPrng(11);
    for (let run = 0; run < 12; run++) {
      const bytes = encodeFrames([encodeHello(new Uint8Array(TOKEN_BYTES)), prng.bytes(30), prng.bytes(30)]);
      for (let flips = 0; flips < 3; flips++) bytes[prng.below(bytes.length)] = prng.u32() & 255;
      const stream = await raw.connect(node.address);
      stream.send(bytes);
      await stream.close().catch(() => {});
      await untilClosed(stream);
    }
    await node.until(() => node.network.stats().connections === 0, "all are closed");
    const stream = await greet(node, raw);
    const before = node.frames().length;
    stream.send(encodeFrames([Uint8Array.of(1)]));
    await node.until(() => node.frames().length === before + 1, "the honest frame");
  });

  it("bounds what waits for a peer that does not read, and delivers it when it does", async () => {
    const [node, raw] = await openBoth();
    const stream = await greet(node, raw);
    let received = 0;
    stream.addEventListener("message", ({ data }) => {
      received += data.byteLength;
    });
    stream.pause();
    const peer = node.network.peers()[0];
    expect(peer).toBeDefined();
    if (peer === undefined) return;
    const frame = new Uint8Array(FRAME_BYTES_MAX / 4);
    let queued = 0;
    for (let turns = 0; turns < 40; turns++) {
      if (node.network.send(peer, frame) === "queued") queued++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(node.network.send(peer, frame)).toBe("full");
    const stats = node.network.stats().peers[0];
    expect(stats?.dropped).toBe(41 - queued);
    expect(stats?.queuedBytes).toBeLessThanOrEqual(QUEUE_BYTES_MAX);
    expect(stats?.framesOut).toBeLessThan(10);
    const all = new Promise<void>((resolve) => {
      const total = queued * (frame.length + 4);
      stream.addEventListener("message", () => {
        if (received >= total) resolve();
      });
    });
    stream.resume();
    await all;
    expect(node.network.stats().peers[0]).toMatchObject({ queuedBytes: 0, framesOut: queued });
  });
});
