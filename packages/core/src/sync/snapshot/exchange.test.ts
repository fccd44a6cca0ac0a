import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type DeltaId, hexToBytes, must, type PeerId, peerId, type Signer } from "../../base/index.ts";
import { hasPrunedForm, pruneDelta } from "../../dag/index.ts";
import { auditContext } from "../../replica/index.ts";
import { rootOf } from "../../replica/testing.ts";
import { decodeFrame, encodeFrame, type Frame } from "../frames.ts";
import { SNAPSHOT_GIVE_UP_MS, SNAPSHOT_PATIENCE_MS, TICK_MS } from "../limits.ts";
import { A, B, openScene, type Scene, type SceneNode, write } from "../testing.ts";
import { decodeSnapshotSaid, encodeSnapshotSaid, type SnapshotSaid } from "./snapshot-frames.ts";

const C: PeerId = peerId("c");
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const host = { createStore: createMemoryStore, nextTurn };

/** Three members with a checkpoint in effect, and a fourth who has only been added. */
async function openWritten(seed: number, entries = 130): Promise<Scene & { c: SceneNode; late: Signer }> {
  const scene = await openScene(host, seed, { isSealed: true, joinsFrom: 4 });
  const { wire, a, b, founder, crypto } = scene;
  const third = crypto.createSigner(new Uint8Array(32).fill(seed + 1));
  const late = crypto.createSigner(new Uint8Array(32).fill(seed + 2));
  for (const { publicKey } of [third, late]) {
    const nonce = publicKey.slice(0, 16);
    await a.replica.declare({ kind: "add", member: publicKey, role: "writer", nonce });
  }
  const c = await scene.node(C, third, founder);
  for (const [x, y] of [
    [A, B],
    [A, C],
    [B, C],
  ] as const) {
    wire.connect(x, y);
  }
  await wire.run();
  for (let i = 0; i < entries; i++) {
    await a.replica.call((transaction) => {
      for (let n = 0; n < 20; n++) transaction.field("map", "m").set(`k${i}/${n}`, "y".repeat(40));
      return { ok: true, value: null, events: [] };
    });
  }
  await wire.run();
  await a.replica.checkpoints.compact();
  await settle(scene, [a, b, c]);
  await write(b.replica, 1_000_001);
  await wire.run();
  expect([a, b, c].map(({ replica }) => replica.checkpoints.isSettled)).toEqual([true, true, true]);
  return { ...scene, c, late };
}

/** Lets time pass, a tick at a time, until all are at rest. */
async function settle({ wire }: Scene, nodes: readonly SceneNode[], ticks = 4): Promise<void> {
  for (let i = 0; i < ticks; i++) {
    await pass(nodes, TICK_MS);
    await wire.run();
    for (const { replica } of nodes) await replica.checkpoints.settled();
    await wire.run();
  }
}

async function pass(nodes: readonly SceneNode[], ms: number): Promise<void> {
  for (const node of nodes) node.at.nowMs += ms;
  for (const { engine } of nodes) engine.tick();
  await nextTurn();
}

/** Frames of a kind that went from one to another. */
function watch({ wire }: Scene): Frame[] {
  const seen: Frame[] = [];
  wire.tamper = (_from, _to, bytes) => {
    const frame = decodeFrame(bytes);
    if (frame) seen.push(frame);
    return bytes;
  };
  return seen;
}

function said(frames: readonly Frame[], kind: SnapshotSaid["kind"]): SnapshotSaid[] {
  return frames.flatMap((frame) => (frame.kind === "snapshot" && frame.said.kind === kind ? frame.said : []));
}

function expectWhole({ at, replica, signer }: SceneNode, like: SceneNode): void {
  expect(replica.checkpoints.joining.isOn).toBe(false);
  expect(rootOf(replica)).toBe(rootOf(like.replica));
  const audit = auditContext(at.crypto, at.store, replica.context, signer);
  expect(audit.ok ? audit.value.root : audit.error).toBe(rootOf(like.replica));
}

