/** Who is there: shown to every member, for as long as it says, and no longer than it is true. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { concatBytes, createPrng, idKey, type PeerId, type Signer, utf8, utf8ToString } from "../../base/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import { decodeFrame, encodeFrame } from "../frames.ts";
import {
  PEER_REFUSED_MAX,
  PRESENCE_BURST_MAX,
  PRESENCE_BYTES_MAX,
  PRESENCE_DATA_BYTES_MAX,
  PRESENCE_ENTRIES_PER_SECOND,
  PRESENCE_TTL_MS_MAX,
  PRESENCE_TTL_MS_MIN,
  PRESENCES_EARLY_MAX,
  PRESENCES_MAX,
  PRESENCES_PER_MEMBER_MAX,
} from "../limits.ts";
import { A, B, M, openScene, type Scene, type SceneNode } from "../testing.ts";
import type { PresenceChange } from "./presence.ts";
import { decodePresence, isPresenceSigned, signPresence } from "./presence-entry.ts";

const crypto = createCrypto();
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
const scene = (seed: number) => openScene({ createStore: createMemoryStore, nextTurn }, seed);
const shown = ({ presence }: SceneNode) => presence.list().map(({ data }) => utf8ToString(data));

async function connected(seed: number): Promise<Scene> {
  const opened = await scene(seed);
  opened.wire.connect(A, B);
  await opened.wire.run();
  return opened;
}

/** A third member's node, which has joined through A. */
async function join(opened: Scene, name: PeerId): Promise<SceneNode> {
  const signer: Signer = opened.crypto.createSigner(new Uint8Array(32).fill(77));
  const nonce = new Uint8Array(16).fill(7);
  await opened.a.replica.declare({ kind: "add", member: signer.publicKey, role: "writer", nonce });
  const joined = await opened.node(name, signer, opened.founder);
  opened.wire.connect(A, name);
  await opened.wire.run();
  return joined;
}

function countFrames({ wire }: Scene): () => number {
  let count = 0;
  wire.tamper = (_from, _to, bytes) => {
    if (decodeFrame(bytes)?.kind === "presence") count++;
    return bytes;
  };
  return () => count;
}

describe("presence", () => {
  it("is seen by the others, changes, and goes with an explicit leave", async () => {
    const { wire, a, b } = await connected(1);
    const changes: (string | undefined)[] = [];
    b.presence.onChange(({ data }: PresenceChange) => changes.push(data && utf8ToString(data)));
    for (const text of ["lost in the same moment", "first"]) expect(a.presence.set(utf8(text), 30_000).ok).toBe(true);
    await wire.run();
    a.presence.set(utf8("second"), 30_000);
    await wire.run();
    expect(b.presence.list()).toMatchObject([{ member: a.signer.publicKey, data: utf8("second") }]);
    expect(shown(a)).toEqual(["second"]);
    a.presence.leave();
    await wire.run();
    expect([shown(a), shown(b)]).toEqual([[], []]);
    expect(changes).toEqual(["first", "second", undefined]);
    a.presence.leave();
    await wire.run();
    expect(changes).toHaveLength(3);
  });

  it("is over with its time to live, and stays when it is said again", async () => {
    const { wire, a, b } = await connected(2);
    a.presence.set(utf8("here"), 10_000);
    await wire.run();
    b.at.nowMs += 9_000;
    b.engine.tick();
    expect(shown(b)).toEqual(["here"]);
    a.presence.set(utf8("here"), 10_000);
    await wire.run();
    b.at.nowMs += 9_000;
    b.engine.tick();
    expect(shown(b)).toEqual(["here"]);
    const gone: PresenceChange[] = [];
    b.presence.onChange((change) => gone.push(change));
    b.at.nowMs += 1_000;
    b.engine.tick();
    expect(shown(b)).toEqual([]);
    expect(gone).toMatchObject([{ member: a.signer.publicKey, data: undefined }]);
  });

  it("is told to who comes later, with what is left of its time, and handed on past a gap", async () => {
    const opened = await connected(3);
    const { wire, a, b } = opened;
    b.presence.set(utf8("b"), 10_000);
    await wire.run();
    a.at.nowMs += 6_000;
    const m = await join(opened, M);
    expect(shown(m)).toEqual(["b"]);
    m.at.nowMs += 4_000;
    m.engine.tick();
    expect(shown(m)).toEqual([]);
    // B and M are not connected: A hands it on.
    m.presence.set(utf8("m"), 10_000);
    await wire.run();
    expect(shown(b)).toContain("m");
  });

  it("goes once to each where all are connected", async () => {
    const opened = await connected(4);
    const { wire, a, b } = opened;
    const m = await join(opened, M);
    wire.connect(B, M);
    await wire.run();
    for (let i = 0; i < 15; i++) {
      for (const { at, engine } of [a, b, m]) {
        at.nowMs += 1_000;
        engine.tick();
      }
      await wire.run();
    }
    const frames = countFrames(opened);
    a.presence.set(utf8("a"), 10_000);
    await wire.run();
    expect([shown(b), shown(m)]).toEqual([["a"], ["a"]]);
    expect(frames()).toBe(2);
  });

  it("of a member who was removed is not shown", async () => {
    const { wire, a, b } = await connected(5);
    b.presence.set(utf8("b"), 30_000);
    await wire.run();
    expect(shown(a)).toEqual(["b"]);
    await a.replica.declare({ kind: "remove", member: b.signer.publicKey });
    expect(shown(a)).toEqual([]);
  });

  it("is refused where it is too large or lives too short or long, and nothing is changed", async () => {
    const { a } = await scene(6);
    const cases: [number, number, string][] = [
      [PRESENCE_DATA_BYTES_MAX + 1, 10_000, "PRESENCE_TOO_LARGE"],
      [1, PRESENCE_TTL_MS_MIN - 1, "PRESENCE_TTL_RANGE"],
      [1, PRESENCE_TTL_MS_MAX + 1, "PRESENCE_TTL_RANGE"],
      [1, Number.NaN, "PRESENCE_TTL_RANGE"],
    ];
    for (const [size, ttlMs, code] of cases)
      expect(a.presence.set(new Uint8Array(size), ttlMs)).toMatchObject({ error: { code } });
    expect(shown(a)).toEqual([]);
    expect(a.presence.set(new Uint8Array(PRESENCE_DATA_BYTES_MAX), PRESENCE_TTL_MS_MAX).ok).toBe(true);
  });
});

