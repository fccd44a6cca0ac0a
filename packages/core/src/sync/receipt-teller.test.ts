/** Acknowledgements on their way: told after the flush, once, to whoever does not have them, and to nobody at rest. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type DeltaId, idKey, must, type PeerId, type Signer } from "../base/index.ts";
import type { Replica } from "../replica/index.ts";
import { signAcknowledgement } from "../replica/receipts/acknowledgement.ts";
import { decodeFrame, encodeFrame } from "./frames.ts";
import { PEER_REFUSED_MAX, RECEIPTS_INSTALLATIONS, RECEIPTS_INTERVAL_MS } from "./limits.ts";
import { A, B, M, openScene, type Scene, type SceneNode } from "./testing.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const scene = (seed: number) => openScene({ createStore: createMemoryStore, nextTurn }, seed);

async function write({ replica }: { readonly replica: Replica }): Promise<DeltaId> {
  const written = await replica.call((t) => {
    t.field("counter", "c").add(1);
    return { ok: true, value: null, events: [] };
  });
  return must(written.ok ? written.value.delta : undefined, "the call writes");
}

const replicated = ({ replica }: SceneNode, id: DeltaId) => {
  const receipt = replica.receipts.of(id);
  return receipt.ok ? receipt.value.replicated : -1;
};

/** So many seconds pass at these nodes. */
async function pass(seconds: number, { wire }: Scene, nodes: readonly SceneNode[]): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    for (const { at, engine } of nodes) {
      at.nowMs += 1_000;
      engine.tick();
    }
    await wire.run();
  }
}

/** A third member's node, which has joined through A. */
async function join(opened: Scene, name: PeerId): Promise<SceneNode> {
  const { a, crypto, founder, node, wire } = opened;
  const signer: Signer = crypto.createSigner(new Uint8Array(32).fill(77));
  const nonce = new Uint8Array(16).fill(7);
  await a.replica.declare({ kind: "add", member: signer.publicKey, role: "writer", nonce });
  const joined = await node(name, signer, founder);
  wire.connect(A, name);
  await wire.run();
  return joined;
}

function disconnect({ wire }: Scene, one: PeerId, other: PeerId): void {
  wire.engines.get(one)?.onDisconnect(other);
  wire.engines.get(other)?.onDisconnect(one);
}

/** Acknowledgements that these frames carried, by who sent them. */
function watch({ wire }: Scene): { readonly frames: number[]; readonly carried: Map<PeerId, number> } {
  const seen = { frames: [] as number[], carried: new Map<PeerId, number>() };
  wire.tamper = (from, _to, bytes) => {
    const frame = decodeFrame(bytes);
    if (frame?.kind !== "receipts") return bytes;
    seen.frames.push(bytes.length);
    seen.carried.set(from, (seen.carried.get(from) ?? 0) + frame.acknowledgements.length);
    return bytes;
  };
  return seen;
}