describe("a newcomer", () => {
  it("takes the state from all peers side by side, and few payloads", async () => {
    const scene = await openWritten(1);
    const { wire, a, b, c, founder, late, node } = scene;
    const d = await node(peerId("d"), late, founder);
    const frames = watch(scene);
    for (const peer of [A, B, C]) wire.connect(peerId("d"), peer);
    await wire.run();
    await settle(scene, [a, b, c, d]);
    expectWhole(d, a);
    expect(d.replica.document.field("map", "m").get("k7/3")).toBe("y".repeat(40));
    const entries = frames.flatMap((frame) =>
      frame.kind === "snapshot" && frame.said.kind === "entries" ? frame.said.deltas : [],
    );
    expect(entries.filter(hasPrunedForm).length).toBeGreaterThan(120);
    const deltas = frames.flatMap((frame) => (frame.kind === "deltas" ? frame.deltas : []));
    expect(deltas.length).toBeLessThan(30);
    expect(said(frames, "part").length).toBeGreaterThan(8);
    const served = [a, b, c].map(({ metrics }) => metrics.counters().get("sync.frames_snapshot") ?? 0);
    expect(served.filter((count) => count > 0).length).toBeGreaterThan(1);
    expect(wire.cuts).toEqual([]);
    // And goes on like anybody.
    await write(d.replica, 5);
    await wire.run();
    await settle(scene, [a, b, c, d]);
    expect(new Set([a, b, c, d].map(({ replica }) => rootOf(replica))).size).toBe(1);
  });

  it("joins while others write, and make the next checkpoint", async () => {
    const scene = await openWritten(2);
    const { wire, a, b, c, founder, late, node } = scene;
    const d = await node(peerId("d"), late, founder);
    let frames = 0;
    let made: Promise<unknown> | undefined;
    wire.tamper = (_from, _to, bytes) => {
      frames++;
      if (frames % 5 === 0 && frames < 300) void write(a.replica, 2_000_000 + frames);
      if (frames === 30) made = a.replica.checkpoints.compact();
      return bytes;
    };
    for (const peer of [A, B, C]) wire.connect(peerId("d"), peer);
    await wire.run();
    await settle(scene, [a, b, c, d], 6);
    expect(await made).toMatchObject({ ok: true });
    expect(frames).toBeGreaterThan(100);
    expect(a.replica.checkpoints.chain.length).toBeGreaterThan(1);
    expectWhole(d, a);
    expect(new Set([a, b, c, d].map(({ replica }) => rootOf(replica))).size).toBe(1);
  });

  it("goes on where it was when it stopped in the middle", async () => {
    const scene = await openWritten(3);
    const { wire, a, b, c, founder, late, node } = scene;
    const store = createMemoryStore();
    const name = peerId("d");
    const d = await node(name, late, founder, store);
    let parts = 0;
    wire.tamper = (_from, to, bytes) => {
      const frame = decodeFrame(bytes);
      const isPart = to === name && frame?.kind === "snapshot" && frame.said.kind === "part";
      if (isPart) parts++;
      return isPart && parts > 3 ? undefined : bytes;
    };
    for (const peer of [A, B, C]) wire.connect(name, peer);
    await wire.run();
    expect(parts).toBeGreaterThan(3);
    expect(d.replica.checkpoints.joining.isOn).toBe(true);
    // Killed: what is flushed is left.
    const image = store.crash(0);
    for (const peer of [A, B, C]) wire.engines.get(peer)?.onDisconnect(name);
    wire.engines.delete(name);
    const frames = watch(scene);
    const again = await node(name, late, founder, createMemoryStore({ image }));
    expect(again.replica.checkpoints.joining.isOn).toBe(true);
    for (const peer of [A, B, C]) wire.connect(name, peer);
    await wire.run();
    await settle(scene, [a, b, c, again]);
    expectWhole(again, a);
    const pages = must(a.replica.checkpoints.served, "a state").base.starts.length;
    expect(said(frames, "want")).toHaveLength(pages - 3);
  });

  it("finds a peer that stalls, and one that forges, out", async () => {
    const scene = await openWritten(4);
    const { wire, a, b, c, founder, late, node } = scene;
    const name = peerId("d");
    const d = await node(name, late, founder);
    wire.tamper = (from, to, bytes) => {
      const frame = decodeFrame(bytes);
      if (to !== name || frame?.kind !== "snapshot") return bytes;
      const { said: told, channel } = frame;
      if (from === A && told.kind === "part") return undefined;
      if (from !== B || told.kind !== "part") return bytes;
      const changed = told.bytes.slice();
      changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
      return encodeFrame({ kind: "snapshot", channel, said: { ...told, bytes: changed } });
    };
    for (const peer of [A, B, C]) wire.connect(name, peer);
    await wire.run();
    await settle(scene, [a, b, c, d], 2 + Math.ceil(SNAPSHOT_PATIENCE_MS / TICK_MS));
    expectWhole(d, c);
    expect(d.engine.counters.get("sync.refused_SNAPSHOT_FORGED")).toBeGreaterThan(0);
    expect(wire.cuts.filter((cut) => cut.includes("cut a") || cut.includes("cut c"))).toEqual([]);
  });

  it.each<[string, (told: SnapshotSaid) => SnapshotSaid]>([
    [
      "a list of other pages",
      (told) => (told.kind === "list" ? { ...told, hashes: told.hashes.map((b) => b ^ 1) } : told),
    ],
    [
      "the list of a checkpoint that nobody signed",
      (told) => (told.kind === "list" ? { ...told, checkpoint: new Uint8Array(32).fill(9) as DeltaId } : told),
    ],
    ["a list without an end", (told) => (told.kind === "list" ? { ...told, total: 2 ** 40 } : told)],
    ["an empty list", (told) => (told.kind === "list" ? { ...told, hashes: new Uint8Array(0) } : told)],
    ["a page without an end", (told) => (told.kind === "part" ? { ...told, total: 2 ** 40 } : told)],
    ["a page that is longer than it says", (told) => (told.kind === "part" ? { ...told, total: 5 } : told)],
    [
      "another page",
      (told) => (told.kind === "part" ? { ...told, bytes: told.bytes.subarray(1), total: told.total - 1 } : told),
    ],
    ["nothing of a page", (told) => (told.kind === "part" ? { ...told, bytes: new Uint8Array(0) } : told)],
    ["that it has none", (told) => (told.kind === "part" ? { ...told, total: 0, bytes: new Uint8Array(0) } : told)],
  ])("adopts nothing from a peer who says %s", async (_name, lie) => {
    const scene = await openWritten(5, 30);
    const { wire, a, b, c, founder, late, node } = scene;
    const name = peerId("d");
    const d = await node(name, late, founder);
    wire.tamper = (from, to, bytes) => {
      const frame = decodeFrame(bytes);
      if (from !== A || to !== name || frame?.kind !== "snapshot") return bytes;
      return encodeFrame({ ...frame, said: lie(frame.said) });
    };
    wire.connect(name, A);
    await wire.run();
    await settle(scene, [a, d], 3);
    expect(d.replica.checkpoints.applied).toBeUndefined();
    expect(d.replica.document.field("map", "m").get("k3/3")).toBeUndefined();
    // Others make good for it, once its log or, where it keeps that back, its deltas have said who they are.
    for (const peer of [B, C]) wire.connect(name, peer);
    await wire.run();
    await settle(scene, [a, b, c, d], 2);
    await pass([a, b, c, d], SNAPSHOT_GIVE_UP_MS);
    await settle(scene, [a, b, c, d], 6);
    expectWhole(d, b);
  });

  it("is not held up by deltas whose payload somebody keeps back", async () => {
    const scene = await openWritten(6, 30);
    const { wire, a, b, c, founder, late, node } = scene;
    const name = peerId("d");
    // Known to one peer alone, which gives it away without its payload.
    for (const peer of [B, C]) {
      wire.engines.get(A)?.onDisconnect(peer);
      wire.engines.get(peer)?.onDisconnect(A);
    }
    await write(a.replica, 77);
    await wire.run();
    const d = await node(name, late, founder);
    wire.tamper = (from, to, bytes) => {
      const frame = decodeFrame(bytes);
      if (from !== A || to !== name || frame?.kind !== "deltas") return bytes;
      const deltas = frame.deltas.map((delta) => pruneDelta(a.at.crypto, delta) ?? delta);
      return encodeFrame({ ...frame, deltas });
    };
    for (const peer of [A, B, C]) wire.connect(name, peer);
    await wire.run();
    await settle(scene, [a, b, c, d], 6);
    expectWhole(d, b);
    expect(d.engine.counters.get("sync.refused_DELTA_PRUNED")).toBeGreaterThan(0);
  });

  it("puts no state in place for who has it", async () => {
    const scene = await openWritten(8, 30);
    const { a, b, c } = scene;
    b.replica.checkpoints.joining.begin();
    await settle(scene, [a, b, c], 2);
    expectWhole(b, a);
    expect(b.engine.counters.get("sync.snapshot_installed")).toBeUndefined();
    expect(b.engine.counters.get("sync.snapshot_by_payload")).toBeUndefined();
  });

  it("has its state again when whoever made it begin is gone", async () => {
    const scene = await openWritten(9, 30);
    const { a, b, wire } = scene;
    for (const peer of [A, C]) wire.engines.get(B)?.onDisconnect(peer);
    const begin = async (): Promise<void> => {
      b.replica.checkpoints.joining.begin();
      await settle(scene, [b], 2);
      expect(b.replica.checkpoints.joining.isOn).toBe(true);
      await pass([b], SNAPSHOT_GIVE_UP_MS);
      await settle(scene, [b], 2);
      expectWhole(b, a);
    };
    await begin();
    // And as often as it is made to.
    await begin();
  });

  it("asks for all payloads when nobody serves the pages", async () => {
    const scene = await openWritten(7, 30);
    const { wire, a, b, c, founder, late, node } = scene;
    const name = peerId("d");
    const d = await node(name, late, founder);
    wire.tamper = (_from, to, bytes) => {
      const frame = decodeFrame(bytes);
      const isPart = to === name && frame?.kind === "snapshot" && frame.said.kind === "part";
      return isPart ? undefined : bytes;
    };
    for (const peer of [A, B, C]) wire.connect(name, peer);
    await wire.run();
    await settle(scene, [a, b, c, d], 2);
    expect(d.replica.checkpoints.joining.isOn).toBe(true);
    await pass([a, b, c, d], SNAPSHOT_GIVE_UP_MS);
    await settle(scene, [a, b, c, d], 8);
    expect(d.engine.counters.get("sync.snapshot_given_up")).toBeGreaterThan(0);
    expectWhole(d, b);
    expect(d.replica.checkpoints.isSettled).toBe(true);
  });
});

describe("what is said of snapshots", () => {
  const hash = new Uint8Array(32).fill(4);
  const corpus: SnapshotSaid[] = [
    { kind: "ask", from: 3 },
    { kind: "list", checkpoint: hash as DeltaId, total: 2, from: 0, hashes: new Uint8Array(64) },
    { kind: "want", hash, offset: 600_000 },
    { kind: "part", hash, total: 9, offset: 2, bytes: must(hexToBytes("0102"), "hexadecimal") },
    { kind: "pruned" },
    { kind: "log", vector: new Map([["b".repeat(16), 7]]) },
    { kind: "entries", more: true, deltas: [hash, hash.subarray(9)] },
  ];

  it("has one encoding, whatever the damage", () => {
    for (const one of corpus) expect(decodeSnapshotSaid(encodeSnapshotSaid(one))).toEqual(one);
    const report = fuzzDecoder({
      name: "snapshot frame",
      seed: 4,
      corpus: corpus.map(encodeSnapshotSaid),
      decode: decodeSnapshotSaid,
      encode: encodeSnapshotSaid,
    });
    expect(report.accepted).toBeGreaterThan(10);
  });
});
