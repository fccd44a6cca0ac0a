import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { createPrng, type KeyValueStore } from "../base/index.ts";
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

async function add(replica: Replica, amount: number): Promise<void> {
  const receipt = await replica.call((transaction) => {
    transaction.field("counter", "votes").add(amount);
    return { ok: true, value: null, events: [] };
  });
  expect(receipt).toMatchObject({ ok: true });
}

function exchange(a: Replica, b: Replica): void {
  const [fromA, fromB] = [a.missingFrom(new Map(), 1e9).deltas, b.missingFrom(new Map(), 1e9).deltas];
  for (const delta of fromA) b.admit(delta);
  for (const delta of fromB) a.admit(delta);
}

it("draws a new actor at another place, so that a copied store loses no increment", async () => {
  const store = createMemoryStore();
  const original = await open(store, 2, "here");
  original.admit(genesis.bytes);
  await add(original, 5);
  const copy = await open(createMemoryStore({ image: store.image() }), 3, "elsewhere");
  await add(original, 1);
  await add(copy, 2);
  exchange(original, copy);
  await Promise.all([original.settled(), copy.settled()]);
  expect(original.document.field("counter", "votes").value()).toBe(8);
  expect(rootOf(original)).toBe(rootOf(copy));
});

it("draws a new actor once it meets a delta of its own that it did not write", async () => {
  const store = createMemoryStore();
  const original = await open(store, 2, "here");
  original.admit(genesis.bytes);
  await add(original, 5);
  // A snapshot of the whole machine: even the place is the same, so only the other's deltas give it away.
  const clone = await open(createMemoryStore({ image: store.image() }), 3, "here");
  await add(original, 1);
  await add(clone, 2);
  exchange(original, clone);
  await Promise.all([original.settled(), clone.settled()]);
  expect(original.forks).toBe(1);
  await add(original, 10);
  await add(clone, 20);
  exchange(original, clone);
  await Promise.all([original.settled(), clone.settled()]);
  expect(original.forks).toBe(1);
  expect(clone.forks).toBe(1);
  expect(rootOf(original)).toBe(rootOf(clone));
  // The two increments of the shared actor join to the larger; those since are both there.
  expect(original.document.field("counter", "votes").value()).toBe(5 + 2 + 10 + 20);
});
