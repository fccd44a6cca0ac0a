import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type ActorId, idKey, type Stamp } from "../base/index.ts";
import { type AuthenticDelta, decodeDelta } from "../dag/index.ts";
import type { Replica } from "../replica/index.ts";
import { Author, rootOf, START_MS } from "../replica/testing.ts";
import { decodeFrame, encodeFrame, type Frame } from "./frames.ts";
import { PEER_REFUSED_MAX } from "./limits.ts";
import { DEFAULT_SYNC_SETTINGS } from "./settings.ts";
import { A, B, M, openScene, write } from "./testing.ts";

const rootAt = ({ replica }: { replica: Replica }) => rootOf(replica);
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const scene = (seed: number) => openScene({ createStore: createMemoryStore, nextTurn }, seed);
const proof = (frame: Uint8Array) => decodeFrame(frame)?.kind === "prove";

describe("two members", () => {
  it("come to one state, empty their outboxes and say that they are in sync", async () => {
    const { wire, a, b, genesis } = await scene(1);
    for (let i = 0; i < 20; i++) await write(a.replica, i);
    wire.connect(A, B);
    await wire.run();
    for (let i = 20; i < 40; i++) await write(i % 2 ? a.replica : b.replica, i);
    await wire.run();
    for (const { engine } of [a, b]) engine.tick();
    await wire.run();
    expect(rootAt(b)).toBe(rootAt(a));
    expect([a.replica.outboxSize(), b.replica.outboxSize()]).toEqual([0, 0]);
    for (const { engine } of [a, b]) expect(engine.status(genesis.context)).toMatchObject([{ state: "in sync" }]);
    expect(wire.cuts).toEqual([]);
  });

  it("empty their outboxes although acknowledgements were lost with a connection", async () => {
    const { wire, a, b } = await scene(2);
    wire.tamper = (_from, _to, frame) => (decodeFrame(frame)?.kind === "ack" ? undefined : frame);
    wire.connect(A, B);
    await wire.run();
    await write(a.replica, 1);
    await wire.run();
    expect(a.replica.outboxSize()).toBeGreaterThan(0);
    for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
    wire.connect(A, B);
    await wire.run();
    expect(a.replica.outboxSize()).toBe(0);
    expect(rootAt(b)).toBe(rootAt(a));
  });

  it("bring together the two branches of an actor that spoke twice", async () => {
    const { wire, a, b, genesis, member } = await scene(3);
    wire.connect(A, B);
    await wire.run();
    for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
    const clone = new Author(genesis.context, member, 1);
    const heads = a.replica.missingFrom(new Map(), 1e9).deltas.map((bytes) => {
      const decoded = decodeDelta(a.at.crypto, genesis.context, bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      return decoded.value as unknown as AuthenticDelta;
    });
    const first = clone.write([heads.at(-1)!]);
    const [left, right] = [
      clone.write([first], { after: first }),
      clone.write([first], { after: first, stamp: START_MS * 2048 + 77 }),
    ];
    for (const { replica } of [a, b]) replica.admit(first.bytes);
    for (const delta of [left, clone.write([left], { after: left })]) a.replica.admit(delta.bytes);
    for (const delta of [right, clone.write([right], { after: right })]) b.replica.admit(delta.bytes);
    await Promise.all([a.replica.settled(), b.replica.settled()]);
    wire.connect(A, B);
    for (let i = 0; i < 6; i++) {
      await wire.run();
      for (const { at } of [a, b]) at.nowMs += 1_000;
      for (const { engine } of [a, b]) engine.tick();
    }
    await wire.run();
    expect(a.replica.flushed.heads).toHaveLength(2);
    expect(a.replica.flushed.heads.map(idKey).sort()).toEqual(b.replica.flushed.heads.map(idKey).sort());
    expect([a.replica.forks, b.replica.forks]).toEqual([2, 2]);
  });

  it("time their round trips and count in the host's registry", async () => {
    const { wire, a, b } = await scene(4);
    await write(a.replica, 1);
    wire.connect(A, B);
    await wire.run();
    expect(b.metrics.histogram("stage.duration", { kind: "sync_round_trip" }).count).toBeGreaterThan(0);
    expect(b.metrics.counter("sync.frames_deltas").value).toBe(b.engine.counters.get("sync.frames_deltas"));
    expect(b.metrics.counter("sync.frames_deltas").value).toBeGreaterThan(0);
  });

  it("do not ask again and again for what waits for a clock", async () => {
    const { wire, a, b } = await scene(4);
    wire.connect(A, B);
    await wire.run();
    a.at.nowMs += 3_600_000;
    for (let i = 0; i < 5; i++) await write(a.replica, i);
    await wire.run();
    for (let i = 0; i < 10; i++) {
      b.at.nowMs += 1_000;
      for (const { engine } of [a, b]) engine.tick();
      await wire.run();
    }
    expect(b.replica.pendingSize).toBeGreaterThan(0);
    expect(b.engine.counters.get("sync.deltas_duplicate") ?? 0).toBe(0);
    b.at.nowMs += 3_600_000;
    b.engine.tick();
    await wire.run();
    expect(rootAt(b)).toBe(rootAt(a));
  });
});

describe("three members in a line", () => {
  it("pass on at once what those at the ends do not reach, and acknowledge it to its author", async () => {
    const { wire, a, b, node, crypto, founder } = await scene(15);
    const signer = crypto.createSigner(new Uint8Array(32).fill(77));
    await a.replica.declare({
      kind: "add",
      member: signer.publicKey,
      role: "writer",
      nonce: new Uint8Array(16).fill(7),
    });
    const m = await node(M, signer, founder);
    wire.connect(A, B);
    await wire.run();
    // The end that knows nobody trusts who invited it; the log comes from there.
    wire.connect(A, M);
    await wire.run();
    for (const name of [A, M]) wire.engines.get(name)?.onDisconnect(name === A ? M : A);
    wire.connect(B, M);
    await wire.run();
    const pulls = () => [a, b, m].map(({ engine }) => engine.counters.get("sync.frames_pull") ?? 0);
    const before = pulls();
    for (let i = 0; i < 5; i++) {
      await write(a.replica, i);
      await wire.run();
      await write(m.replica, 100 + i);
      await wire.run();
    }
    expect([rootAt(b), rootAt(m)]).toEqual([rootAt(a), rootAt(a)]);
    expect(pulls()).toEqual(before);
    expect([a.replica.outboxSize(), m.replica.outboxSize()]).toEqual([0, 0]);
  });
});

describe("two states of the same deltas", () => {
  it("are counted, shown with the parts in which they differ, and mended by the one that is wrong", async () => {
    const { wire, a, b } = await scene(14);
    await a.replica.call((t) => {
      for (let i = 0; i < 400; i++) t.field("map", "m").set(`k${i}`, i);
      return { ok: true, value: null, events: [] };
    });
    wire.connect(A, B);
    await wire.run();
    for (const { engine } of [a, b]) engine.tick();
    await wire.run();
    expect(b.engine.status(b.replica.context)).toMatchObject([{ state: "in sync" }]);
    // What a bug or a damaged disk might do: cells that no delta tells of.
    const { document } = b.replica;
    const stamp = (START_MS * 2048 + 999_999) as Stamp;
    const transaction = document.begin({ stamp, actor: new Uint8Array(16) as ActorId, member: b.signer.publicKey });
    transaction.field("map", "m").set("k7", "damaged");
    transaction.commit();
    await write(a.replica, 401);
    await wire.run();
    for (const { at, engine } of [a, b]) {
      at.nowMs += DEFAULT_SYNC_SETTINGS.heartbeatMs;
      engine.tick();
    }
    await wire.run();
    for (const { engine, replica } of [a, b]) {
      const [status] = engine.status(replica.context);
      expect(status).toMatchObject({ state: "diverged" });
      expect(status?.reason).toMatch(/cells differ whose key hash begins with [0-9a-f](, [0-9a-f])*(;|$)/);
      expect(engine.counters.get("sync.root_mismatch")).toBeGreaterThan(0);
    }
    for (const { replica } of [a, b]) await replica.checkpoints.settled();
    expect(b.engine.counters.get("sync.state_mended")).toBe(1);
    expect(a.engine.counters.get("sync.state_unchanged")).toBe(1);
    expect(a.engine.status(a.replica.context)[0]?.reason).toMatch(/the damage or the bug is elsewhere$/);
    expect(b.replica.document.field("map", "m").get("k7")).toBe(7);
    for (const { at, engine } of [a, b]) {
      at.nowMs += DEFAULT_SYNC_SETTINGS.heartbeatMs;
      engine.tick();
    }
    await wire.run();
    expect(rootAt(b)).toBe(rootAt(a));
    for (const { engine, replica } of [a, b])
      expect(engine.status(replica.context)).toMatchObject([{ state: "in sync" }]);
    expect(wire.cuts).toEqual([]);
  });
});

describe("the engine", () => {
  it("cuts a peer that sends what is no frame", async () => {
    const { wire, a } = await scene(5);
    wire.connect(A, B);
    await wire.run();
    a.engine.onFrame(B, Uint8Array.of(99));
    expect(wire.cuts).toEqual(["a cut b: FRAME_MALFORMED"]);
    expect(() => a.engine.onFrame(B, Uint8Array.of(1))).not.toThrow();
  });

  it("cuts a peer for deltas that it refuses, in time", async () => {
    const { wire, a } = await scene(6);
    wire.connect(A, B);
    await wire.run();
    const bad: Frame = {
      kind: "deltas",
      channel: 0,
      answer: false,
      more: false,
      last: true,
      deltas: [new Uint8Array(80)],
    };
    for (let i = 0; i < PEER_REFUSED_MAX; i++) a.engine.onFrame(B, encodeFrame(bad));
    expect(wire.cuts).toEqual([]);
    a.engine.onFrame(B, encodeFrame(bad));
    expect(wire.cuts).toEqual(["a cut b: TOO_MANY_REFUSED"]);
  });

  it("does not charge whoever completes what others had left waiting", async () => {
    const { wire, a, b, genesis, member, crypto } = await scene(7);
    wire.connect(A, B);
    await wire.run();
    const liar = new Author(genesis.context, crypto.createSigner(new Uint8Array(32).fill(8)), 1);
    const honest = new Author(genesis.context, member, 2);
    const page = a.replica.missingFrom(new Map(), 1e9).deltas.at(-1)!;
    const base = decodeDelta(crypto, genesis.context, page);
    if (!base.ok) throw new Error(base.error.message);
    const missing = honest.write([base.value as unknown as AuthenticDelta]);
    const send = (deltas: Uint8Array[]) =>
      a.engine.onFrame(B, encodeFrame({ kind: "deltas", channel: 0, answer: false, more: false, last: true, deltas }));
    for (let i = 0; i < 2 * PEER_REFUSED_MAX; i++)
      send([liar.write([missing], { after: undefined, stamp: missing.stamp + 1 + i }).bytes]);
    send([missing.bytes]);
    expect(a.replica.pendingSize).toBe(0);
    expect(a.replica.has(missing.key)).toBe(true);
    expect(wire.cuts).toEqual([]);
    await b.replica.settled();
  });

  it("charges nobody when its own store has failed, and answers with nothing", async () => {
    const { wire, a, b } = await scene(8);
    wire.connect(A, B);
    await wire.run();
    await b.replica.close();
    for (let i = 0; i < 2 * PEER_REFUSED_MAX; i++) await write(a.replica, i);
    await wire.run();
    expect(wire.cuts).toEqual([]);
    expect(b.replica.missingFrom(new Map(), 1e9).deltas).toEqual([]);
  });
});

describe("the handshake", () => {
  it("gives a stranger nothing, not even that the context is here", async () => {
    const { wire, a, node, crypto } = await scene(9);
    const seen: (string | undefined)[] = [];
    wire.tamper = (_from, to, frame) => {
      if (to === M) seen.push(decodeFrame(frame)?.kind);
      return frame;
    };
    const m = await node(M, crypto.createSigner(new Uint8Array(32).fill(66)));
    await write(a.replica, 1);
    wire.connect(A, M);
    await wire.run();
    for (const { engine } of [a, m]) engine.tick();
    await wire.run();
    expect(seen.filter((kind) => kind === "state" || kind === "deltas" || kind === "ack")).toEqual([]);
    expect(m.replica.flushed.count).toBe(0);
    m.engine.removeContext(a.replica.context);
    seen.length = 0;
    for (const name of [A, M]) wire.engines.get(name)?.onDisconnect(name === A ? M : A);
    wire.connect(A, M);
    await wire.run();
    expect(seen).toEqual(["hello", "offer"]);
  });

  it("cuts a peer that reflects a proof, or relays one of another connection", async () => {
    const { wire, a } = await scene(10);
    let theirs: Uint8Array | undefined;
    wire.tamper = (from, _to, frame) => {
      if (from === A && proof(frame)) theirs = frame;
      return frame;
    };
    wire.connect(A, B);
    await wire.run();
    const reflected = theirs as Uint8Array;
    a.engine.onFrame(B, reflected);
    expect(wire.cuts).toEqual(["a cut b: PROOF_INVALID"]);
  });

  it("does not take a proof from another connection between the same peers", async () => {
    const { wire, a } = await scene(11);
    const proofs: Uint8Array[] = [];
    wire.tamper = (from, _to, frame) => {
      if (from !== B || !proof(frame)) return frame;
      proofs.push(frame);
      const [first] = proofs;
      // The member's key and signature of the first connection under the tag of the second.
      const [old, now] = [decodeFrame(first as Uint8Array), decodeFrame(frame)];
      return old?.kind === "prove" && now?.kind === "prove" ? encodeFrame({ ...old, tag: now.tag }) : frame;
    };
    wire.connect(A, B);
    await wire.run();
    expect(wire.cuts).toEqual([]);
    for (const name of [A, B]) wire.engines.get(name)?.onDisconnect(name === A ? B : A);
    wire.connect(A, B);
    await wire.run();
    expect(wire.cuts).toEqual(["a cut b: PROOF_INVALID"]);
    expect(a.engine.status(a.replica.context)).toEqual([]);
  });
});
