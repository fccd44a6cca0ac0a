import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { idKey, type KeyValueStore, must, runLoaded } from "../../base/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import { auditContext } from "../audit.ts";
import { Author, rootOf } from "../testing.ts";
import type { CompactReport } from "./report.ts";
import { encodeCheckpointStatement } from "./statement.ts";
import { exchangeAll, give, type Member, openMembers, rootsOf, rowsOf, write } from "./testing.ts";

async function compact(member: Member, takeOver = false): Promise<CompactReport> {
  const done = await member.replica.checkpoints.compact({ takeOver });
  if (!done.ok) throw new Error(`${done.error.code}: ${done.error.message}`);
  return done.value;
}

function stores(count: number): KeyValueStore[] {
  return Array.from({ length: count }, createMemoryStore);
}

async function alone(): Promise<Member> {
  return must((await openMembers(stores(1)))[0], "the founder");
}

async function two(): Promise<[Member, Member]> {
  return (await openMembers(stores(2))) as [Member, Member];
}

const KEYS = Array.from({ length: 200 }, (_, i) => `key-${i}`);

async function fill(member: Member): Promise<void> {
  await write(member, (tx) => {
    for (const key of KEYS) tx.field("map", "m").set(key, key);
  });
}

async function empty(member: Member, left = 0): Promise<void> {
  await write(member, (tx) => {
    for (const key of KEYS.slice(left)) tx.field("map", "m").delete(key);
  });
}

describe("a checkpoint of who writes alone", () => {
  it("takes effect at once and gives back cells, pages of hashes and memory", async () => {
    const member = await alone();
    await fill(member);
    await empty(member, 5);
    expect(rowsOf(member, "c")).toHaveLength(200);
    expect(await compact(member)).toEqual({ state: "compacted", cells: 195 });
    expect(rowsOf(member, "c")).toHaveLength(5);
    expect(rowsOf(member, "b")).toHaveLength(5);
    expect(member.replica.document.field("map", "m").keys()).toHaveLength(5);
    expect(await compact(member)).toEqual({ state: "compacted", cells: 0 });
    const [root] = rootsOf([member]);
    await member.replica.close();
    await member.open();
    expect(rootsOf([member])).toEqual([root]);
    await write(member, (tx) => tx.field("map", "m").delete("key-1"));
    const { replica, store } = member;
    expect(auditContext(createCrypto(), store, replica.context)).toMatchObject({
      ok: true,
      value: { root: rootOf(replica) },
    });
    const [key, value] = must(rowsOf(member, "b")[0], "a cell");
    await store.commit([{ kind: "put", key, value: Uint8Array.of(...value, 1) }]);
    expect(auditContext(createCrypto(), store, replica.context)).toMatchObject({ ok: false });
    expect(member.replica.checkpoints.applied).toBeDefined();
  });

  it("goes on from the last one, and takes calls meanwhile", async () => {
    const member = await alone();
    await fill(member);
    await compact(member);
    await empty(member);
    const calls = Array.from({ length: 20 }, (_, i) => write(member, (tx) => tx.field("map", "n").set(`n${i}`, i)));
    const [report] = await Promise.all([compact(member), ...calls]);
    expect(report).toEqual({ state: "compacted", cells: 200 });
    expect(member.replica.document.field("map", "n").keys()).toHaveLength(20);
    expect(rowsOf(member, "c").length).toBe(20);
  });
});

describe("a checkpoint of several members", () => {
  it("takes effect when a majority has signed it, of two both", async () => {
    const [one, two_] = await two();
    await fill(one);
    await empty(one);
    await exchangeAll([one, two_]);
    expect(await compact(one)).toEqual({ state: "proposed", waitingFor: [two_.replica.member] });
    expect(rowsOf(one, "c")).toHaveLength(200);
    await exchangeAll([one, two_]);
    for (const member of [one, two_]) expect(rowsOf(member, "c")).toHaveLength(0);
    const [a, b] = rootsOf([one, two_]);
    expect(a).toBe(b);
    expect(await compact(two_)).toEqual({ state: "compacted", cells: 0 });
  });

  it("is one after the other: who made the last makes the next, or takes over", async () => {
    const [one, other] = await two();
    await fill(one);
    await exchangeAll([one, other]);
    expect(await compact(other)).toEqual({ state: "elsewhere" });
    expect(await compact(other, true)).toMatchObject({ state: "proposed" });
    await exchangeAll([one, other]);
    expect(one.replica.checkpoints.applied?.key).toBe(other.replica.checkpoints.applied?.key);
    await empty(other);
    expect(await compact(other)).toMatchObject({ state: "proposed" });
    await exchangeAll([one, other]);
    expect(rowsOf(one, "c")).toHaveLength(0);
  });

  // Counterexample D2 (b): a write older than a dropped tombstone, which one had before and the other has after.
  it("leaves one state, whether an older write came before it or after", async () => {
    const [one, other, third] = (await openMembers(stores(3))) as [Member, Member, Member];
    await write(one, (tx) => tx.field("map", "m").set("k", "first"));
    await exchangeAll([one, other, third]);
    await write(third, (tx) => tx.field("map", "m").set("k", "late"));
    one.ports.nowMs += 1000;
    await write(one, (tx) => tx.field("map", "m").delete("k"));
    await give(one, other);
    expect(await compact(one)).toMatchObject({ state: "proposed" });
    await give(third, other);
    expect(other.replica.document.field("map", "m").get("k")).toBeUndefined();
    await exchangeAll([one, other]);
    await exchangeAll([one, other, third]);
    expect(new Set(rootsOf([one, other, third])).size).toBe(1);
    expect(one.replica.checkpoints.applied).toBeDefined();
    expect(other.replica.document.field("map", "m").get("k")).toBe("late");
  });
});