describe("a receipt over sync", () => {
  it("of a lone write comes with the flush at the other, and not before", async () => {
    const flushes: (() => void)[] = [];
    let isHeld = false;
    const flush = () => (isHeld ? new Promise<void>((resolve) => flushes.push(resolve)) : Promise.resolve());
    const opened = await openScene({ createStore: () => createMemoryStore({ flush }), nextTurn }, 1);
    const { wire, a, b } = opened;
    wire.connect(A, B);
    await wire.run();
    await pass(RECEIPTS_INTERVAL_MS / 1_000 + 1, opened, [a, b]);
    const written = write(a);
    const id = await written;
    isHeld = true;
    await wire.run();
    await pass(20, opened, [a, b]);
    expect(b.replica.has(idKey(id))).toBe(true);
    expect(replicated(a, id)).toBe(0);
    isHeld = false;
    for (const done of flushes.splice(0)) done();
    await wire.run();
    expect(a.replica.receipts.of(id)).toMatchObject({
      value: { replicated: 1, members: [b.signer.publicKey], persisted: true },
    });
  });

  it("of many writes comes within the interval, in one frame", async () => {
    const opened = await scene(2);
    const { wire, a, b } = opened;
    wire.connect(A, B);
    await wire.run();
    await pass(10, opened, [a, b]);
    const { frames, carried } = watch(opened);
    let last = await write(a);
    await wire.run();
    expect(replicated(a, last)).toBe(1);
    for (let i = 0; i < 50; i++) {
      last = await write(a);
      await wire.run();
    }
    expect(replicated(a, last)).toBe(0);
    await pass(RECEIPTS_INTERVAL_MS / 1_000, opened, [a, b]);
    expect(replicated(a, last)).toBe(1);
    expect(carried.get(B)).toBe(2);
    expect(frames.length).toBeLessThanOrEqual(4);
  });

  it("is stable when all who write have it, told of by whoever is between them", async () => {
    const opened = await scene(3);
    const { wire, a, b } = opened;
    const m = await join(opened, M);
    wire.connect(A, B);
    await wire.run();
    await write(b);
    await write(m);
    await wire.run();
    const id = await write(b);
    await wire.run();
    await pass(3 * (RECEIPTS_INTERVAL_MS / 1_000), opened, [a, b, m]);
    // B and M are not connected: each hears of the other through A.
    expect(b.replica.receipts.of(id)).toMatchObject({ value: { replicated: 2, stable: true } });
    expect(wire.cuts).toEqual([]);
  });

  it("reaches who was away when its acknowledgement was made", async () => {
    const opened = await scene(4);
    const { wire, a, b } = opened;
    const m = await join(opened, M);
    wire.connect(A, B);
    await wire.run();
    const id = await write(b);
    await wire.run();
    disconnect(opened, A, B);
    await pass(12, opened, [a, m]);
    disconnect(opened, A, M);
    expect(replicated(b, id)).toBeLessThan(2);
    wire.connect(A, B);
    await wire.run();
    await pass(12, opened, [a, b]);
    expect(replicated(b, id)).toBe(2);
  });
});

describe("telling", () => {
  it("is each node's own matter where all are connected", async () => {
    const opened = await scene(5);
    const { wire, a, b } = opened;
    const m = await join(opened, M);
    wire.connect(A, B);
    wire.connect(B, M);
    await wire.run();
    const nodes = [a, b, m];
    await pass(30, opened, nodes);
    const { carried } = watch(opened);
    const id = await write(a);
    await wire.run();
    await pass(30, opened, nodes);
    for (const node of nodes) expect(replicated(node, id)).toBe(2);
    expect([...carried.values()]).toEqual([2, 2, 2]);
  });

  it("comes less often in a large group, where each checks what every other signs", async () => {
    const opened = await scene(11);
    const { wire, a, b, crypto, genesis } = opened;
    wire.connect(A, B);
    await wire.run();
    for (let member = 1; member <= 4; member++) {
      const signer = crypto.createSigner(new Uint8Array(32).fill(100 + member));
      const nonce = new Uint8Array(16).fill(member);
      await a.replica.declare({ kind: "add", member: signer.publicKey, role: "reader", nonce });
      await wire.run();
      const { vector } = a.replica.flushed;
      for (let installation = 1; installation <= 15; installation++) {
        const replica = new Uint8Array(16).fill(installation);
        b.replica.receipts.take(signAcknowledgement(crypto, signer, { context: genesis.context, replica, vector }));
      }
    }
    await pass(60, opened, [a, b]);
    const { carried } = watch(opened);
    for (let second = 0; second < 120; second++) {
      await write(a);
      await pass(1, opened, [a, b]);
    }
    const intervals = 120_000 / RECEIPTS_INTERVAL_MS;
    expect(b.replica.receipts.installations).toBe(3 * RECEIPTS_INSTALLATIONS + 1);
    expect(carried.get(B)).toBeGreaterThanOrEqual(intervals / 4);
    expect(carried.get(B)).toBeLessThanOrEqual(intervals / 2);
  });

  it("ends when nothing is written, and begins anew with a connection", async () => {
    const opened = await scene(6);
    const { wire, a, b } = opened;
    wire.connect(A, B);
    await wire.run();
    const id = await write(a);
    await wire.run();
    await pass(20, opened, [a, b]);
    const { frames } = watch(opened);
    await pass(300, opened, [a, b]);
    expect(frames).toEqual([]);
    disconnect(opened, A, B);
    wire.connect(A, B);
    await wire.run();
    await pass(20, opened, [a, b]);
    expect(frames.length).toBeGreaterThan(0);
    expect(replicated(a, id)).toBe(1);
  });

  it("is done again when a frame was dropped on its way", async () => {
    const opened = await scene(7);
    const { wire, a, b } = opened;
    wire.connect(A, B);
    await wire.run();
    await pass(10, opened, [a, b]);
    wire.tamper = (_from, _to, bytes) => (decodeFrame(bytes)?.kind === "receipts" ? undefined : bytes);
    const id = await write(a);
    await wire.run();
    await pass(20, opened, [a, b]);
    expect(replicated(a, id)).toBe(0);
    wire.tamper = (_from, _to, bytes) => bytes;
    b.engine.onDropped(A);
    await pass(10, opened, [a, b]);
    expect(replicated(a, id)).toBe(1);
  });
});

