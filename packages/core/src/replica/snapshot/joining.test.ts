import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { idKey, must } from "../../base/index.ts";
import { hasPrunedForm } from "../../dag/index.ts";
import { exchangeAll, give, type Member, openMembers, rootsOf, write } from "../checkpoint/testing.ts";
import { rootOf } from "../testing.ts";
import {
  admitBelow,
  auditedRoot,
  fetchPages,
  joinBySnapshot,
  pageOf,
  prunedCount,
  snapshotOf,
  takeLog,
} from "./testing.ts";

const SEALED = { isSealed: true, joinsFrom: 4 };

/** Two members with a checkpoint in effect over much that was written and deleted, and something after it. */
async function openWritten(count = 3): Promise<Member[]> {
  const members = await openMembers(Array.from({ length: count }, createMemoryStore), SEALED);
  const [one, other] = members as [Member, Member];
  for (let i = 0; i < 40; i++) {
    await write(i % 2 ? one : other, (tx) => tx.field("map", "m").set(`k${i}`, "x".repeat(200)));
    if (i % 10 === 0) await write(one, (tx) => tx.field("text", "t").insert(0, `${i},`));
    if (i % 4 === 0) await write(other, (tx) => tx.field("map", "m").delete(`k${i}`));
  }
  await exchangeAll([one, other]);
  await one.replica.checkpoints.compact();
  await exchangeAll([one, other]);
  await write(one, (tx) => tx.field("map", "m").set("after", 1));
  await exchangeAll([one, other]);
  expect(one.replica.checkpoints.isSettled && other.replica.checkpoints.isSettled).toBe(true);
  return members;
}