describe("what a peer sends", () => {
  const frame = (entries: readonly Uint8Array[], leftMs = 10_000) =>
    encodeFrame({ kind: "presence", channel: 0, entries: entries.map((bytes) => ({ bytes, leftMs })) });
  const entryOf = ({ genesis }: Scene, signer: Signer, change: object = {}) =>
    signPresence(crypto, signer, {
      context: genesis.context,
      actorKey: idKey(new Uint8Array(16).fill(5)),
      sequence: 5,
      ttlMs: 10_000,
      data: utf8("x"),
      ...change,
    });

  it("and is old, or comes again after it was over, changes nothing", async () => {
    const opened = await connected(7);
    const { a, member } = opened;
    const old = entryOf(opened, member, { sequence: 4, data: utf8("old") });
    a.engine.onFrame(B, frame([entryOf(opened, member), old]));
    expect(shown(a)).toEqual(["x"]);
    a.at.nowMs += 10_000;
    a.engine.tick();
    a.engine.onFrame(B, frame([entryOf(opened, member), old]));
    expect(shown(a)).toEqual([]);
    a.engine.onFrame(B, frame([entryOf(opened, member, { sequence: 6 })], 1e12));
    a.at.nowMs += 10_000;
    expect(shown(a)).toEqual([]);
  });

  it("of a stranger is passed over; what nobody signed costs it its connection, in time", async () => {
    const opened = await connected(8);
    const { wire, a, member } = opened;
    const stranger = crypto.createSigner(new Uint8Array(32).fill(9));
    for (let i = 0; i < 2 * PEER_REFUSED_MAX; i++) a.engine.onFrame(B, frame([entryOf(opened, stranger)]));
    expect([wire.cuts, shown(a)]).toEqual([[], []]);
    const bad = entryOf(opened, member);
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    for (let i = 0; i <= PEER_REFUSED_MAX; i++) a.engine.onFrame(B, frame([bad]));
    expect(wire.cuts).toEqual(["a cut b: TOO_MANY_REFUSED"]);
    expect(shown(a)).toEqual([]);
  });

  it("of one who is no member yet is kept for a while, and of so many", async () => {
    const opened = await connected(13);
    const { a } = opened;
    const [first, second] = [9, 10].map((seed) => crypto.createSigner(new Uint8Array(32).fill(seed))) as [
      Signer,
      Signer,
    ];
    a.engine.onFrame(B, frame([entryOf(opened, first, { data: utf8("first") })]));
    for (let i = 0; i < PRESENCES_EARLY_MAX; i++)
      a.engine.onFrame(B, frame([entryOf(opened, second, { sequence: i, data: utf8("second") })]));
    for (const { publicKey: member } of [first, second])
      await a.replica.declare({ kind: "add", member, role: "reader", nonce: member.slice(0, 16) });
    a.engine.tick();
    expect(shown(a)).toEqual(["second"]);
    a.at.nowMs += 10_000;
    expect(shown(a)).toEqual([]);
  });

  it("without end is passed over until its time has come", async () => {
    const opened = await connected(9);
    const { a, member } = opened;
    for (let i = 0; i < PRESENCE_BURST_MAX; i++) a.engine.onFrame(B, frame([entryOf(opened, member)]));
    const next = entryOf(opened, member, { sequence: 6, data: utf8("next") });
    a.engine.onFrame(B, frame([next]));
    expect(shown(a)).toEqual(["x"]);
    expect(a.engine.counters.get("sync.presence_too_many")).toBe(1);
    a.at.nowMs += 2_000 / PRESENCE_ENTRIES_PER_SECOND;
    a.engine.onFrame(B, frame([next]));
    expect(shown(a)).toEqual(["next"]);
  });

  it("of more installations than a member may have puts out its own alone", async () => {
    const opened = await connected(10);
    const { a, member } = opened;
    a.presence.set(utf8("mine"), 10_000);
    for (let i = 0; i <= PRESENCES_PER_MEMBER_MAX; i++) {
      const actorKey = idKey(createPrng(i + 1).bytes(16));
      a.engine.onFrame(B, frame([entryOf(opened, member, { actorKey, data: utf8(`${i}`) })]));
    }
    expect(shown(a)).toHaveLength(1 + PRESENCES_PER_MEMBER_MAX);
    expect(shown(a)).toContain("mine");
    expect(shown(a)).not.toContain("0");
  });

  it("is held for so many installations in all", async () => {
    const opened = await connected(11);
    const { a } = opened;
    for (let i = 0; i <= PRESENCES_MAX / PRESENCES_PER_MEMBER_MAX; i++) {
      const signer = crypto.createSigner(createPrng(i + 1).bytes(32));
      const nonce = createPrng(i + 1).bytes(16);
      await a.replica.declare({ kind: "add", member: signer.publicKey, role: "reader", nonce });
      for (let j = 0; j < PRESENCES_PER_MEMBER_MAX; j++) {
        const actorKey = idKey(createPrng(1_000 + j).bytes(16));
        a.at.nowMs += 1;
        a.presence.take({ bytes: entryOf(opened, signer, { actorKey }), leftMs: 300_000 }, silent);
      }
    }
    expect(a.presence.list()).toHaveLength(PRESENCES_MAX);
  });

  const silent = { send: () => {}, hears: () => true };
});

