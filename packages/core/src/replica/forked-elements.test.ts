/**
 * Two copies of one store write as one actor, meet, and sync with a third: in the end all are equal, and what either
 * wrote is shown once.
 */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { createPrng, type KeyValueStore } from "../base/index.ts";
import type { Transaction } from "../crdt/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { Replica } from "./replica.ts";
import { rootOf, testGenesis, testPorts } from "./testing.ts";

const signer = createCrypto().createSigner(createPrng(7).bytes(32));
const genesis = testGenesis(signer, 1);

async function open(store: KeyValueStore, seed: number, place: string): Promise<Replica> {
  const opened = await Replica.open(testPorts(store, seed), { context: genesis.context, signer, place });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function write(replica: Replica, run: (transaction: Transaction) => void): Promise<void> {
  const receipt = await replica.call((transaction) => {
    run(transaction);
    return { ok: true, value: null, events: [] };
  });
  expect(receipt).toMatchObject({ ok: true });
}

function send(from: Replica, to: Replica): void {
  to.admitMany(from.missingFrom(new Map(), 1e9).deltas);
}

async function settle(replicas: readonly Replica[]): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const from of replicas) for (const to of replicas) if (from !== to) send(from, to);
    for (const replica of replicas) {
      replica.tick();
      await replica.settled();
    }
  }
}

/** An original, with what `start` writes, and a copy of it in the same place. */
async function forked(start: (transaction: Transaction) => void) {
  const store = createMemoryStore();
  const original = await open(store, 2, "here");
  original.admit(genesis.bytes);
  await write(original, start);
  const copy = createMemoryStore({ image: store.image() });
  const clone = await open(copy, 3, "here");
  const third = await open(createMemoryStore(), 4, "there");
  send(original, third);
  await third.settled();
  return { original, clone, third, store, copy };
}

const textOf = ({ document }: Replica) => document.field("text", "t").toString();
const listOf = ({ document }: Replica) => document.field("list", "l").toArray();

function expectEqual(replicas: readonly Replica[], label = ""): void {
  const [first, ...others] = replicas.map(rootOf);
  for (const other of others) expect(other, label).toBe(first);
}

describe("two copies that inserted under one id", () => {
  it("both keep what they typed, each in one piece", async () => {
    const { original, clone, third } = await forked((t) => t.field("text", "t").insert(0, "[]"));
    await write(original, (t) => t.field("text", "t").insert(1, "hello"));
    await write(clone, (t) => t.field("text", "t").insert(1, "big"));
    await write(clone, (t) => t.field("text", "t").insert(4, " world"));
    await settle([original, clone, third]);
    expect(["[hellobig world]", "[big worldhello]"]).toContain(textOf(third));
    expectEqual([original, clone, third]);
  });

  it("both keep their items, also where one of them is gone", async () => {
    const { original, clone, third } = await forked((t) => t.field("list", "l").push("start"));
    await write(original, (t) => t.field("list", "l").push("a", "b"));
    await write(clone, (t) => t.field("list", "l").push("c"));
    send(original, third);
    await original.close();
    await settle([clone, third]);
    expect(listOf(third).toSorted()).toEqual(["a", "b", "c", "start"]);
    expectEqual([clone, third]);
  });
});