describe("joining by a snapshot", () => {
  it("ends with the state of those who have all deltas, and with few of their payloads", async () => {
    const [one, other, late] = (await openWritten()) as [Member, Member, Member];
    await joinBySnapshot(other, late);
    expect(late.replica.checkpoints.joining.isOn).toBe(false);
    expect(new Set(rootsOf([one, other, late])).size).toBe(1);
    expect(auditedRoot(late)).toBe(rootOf(one.replica));
    expect(late.replica.document.field("map", "m").get("k1")).toBe("x".repeat(200));
    expect(late.replica.document.field("map", "m").get("k0")).toBeUndefined();
    expect(late.replica.flushed.count).toBe(one.replica.flushed.count);
    expect(prunedCount(late)).toBeGreaterThan(40);
    // It goes on like anybody: writes, signs the next checkpoint, and serves.
    await write(late, (tx) => tx.field("map", "m").set("late", 2));
    await exchangeAll([one, other, late]);
    await one.replica.checkpoints.compact();
    await exchangeAll([one, other, late]);
    expect(late.replica.checkpoints.chain).toHaveLength(2);
    expect(new Set(rootsOf([one, other, late])).size).toBe(1);
    expect(auditedRoot(late)).toBe(rootOf(one.replica));
    await late.replica.close();
    await late.open();
    expect(new Set(rootsOf([one, other, late])).size).toBe(1);
  });

  it("goes on where it stopped, wherever that was", async () => {
    const [one, other, late] = (await openWritten()) as [Member, Member, Member];
    const reopen = async (): Promise<void> => {
      await late.replica.close();
      await late.open();
    };
    late.replica.checkpoints.joining.begin();
    await admitBelow(one, late, 20);
    await reopen();
    expect(late.replica.checkpoints.joining.isHolding).toBe(true);
    expect(late.replica.flushed.root).toBeUndefined();
    expect(auditedRoot(late)).toBe("AUDIT_JOINING");
    await admitBelow(one, late);
    await reopen();
    expect(late.replica.checkpoints.joining.accepts(snapshotOf(one))).toBe("not now");
    await takeLog(one, late);
    const pages = await fetchPages(other, late, 1);
    await reopen();
    expect(late.replica.checkpoints.joining.accepts(snapshotOf(one))).toBe("yes");
    // What was staged is not fetched again.
    expect(await fetchPages(one, late)).toBe(pages - 1);
    expect(await late.replica.checkpoints.joining.finish(snapshotOf(one))).toMatchObject({ ok: true });
    expect(rootOf(late.replica)).toBe(rootOf(one.replica));
    await reopen();
    expect(late.replica.checkpoints.joining.isOn).toBe(false);
    expect(auditedRoot(late)).toBe(rootOf(one.replica));
  });

  it("keeps what was written at the same time, here and elsewhere", async () => {
    const [one, other, late] = (await openWritten()) as [Member, Member, Member];
    const { joining } = late.replica.checkpoints;
    await takeLog(one, late);
    // Over what the snapshot holds, beside it, and where a tombstone was dropped.
    await write(late, (tx) => tx.field("map", "m").set("k1", "mine"));
    await write(late, (tx) => tx.field("map", "m").set("k0", "again"));
    await fetchPages(one, late);
    await write(other, (tx) => tx.field("map", "m").set("k3", "theirs"));
    await give(other, late);
    expect(await joining.finish(snapshotOf(one))).toMatchObject({ ok: true });
    await exchangeAll([one, other, late]);
    expect(new Set(rootsOf([one, other, late])).size).toBe(1);
    const map = late.replica.document.field("map", "m");
    expect([map.get("k1"), map.get("k0"), map.get("k3")]).toEqual(["mine", "again", "theirs"]);
    expect(auditedRoot(late)).toBe(rootOf(late.replica));
  });

  it("loses nothing of whoever was away with writes that nobody has", async () => {
    const members = await openMembers([createMemoryStore(), createMemoryStore(), createMemoryStore()], SEALED);
    const [one, other, away] = members as [Member, Member, Member];
    for (let i = 0; i < 6; i++) await write(one, (tx) => tx.field("map", "m").set(`k${i}`, i));
    await exchangeAll(members);
    // From here on it hears of nothing, and what it writes stands on what is pruned later.
    await write(away, (tx) => tx.field("map", "m").set("k1", "mine"));
    await write(away, (tx) => tx.field("counter", "c").add(5));
    await write(away, (tx) => tx.field("map", "m").set("own", 1));
    for (const { ports } of members) ports.nowMs += 60_000;
    for (let i = 0; i < 30; i++) {
      await write(one, (tx) => tx.field("counter", "c").add(1));
      await write(one, (tx) => tx.field("map", "m").delete(`k${i % 6}`));
      if (i % 6 !== 1) await write(one, (tx) => tx.field("map", "m").set(`k${i % 6}`, i));
    }
    await exchangeAll([one, other]);
    await one.replica.checkpoints.compact();
    await exchangeAll([one, other]);
    expect(one.replica.checkpoints.chain).toHaveLength(1);
    await joinBySnapshot(other, away);
    expect(prunedCount(away)).toBeGreaterThan(60);
    expect(away.replica.document.field("map", "m").get("own")).toBe(1);
    await exchangeAll(members);
    expect(new Set(rootsOf(members)).size).toBe(1);
    for (const { replica } of members) {
      expect(replica.document.field("counter", "c").value()).toBe(35);
      const map = replica.document.field("map", "m");
      // Its deletion was dropped, so the older write of who was away shows again.
      expect([map.get("own"), map.get("k1"), map.get("k2")]).toEqual([1, "mine", 26]);
    }
    expect(auditedRoot(away)).toBe(rootOf(one.replica));
  });

  it("takes nothing without its payload but what a checkpoint in effect covers", async () => {
    const [one, other, late] = (await openWritten()) as [Member, Member, Member];
    const { deltas } = one.replica.missingFrom(late.replica.vector(), 1e9, "pruned");
    const { verdicts } = late.replica.admitMany(deltas);
    const refused = verdicts.filter((verdict) => verdict.kind === "refused" && verdict.error.code === "DELTA_PRUNED");
    expect(refused.length).toBeGreaterThan(40);
    expect(late.replica.flushed.count).toBeLessThan(one.replica.flushed.count);
    late.replica.checkpoints.joining.begin();
    await admitBelow(one, late);
    // One that only its author has signed, and one that nobody has the payload of.
    await write(one, (tx) => tx.field("map", "m").set("beyond", 5));
    await one.replica.checkpoints.compact();
    const beyond = one.replica.missingFrom(late.replica.vector(), 1e9, "pruned").deltas;
    expect(beyond.filter(hasPrunedForm).length).toBeGreaterThan(1);
    const again = late.replica.admitMany(beyond).verdicts;
    expect(again.filter((verdict) => verdict.kind === "refused").length).toBe(beyond.filter(hasPrunedForm).length);
    const probe = late.replica.checkpoints.joining.createProbe();
    probe.take(one.replica.missingFrom(new Map(), 1e9, "pruned").deltas, late.ports.nowMs);
    const proposed = must(one.replica.checkpoints.proposed[0], "proposed and not signed");
    expect(probe.find(proposed.id)).toBeUndefined();
    await takeLog(one, late);
    await fetchPages(other, late);
    expect(await late.replica.checkpoints.joining.finish(snapshotOf(other))).toMatchObject({ ok: true });
    await exchangeAll([one, other, late]);
    expect(new Set(rootsOf([one, other, late])).size).toBe(1);
    expect(late.replica.document.field("map", "m").get("beyond")).toBe(5);
  });

  it("refuses a page that is another, and a state whose root nobody signed", async () => {
    const [one, , late] = (await openWritten()) as [Member, Member, Member];
    const { joining } = late.replica.checkpoints;
    await takeLog(one, late);
    // What a peer has beyond that is pulled, and no reason to begin once more.
    joining.consider(1e6);
    expect(joining.isHolding).toBe(false);
    const { checkpoint, hashes } = snapshotOf(one);
    const [hash] = await joining.missing(hashes);
    const page = await pageOf(one, must(hash, "a page is missing"));
    for (let at = 0; at < page.length; at += 7) {
      const changed = page.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      // Whoever seals under a key that is only under way has forged nothing.
      expect(joining.stage(must(hash, "one"), changed)).toBe(at < 32 ? "no key" : "forged");
    }
    expect(joining.stage(must(hash, "one"), page.subarray(0, -1))).toBe("forged");
    const forged = hashes.slice();
    forged[3] = (forged[3] ?? 0) ^ 1;
    expect(joining.accepts({ checkpoint, hashes: forged })).toBe("forged");
    expect(joining.accepts({ checkpoint, hashes: hashes.subarray(32) })).toBe("forged");
    expect(joining.accepts({ checkpoint: must(one.replica.flushed.heads[0], "a head"), hashes })).toBe("not now");
    expect(await joining.finish({ checkpoint, hashes: forged })).toMatchObject({ ok: false });
    // Not before all pages are here.
    expect(await joining.finish({ checkpoint, hashes })).toMatchObject({ ok: false });
    expect(late.replica.checkpoints.applied).toBeUndefined();
    await fetchPages(one, late);
    expect(await joining.finish({ checkpoint, hashes })).toMatchObject({ ok: true });
    expect(rootOf(late.replica)).toBe(rootOf(one.replica));
  });

  it("does without the pages when they are not to be had", async () => {
    const [one, , late] = (await openWritten()) as [Member, Member, Member];
    const { joining } = late.replica.checkpoints;
    await takeLog(one, late);
    expect(joining.holes(10_000)).toHaveLength(0);
    joining.giveUp();
    const holes = joining.holes(10_000);
    expect(holes.length).toBeGreaterThan(40);
    const { deltas } = one.replica.byKey(holes.map(idKey), 1e9);
    late.replica.admitMany(deltas.slice(0, 30));
    await late.replica.settled();
    await late.replica.close();
    await late.open();
    const again = late.replica.checkpoints.joining;
    again.giveUp();
    expect(again.holes(10_000)).toHaveLength(holes.length - 30);
    late.replica.admitMany(deltas.slice(30));
    await late.replica.settled();
    expect(again.hasAllPayloads).toBe(true);
    expect(await again.finish(undefined)).toMatchObject({ ok: true });
    await late.replica.checkpoints.settled();
    expect(prunedCount(late)).toBe(0);
    expect(rootOf(late.replica)).toBe(rootOf(one.replica));
    expect(auditedRoot(late)).toBe(rootOf(one.replica));
  });

  it("is over at once where no checkpoint was", async () => {
    const members = await openMembers([createMemoryStore(), createMemoryStore()], SEALED);
    const [one, late] = members as [Member, Member];
    for (let i = 0; i < 9; i++) await write(one, (tx) => tx.field("map", "m").set(`k${i}`, i));
    const { joining } = late.replica.checkpoints;
    joining.consider(8);
    expect(joining.isHolding).toBe(true);
    joining.giveUp();
    expect(joining.isOn).toBe(false);
    joining.consider(1e9);
    expect(joining.isOn).toBe(false);
    await give(one, late);
    await late.replica.settled();
    expect(rootOf(late.replica)).toBe(rootOf(one.replica));
  });

  it("finds a checkpoint where the log is long, asked for or not", async () => {
    const stores = [createMemoryStore(), createMemoryStore()];
    const [one, other] = (await openMembers(stores, { ...SEALED, compactAfter: 1e9 })) as [Member, Member];
    for (let i = 0; i < 20; i++) await write(one, (tx) => tx.field("counter", "c").add(1));
    await exchangeAll([one, other]);
    expect(one.replica.checkpoints.chain).toHaveLength(0);
    for (let i = 0; i < 14; i++) await write(one, (tx) => tx.field("counter", "c").add(1));
    await exchangeAll([one, other]);
    expect(other.replica.checkpoints.chain).toHaveLength(1);
  });

  it("begins with much to fetch, and where little is held", async () => {
    const [one, late] = (await openMembers([createMemoryStore(), createMemoryStore()], SEALED)) as [Member, Member];
    expect(one.replica.flushed.count).toBeLessThan(8);
    late.replica.checkpoints.joining.consider(3);
    expect(late.replica.checkpoints.joining.isOn).toBe(false);
    for (let i = 0; i < 9; i++) await write(one, (tx) => tx.field("map", "m").set(`k${i}`, i));
    one.replica.checkpoints.joining.consider(9);
    expect(one.replica.checkpoints.joining.isOn).toBe(false);
    const [never] = (await openMembers([createMemoryStore()], { isSealed: true })) as [Member];
    never.replica.checkpoints.joining.consider(1e9);
    never.replica.checkpoints.joining.begin();
    expect(never.replica.checkpoints.joining.isOn).toBe(false);
  });
});
