import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type ActorId, bytesToHex, concatBytes, createPrng, idKey, type Stamp } from "../base/index.ts";
import { type AuthenticDelta, decodeDelta, encodeBody, SIGNATURE_BYTES } from "../dag/index.ts";
import { PENDING_UNPROVEN_PER_ACTOR_MAX } from "../dag/limits.ts";
import { Admission } from "./admission.ts";
import { auditContext } from "./audit.ts";
import { DRIFT_MAX_MS } from "./limits.ts";
import { Replica } from "./replica.ts";
import { Author, rootOf, START_MS, statementEntry, testGenesis, testPorts } from "./testing.ts";

/** A replica of a context in which `members` writers have been added, and an author for each of them. */
async function scene(seed: number, members: number, role: "reader" | "writer" = "writer") {
  const ports = testPorts(createMemoryStore(), seed);
  const { crypto } = ports;
  const founder = crypto.createSigner(ports.random.bytes(32));
  const genesis = testGenesis(founder, seed);
  const decoded = decodeDelta(crypto, genesis.context, genesis.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const admin = new Author(genesis.context, founder, seed);
  const authors = Array.from({ length: members }, (_, i) => {
    return new Author(genesis.context, crypto.createSigner(createPrng(seed * 1000 + i).bytes(32)), seed + i);
  });
  const nonce = new Uint8Array(16);
  const entries = authors.map(({ signer }) => {
    return statementEntry({ kind: "add", member: signer.publicKey, role, nonce });
  });
  const base = admin.write([decoded.value as unknown as AuthenticDelta], entries.length > 0 ? { entries } : {});
  const open = async (at = ports, signer = founder) => {
    const opened = await Replica.open(at, { context: genesis.context, signer, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  const replica = await open();
  expect(replica.admit(genesis.bytes).kind).toBe("admitted");
  expect(replica.admit(base.bytes).kind).toBe("admitted");
  const second = async (): Promise<Replica> => {
    const other = await open(testPorts(createMemoryStore(), seed + 1), crypto.createSigner(new Uint8Array(32).fill(9)));
    other.admit(genesis.bytes);
    other.admit(base.bytes);
    return other;
  };
  return { ports, crypto, genesis, admin, authors, base, replica, second };
}

async function sameState(a: Replica, b: Replica): Promise<void> {
  await Promise.all([a.settled(), b.settled()]);
  expect(rootOf(b)).toBe(rootOf(a));
  expect(b.flushed.heads.map(bytesToHex).sort()).toEqual(a.flushed.heads.map(bytesToHex).sort());
}

const refused = (code: string) => ({ kind: "refused", error: { code } });

describe("admission", () => {
  it("refuses what is not this context's, and what is not canonical", async () => {
    const { replica, authors, base } = await scene(1, 1);
    const delta = authors[0]!.write([base]);
    expect(replica.admit(delta.bytes.subarray(1))).toMatchObject(refused("DELTA_MALFORMED"));
    expect(replica.admit(testGenesis(authors[0]!.signer, 99).bytes)).toMatchObject(refused("DELTA_MALFORMED"));
    expect(replica.admit(delta.bytes)).toMatchObject({ kind: "admitted" });
    expect(replica.admit(delta.bytes)).toMatchObject({ kind: "duplicate" });
  });

  it("does not condemn a delta for a bad signature: the good copy is admitted afterwards", async () => {
    const { replica, authors, base } = await scene(2, 1);
    const delta = authors[0]!.write([base]);
    const bad = delta.bytes.slice();
    bad[bad.length - 1] = (bad[bad.length - 1] ?? 0) ^ 1;
    expect(replica.admit(bad)).toMatchObject(refused("DELTA_UNPROVEN"));
    expect(replica.admit(delta.bytes)).toMatchObject({ kind: "admitted" });
  });

  it("refuses an actor that another member's key signs for", async () => {
    const { replica, authors, base, genesis } = await scene(3, 2);
    const [honest, thief] = authors as [Author, Author];
    const first = honest.write([base]);
    replica.admit(first.bytes);
    const author = { first: false, actor: honest.actor, sequence: 2, prev: first.id } as const;
    const forged = new Author(genesis.context, thief.signer, 77).write([first], { body: { author } });
    expect(replica.admit(forged.bytes)).toMatchObject(refused("DELTA_UNPROVEN"));
    const named = { first: true, member: honest.signer.publicKey, replica: honest.replica } as const;
    const pretender = new Author(genesis.context, thief.signer, 78).write([first], { body: { author: named } });
    expect(replica.admit(pretender.bytes)).toMatchObject(refused("DELTA_UNPROVEN"));
  });

  it("refuses a stamp that is not above a parent's or the previous one's, and a sequence out of turn", async () => {
    const { replica, authors, base } = await scene(4, 2);
    const [a, b] = authors as [Author, Author];
    expect(replica.admit(a.write([base], { stamp: base.stamp }).bytes)).toMatchObject(refused("DELTA_INVALID"));
    const [one, other] = [a.write([base], { after: undefined }), b.write([base])];
    for (const delta of [one, other]) expect(replica.admit(delta.bytes).kind).toBe("admitted");
    const skips = { first: false, actor: a.actor, sequence: 3, prev: one.id } as const;
    expect(replica.admit(a.write([one], { body: { author: skips } }).bytes)).toMatchObject(refused("DELTA_INVALID"));
    const stolen = { first: false, actor: a.actor, sequence: 2, prev: other.id } as const;
    expect(replica.admit(a.write([one], { body: { author: stolen } }).bytes)).toMatchObject(refused("DELTA_INVALID"));
    const early = a.write([base], { after: one, stamp: one.stamp });
    expect(replica.admit(early.bytes)).toMatchObject(refused("DELTA_INVALID"));
  });

  it("keeps back what is stamped ahead of the clock, and takes it in when the time has come", async () => {
    const { replica, authors, base, ports } = await scene(5, 1);
    const ahead = authors[0]!.write([base], { stamp: (START_MS + DRIFT_MAX_MS + 5_000) * 2048 });
    const next = authors[0]!.write([ahead]);
    expect(replica.admit(ahead.bytes)).toMatchObject({ kind: "pending" });
    expect(replica.admit(next.bytes)).toMatchObject({ kind: "pending" });
    expect(replica.missingFrontier(10)).toEqual([]);
    expect(replica.heldVector().get(idKey(authors[0]!.actor))).toBe(2);
    expect(replica.releaseEarly()).toEqual({ verdicts: [], admitted: [], refused: [] });
    ports.nowMs += 4_999;
    replica.releaseEarly();
    expect(replica.pendingSize).toBe(2);
    ports.nowMs += 2;
    expect(replica.releaseEarly()).toMatchObject({
      admitted: [{ delta: { key: ahead.key } }, { delta: { key: next.key } }],
    });
    expect(replica.pendingSize).toBe(0);
  });

  it("forgets the moment that an evicted delta waited for", async () => {
    const { crypto, genesis, base } = await scene(6, 0);
    const admission = new Admission(crypto, genesis.context, () => {});
    const actor = new Uint8Array(16).fill(4) as ActorId;
    for (let i = 0; i < 20 * PENDING_UNPROVEN_PER_ACTOR_MAX; i++) {
      const body = encodeBody({
        author: { first: false, actor, sequence: 2, prev: base.id },
        stamp: ((START_MS + DRIFT_MAX_MS + 5_000) * 2048 + i) as Stamp,
        parents: [base.id],
        epoch: undefined,
        cause: undefined,
        applicationVersion: undefined,
        extensions: [],
        sealed: false,
        payload: new Uint8Array(0),
      });
      const outcome = admission.admit(concatBytes(body, new Uint8Array(SIGNATURE_BYTES)), START_MS);
      expect(outcome.kind).toBe("pending");
    }
    expect(admission.pending.size).toBe(PENDING_UNPROVEN_PER_ACTOR_MAX);
    expect(admission.earlyCount).toBeLessThanOrEqual(2 * PENDING_UNPROVEN_PER_ACTOR_MAX);
  });

  it("lets a reader join and say nothing more", async () => {
    const { replica, authors, base } = await scene(7, 1, "reader");
    const [reader] = authors as [Author];
    const entries = [reader.entry(START_MS * 2048 + 9, (t) => t.field("counter", "c").add(1))];
    expect(replica.admit(reader.write([base], { entries }).bytes)).toMatchObject(refused("DELTA_FORBIDDEN"));
  });

  it("refuses a stranger, and a member who does not build on its own addition", async () => {
    const { replica, authors, base, genesis, crypto, admin } = await scene(8, 1);
    const stranger = new Author(genesis.context, crypto.createSigner(new Uint8Array(32).fill(3)), 3);
    expect(replica.admit(stranger.write([base]).bytes)).toMatchObject(refused("DELTA_FORBIDDEN"));
    const root = { id: genesis.context, stamp: 1 as Stamp } as unknown as AuthenticDelta;
    const outside = authors[0]!.write([root], { stamp: base.stamp + 1 });
    expect(replica.admit(outside.bytes)).toMatchObject(refused("DELTA_FORBIDDEN"));
    const nonce = new Uint8Array(16);
    const member = stranger.signer.publicKey;
    const grab = authors[0]!.write([base], {
      after: undefined,
      entries: [statementEntry({ kind: "add", member, role: "admin", nonce })],
    });
    expect(replica.admit(grab.bytes).kind).toBe("admitted");
    expect(replica.roleOf(member)).toBeUndefined();
    replica.admit(
      admin.write([grab], { entries: [statementEntry({ kind: "add", member, role: "writer", nonce })] }).bytes,
    );
    expect(replica.roleOf(member)).toBe("writer");
  });

  it("lets no entry speak below zero or above its delta", async () => {
    const { replica, authors, base, second } = await scene(9, 1);
    const other = await second();
    const stamp = START_MS * 2048 + 50;
    const write = (value: number) => authors[0]!.entry(stamp, (t) => t.field("register", "r").set(value), 20);
    const entries = [write(1), { ...write(2), offset: stamp }, { ...write(3), offset: stamp + 1 }];
    const delta = authors[0]!.write([base], { stamp, entries });
    for (const at of [replica, other]) expect(at.admit(delta.bytes).kind).toBe("admitted");
    expect(replica.document.field("register", "r").get()).toBe(1);
    await sameState(replica, other);
  });

  it("counts a payload that does not decode as empty, and goes on", async () => {
    const { replica, authors, base } = await scene(10, 1);
    const broken = authors[0]!.write([base], { body: { payload: Uint8Array.of(9, 9, 9) } });
    expect(replica.admit(broken.bytes)).toMatchObject({ kind: "admitted", admitted: [{ entries: [] }] });
    expect(replica.admit(authors[0]!.write([broken]).bytes).kind).toBe("admitted");
  });

  it("admits both of two deltas with one sequence, in either order, to one state", async () => {
    const { replica, authors, base, second, ports, genesis } = await scene(11, 1);
    const other = await second();
    const [clone] = authors as [Author];
    const stamp = START_MS * 2048 + 50;
    const first = clone.write([base]);
    const branch = (value: number, at: number) => {
      const entries = [clone.entry(at, (t) => t.field("register", "r").set(value))];
      return clone.write([first], { after: first, stamp: at, entries });
    };
    const [left, right] = [branch(1, stamp), branch(2, stamp)];
    const onLeft = clone.write([left], { after: left });
    const onRight = clone.write([right], { after: right });
    for (const delta of [first, left, onLeft, right, onRight]) expect(replica.admit(delta.bytes).kind).toBe("admitted");
    for (const delta of [onRight, onLeft, right, left, first]) other.admit(delta.bytes);
    await sameState(replica, other);
    expect([replica.forks, other.forks]).toEqual([2, 2]);
    expect(auditContext(ports.crypto, ports.store, genesis.context)).toMatchObject({ ok: true });
  });

  it("reaches one state whatever the order of delivery", async () => {
    const { authors, base, second } = await scene(12, 4);
    const deltas: AuthenticDelta[] = [base];
    const prng = createPrng(12);
    for (let i = 0; i < 60; i++) {
      const author = prng.pick(authors);
      const parents = [...new Set([prng.pick(deltas), prng.pick(deltas), author.latest ?? base])];
      const stamp = Math.max(...parents.map((parent) => parent.stamp), START_MS * 2048) + 1 + prng.below(3);
      const entries = [
        author.entry(stamp, (t) => {
          t.field("counter", "c").add(i);
          t.field("map", "m").set(`k${i % 5}`, i);
          t.field("set", "s").add(i % 7);
        }),
      ];
      deltas.push(author.write(parents, { stamp, entries }));
    }
    const reference = await second();
    for (const delta of deltas.slice(1)) expect(reference.admit(delta.bytes).kind).toBe("admitted");
    for (let round = 0; round < 6; round++) {
      const other = await second();
      const shuffled = deltas.map((delta) => ({ delta, at: prng.u32() })).sort((a, b) => a.at - b.at);
      for (const { delta } of round === 0 ? [...shuffled].reverse() : shuffled) other.admit(delta.bytes);
      expect(other.pendingSize).toBe(0);
      await sameState(reference, other);
    }
  });

  it("writes what every other replica admits, with more heads than a delta may have parents", async () => {
    const { replica, authors, base, second, ports } = await scene(13, 80);
    const other = await second();
    const call = async () => {
      ports.nowMs += 10;
      const done = await replica.call((t) => {
        t.field("counter", "c").add(1);
        return { ok: true, value: 0, events: [] };
      });
      expect(done.ok).toBe(true);
    };
    for (const author of authors) replica.admit(author.write([base]).bytes);
    for (let i = 0; i < 5; i++) await call();
    for (const bytes of replica.missingFrom(other.vector(), 1e9).deltas) {
      expect(other.admit(bytes)).toMatchObject({ kind: "admitted" });
    }
    await sameState(replica, other);
    expect(replica.flushed.heads).toHaveLength(1);
  });
});