describe("what a peer says", () => {
  const receipts = (acknowledgements: readonly Uint8Array[], heard: readonly string[] = []) =>
    encodeFrame({ kind: "receipts", channel: 0, actor: idKey(new Uint8Array(16)), heard, acknowledgements });

  it("of a member who is not known yet costs it nothing, and counts once the member is", async () => {
    const opened = await scene(8);
    const { wire, a, b, crypto, genesis } = opened;
    wire.connect(A, B);
    await wire.run();
    await pass(10, opened, [a, b]);
    const id = await write(a);
    await wire.run();
    const signer = crypto.createSigner(new Uint8Array(32).fill(9));
    const said = { context: genesis.context, replica: new Uint8Array(16), vector: a.replica.flushed.vector };
    const early = signAcknowledgement(crypto, signer, said);
    for (let i = 0; i < 2 * PEER_REFUSED_MAX; i++) a.engine.onFrame(B, receipts([early]));
    expect(wire.cuts).toEqual([]);
    expect(replicated(a, id)).toBe(1);
    const nonce = new Uint8Array(16).fill(7);
    await a.replica.declare({ kind: "add", member: signer.publicKey, role: "reader", nonce });
    await pass(2, opened, [a, b]);
    expect(replicated(a, id)).toBe(2);
  });

  it("and did not sign costs it its connection, in time", async () => {
    const { wire, a, founder, genesis, crypto } = await scene(9);
    wire.connect(A, B);
    await wire.run();
    const said = { context: genesis.context, replica: new Uint8Array(16), vector: a.replica.flushed.vector };
    const bad = signAcknowledgement(crypto, founder, said);
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    for (let i = 0; i < PEER_REFUSED_MAX; i++) a.engine.onFrame(B, receipts([bad]));
    expect(wire.cuts).toEqual([]);
    a.engine.onFrame(B, receipts([bad]));
    expect(wire.cuts).toEqual(["a cut b: TOO_MANY_REFUSED"]);
  });

  it("before it is a member is not looked at", async () => {
    const { wire, a, node, crypto, genesis } = await scene(10);
    const stranger = crypto.createSigner(new Uint8Array(32).fill(66));
    await node(M, stranger);
    wire.connect(A, M);
    await wire.run();
    const said = { context: genesis.context, replica: new Uint8Array(16), vector: new Map() };
    a.engine.onFrame(M, receipts([signAcknowledgement(crypto, stranger, said)]));
    expect(a.engine.counters.get("sync.receipts_early") ?? 0).toBe(0);
    expect(wire.cuts).toEqual([]);
  });
});