describe("an entry", () => {
  it("has one encoding, and its signature covers every byte", async () => {
    const { genesis, member } = await scene(12);
    const base = { context: genesis.context, actorKey: idKey(new Uint8Array(16).fill(1)), sequence: 300 };
    const corpus = [
      signPresence(crypto, member, { ...base, ttlMs: 30_000, data: utf8("hello") }),
      signPresence(crypto, member, { ...base, ttlMs: 0, data: new Uint8Array(0) }),
      signPresence(crypto, member, { ...base, ttlMs: 1, data: new Uint8Array(PRESENCE_DATA_BYTES_MAX) }),
    ];
    for (const bytes of corpus) expect(isPresenceSigned(crypto, bytes, member.publicKey)).toBe(true);
    expect(Math.max(...corpus.map(({ length }) => length))).toBeLessThan(PRESENCE_BYTES_MAX);
    const [bytes] = corpus as [Uint8Array];
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const said = decodePresence(changed);
      expect(said && isPresenceSigned(crypto, changed, said.member), `byte ${at}`).not.toBe(true);
    }
    expect(decodePresence(concatBytes(bytes, Uint8Array.of(0)))).toBeUndefined();
    const report = fuzzDecoder({
      name: "presence",
      seed: 7,
      corpus: corpus.slice(0, 2),
      decode: (mutated) => {
        const said = decodePresence(mutated);
        return said && { said, signature: mutated.slice(-64) };
      },
      encode: ({ said, signature }) =>
        signPresence(crypto, { ...member, publicKey: said.member, sign: () => signature }, said),
    });
    expect(report.accepted).toBeGreaterThan(100);
  });
});