describe("a checkpoint over a store whose pages must be loaded", () => {
  it("is the same, however few pages stay", async () => {
    const [plain, slow] = [createMemoryStore(), createAsyncMemoryStore({ pageEntries: 4, pagesMax: 8 })];
    const members = (await openMembers([plain, slow])) as [Member, Member];
    const [one, other] = members;
    await fill(one);
    await write(one, (tx) => {
      for (const key of ["a", "b", "c"]) tx.field("map", "texts").child("text", key).insert(0, "hello ".repeat(20));
    });
    await exchangeAll(members);
    await compact(one);
    await exchangeAll(members);
    await empty(one, 3);
    await write(one, (tx) => tx.field("map", "texts").delete("b"));
    await exchangeAll(members);
    await compact(one);
    await exchangeAll(members);
    expect(one.replica.checkpoints.chain).toHaveLength(2);
    expect(other.replica.checkpoints.applied?.key).toBe(one.replica.checkpoints.applied?.key);
    expect(rowsOf(one, "c")).toHaveLength(7);
    await other.replica.close();
    const rows = await runLoaded(slow, () => rowsOf(other, "c"));
    expect(rows.map(([, value]) => [...value])).toEqual(rowsOf(one, "c").map(([, value]) => [...value]));
  });
});

describe("a checkpoint that is not what it says", () => {
  it("is contradicted, and takes no effect", async () => {
    const [one, other, third] = (await openMembers(stores(3))) as [Member, Member, Member];
    await fill(one);
    await exchangeAll([one, other, third]);
    const [head] = one.replica.flushed.heads;
    const { graph, context } = one.replica;
    const id = must(head, "there is one");
    const parent = { id, stamp: graph.stampOf(must(graph.orderOf(idKey(id)), "a head is admitted")) };
    const root = new Uint8Array(32).fill(1);
    const statement = encodeCheckpointStatement({ kind: "checkpoint", predecessor: undefined, root, heads: [id] });
    const lie = new Author(context, one.signer, 77).write([parent], { entries: [{ kind: "access", statement }] });
    for (const { replica } of [one, other, third]) replica.admit(lie.bytes);
    await exchangeAll([one, other, third]);
    for (const { replica } of [one, other, third]) {
      expect(replica.checkpoints.chain).toHaveLength(0);
      expect(replica.checkpoints.proposed).toHaveLength(0);
    }
    expect(await compact(other, true)).toMatchObject({ state: "proposed" });
    await exchangeAll([one, other, third]);
    for (const { replica } of [one, other, third]) expect(replica.checkpoints.chain).toHaveLength(1);
    expect(new Set(rootsOf([one, other, third])).size).toBe(1);
  });
});

describe("a crash while a replica goes over to a checkpoint", () => {
  it("leaves the state before it or the one after, and it goes on when it is opened again", async () => {
    for (let batches = 0; batches <= 3; batches++) {
      const held: (() => void)[] = [];
      let isHeld = false;
      const flush = (): Promise<void> => (isHeld ? new Promise((resolve) => held.push(resolve)) : Promise.resolve());
      const store = createMemoryStore({ flush });
      const member = must((await openMembers([store]))[0], "the founder");
      await fill(member);
      await empty(member, 5);
      isHeld = true;
      const compacting = member.replica.checkpoints.compact();
      for (let flushed = 0; flushed < batches; flushed++) {
        while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
        if (batches > 1 && flushed === 0) must(held.shift(), "it waits")();
        else break;
      }
      const image = store.crash(batches);
      const again = must((await openMembers([createMemoryStore({ image })]))[0], "the founder");
      await again.replica.checkpoints.settled();
      if (again.replica.checkpoints.chain.length === 0) await compact(again);
      expect(rowsOf(again, "c")).toHaveLength(5);
      expect(auditContext(createCrypto(), again.store, again.replica.context).ok).toBe(true);
      void compacting;
    }
  });
});
