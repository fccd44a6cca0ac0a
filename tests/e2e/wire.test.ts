/** What comes over the wire from peers that break the rules: it is refused, counted, cut; honest nodes go on. */
import {
  applicationId,
  contextId as asContextId,
  type ContextId,
  must,
  type PeerId,
  peerId,
  textToId,
} from "@dunlin/core/base";
import { SIGNATURE_BYTES } from "@dunlin/core/dag";
import { createGenesis } from "@dunlin/core/replica";
import { encodeFrame } from "@dunlin/core/sync";
import { openRawPeer, openTestNode, untilClosed } from "@dunlin/network/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, converged, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";
import { crypto, joinAsRogue, openRogue, unwrap } from "./support/rogue.ts";
import { until } from "./support/until.ts";

describe("a node among peers that break the rules", () => {
  let cluster: Cluster;
  let a: NodeProcess;
  let b: NodeProcess;
  let contextId: string;
  let context: ContextId;
  let address: string;
  let self: PeerId;

  const counter = async (name: string): Promise<number> => (await a.status()).counters[name] ?? 0;
  const counted = (name: string) => until(`${name} is counted`, async () => (await counter(name)) > 0);

  beforeAll(async () => {
    cluster = openCluster();
    [a, b] = await Promise.all([cluster.start("a"), cluster.start("b", { sync: { heartbeatMs: 5000 } })]);
    contextId = await shareContext(await install(a, b), a, b);
    context = asContextId(must(textToId(contextId), "an id"));
    const status = await a.status();
    address = must(status.addresses[0], "it listens");
    self = peerId(status.peerId);
    await a.call(contextId, "put", { key: "secret", value: "of members" });
    await converged(contextId, [a, b]);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it("cuts a peer that announces a frame above the limit", async () => {
    await using peer = await openRawPeer(11);
    const stream = await peer.connect(address);
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await untilClosed(stream);
    await counted("network.cut_FRAME_OVERSIZE");
  });

  it("cuts a peer that greets with nonsense", async () => {
    await using peer = await openRawPeer(12);
    const stream = await peer.connect(address);
    stream.send(Uint8Array.of(3, 0, 0, 0, 1, 2, 3));
    await untilClosed(stream);
    await counted("network.cut_HELLO_MALFORMED");
  });

  it.each([
    ["an unknown kind", Uint8Array.of(99)],
    ["a frame cut short", encodeFrame({ kind: "hello", version: 1, nonce: new Uint8Array(32) }).subarray(0, 9)],
    ["a session frame before the greeting", encodeFrame({ kind: "offer", tags: [] })],
  ])("cuts a peer that sends %s", async (_, frame) => {
    const before = await counter("sync.cut_FRAME_MALFORMED");
    await using stranger = await openTestNode({ number: 13 });
    await stranger.network.dial(address);
    stranger.network.send(self, frame);
    await stranger.until(() => stranger.count("disconnect") === 1, "it is cut");
    expect(await counter("sync.cut_FRAME_MALFORMED")).toBe(before + 1);
  });

  it("tells a stranger nothing but how many contexts it offers", async () => {
    const other = asContextId(new Uint8Array(32).fill(1));
    await using stranger = await openRogue({ number: 14, context: other });
    await stranger.node.network.dial(address);
    await stranger.node.until(() => stranger.received().some(({ kind }) => kind === "offer"), "it is offered");
    stranger.engine.tick();
    expect(new Set(stranger.received().map(({ kind }) => kind))).toEqual(new Set(["hello", "offer"]));
    const sent = Buffer.concat(stranger.node.frames());
    const { members } = await a.context(contextId);
    const secrets = [contextId, ...members.map((member) => member.publicKey)];
    for (const secret of secrets) expect(sent.indexOf(must(textToId(secret), "an id")), secret).toBe(-1);
  });

  it("gives a non-member who knows the context's id no state and no delta", async () => {
    await using stranger = await openRogue({ number: 15, context });
    await stranger.node.network.dial(address);
    await stranger.node.until(() => stranger.received().some(({ kind }) => kind === "prove"), "the tags match");
    stranger.node.network.send(
      self,
      encodeFrame({ kind: "pull", channel: 0, wanted: [], vector: new Map(), pages: 1 }),
    );
    await counted("sync.frames_unopened");
    const { syncs } = must((await a.status()).contexts[0], "the context");
    expect(syncs.find((sync) => sync.peerId === stranger.node.network.self)?.state).toBe("not a member");
    await a.call(contextId, "add", { by: 1 });
    await converged(contextId, [a, b]);
    const kinds = new Set(stranger.received().map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["hello", "offer", "prove"]);
    expect(stranger.replica.flushed.count).toBe(0);
  });

  it("cuts a member that sends deltas which are wrongly signed, of another context, or no deltas", async () => {
    await using rogue = await joinAsRogue(a, contextId);
    const foreign = createGenesis(
      { crypto, random: { bytes: (count) => new Uint8Array(count).fill(5) } },
      rogue.signer,
      applicationId(new Uint8Array(32)),
      Date.now(),
    ).bytes;
    unwrap(
      await rogue.replica.call((transaction) => {
        transaction.field("counter", "hits").add(100);
        return { ok: true, value: null, events: [] };
      }),
    );
    // Its own engine pushes the honest delta, or is asked for it; what follows is not honest.
    await until("the honest delta has arrived", async () => {
      rogue.engine.tick();
      return (await a.call(contextId, "value")) === 101;
    });
    const page = rogue.replica.missingFrom(new Map(), 1 << 20);
    const forged = must(page.deltas.at(-1), "the delta just written").slice();
    // The last byte of the payload: another delta, under the signature of the first.
    const at = forged.length - SIGNATURE_BYTES - 1;
    forged[at] = (forged[at] ?? 0) ^ 1;
    const nonsense = new Uint8Array(100).fill(7);
    for (let i = 0; i < 6; i++) {
      const deltas = [forged, foreign, nonsense];
      rogue.node.network.send(
        self,
        encodeFrame({ kind: "deltas", channel: 0, answer: false, more: false, last: true, deltas }),
      );
    }
    await rogue.node.until(() => rogue.node.count("disconnect") === 1, "it is cut");
    expect(await counter("sync.cut_TOO_MANY_REFUSED")).toBe(1);
    expect((await a.status()).counters).toMatchObject({ "sync.refused_DELTA_UNPROVEN": expect.any(Number) });
    await converged(contextId, [a, b]);
    expect(await b.call(contextId, "value")).toBe(101);
  });

  it("tells of the time that each phase takes", async () => {
    const metrics =
      await a.get<readonly { name: string; series: readonly Record<string, number>[] }[]>("/admin-api/metrics");
    const countOf = (name: string) => {
      const series = metrics.find((metric) => metric.name === name)?.series ?? [];
      return series.reduce((sum, { count }) => sum + (count ?? 0), 0);
    };
    for (const name of ["operation.duration", "stage.duration", "node.delta_apply_duration", "sync.delta_age"])
      expect(countOf(name), name).toBeGreaterThan(0);
    expect(metrics.some(({ name }) => name === "node.pending_deltas")).toBe(true);
  });

  it("compares heads and roots as often as it is configured to, though nothing changes", async () => {
    const before = await counter("sync.frames_digest");
    // At the default heartbeat two of them would take a minute.
    await until("b has told twice", async () => (await counter("sync.frames_digest")) >= before + 2, {
      deadlineMs: 15_000,
    });
  });

  it("goes on among honest nodes", async () => {
    await Promise.all([a.call(contextId, "add", { by: 1 }), b.call(contextId, "add", { by: 1 })]);
    await converged(contextId, [a, b]);
    expect(await a.call(contextId, "value")).toBe(103);
  });
});
