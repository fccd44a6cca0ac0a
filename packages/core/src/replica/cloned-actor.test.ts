import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { createPrng, type KeyValueStore } from "../base/index.ts";
import { at, edit, readCounter } from "../crdt/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { decodeFormer, encodeFormer } from "./reissue.ts";
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
  // Of the two increments as one actor the join keeps the larger; who lost the other counts it again.
  await countAgain([original, clone]);
  expect(original.document.field("counter", "votes").value()).toBe(5 + 1 + 2 + 10 + 20);
  expect(rootOf(original)).toBe(rootOf(clone));
});

/** Lets each see what the others wrote, and look at what it lost, until nothing is new. */
async function countAgain(replicas: readonly Replica[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const a of replicas) for (const b of replicas) if (a !== b) exchange(a, b);
    for (const replica of replicas) {
      replica.tick();
      await replica.settled();
    }
  }
  for (const a of replicas) for (const b of replicas) if (a !== b) exchange(a, b);
  await Promise.all(replicas.map((replica) => replica.settled()));
}

it("A9: loses no increment of two copies, whoever counted more, whenever each finds out, and over reopening", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const prng = createPrng(seed);
    const store = createMemoryStore();
    const original = await open(store, 2, "here");
    original.admit(genesis.bytes);
    const start = 1 + prng.below(9);
    await add(original, start);
    const copy = createMemoryStore({ image: store.image() });
    const clone = await open(copy, 3, "here");
    let total = start;
    const write = async (replica: Replica) => {
      const amount = 1 + prng.below(20);
      const sign = prng.below(4) === 0 ? -1 : 1;
      total += sign * amount;
      await add(replica, sign * amount);
    };
    for (let i = prng.below(4) + 1; i > 0; i--) await write(original);
    for (let i = prng.below(4) + 1; i > 0; i--) await write(clone);
    // One finds out, and counts again what it knows of; the other goes on as before.
    original.admitMany(clone.missingFrom(new Map(), 1e9).deltas);
    original.tick();
    await original.settled();
    for (let i = prng.below(3); i > 0; i--) await write(clone);
    await write(original);
    await countAgain([original, clone]);
    expect(original.document.field("counter", "votes").value(), `seed ${seed}`).toBe(total);
    expect(rootOf(original)).toBe(rootOf(clone));
    await Promise.all([original.close(), clone.close()]);
    const again = [await open(store, 5, "here"), await open(copy, 6, "here")] as const;
    await write(again[0]);
    await countAgain(again);
    expect(again[1].document.field("counter", "votes").value(), `seed ${seed}`).toBe(total);
  }
});

it("counts again in every kind of counter, at the root, nested and in records", async () => {
  const store = createMemoryStore();
  const original = await open(store, 2, "here");
  original.admit(genesis.bytes);
  const write = async (replica: Replica, amount: number, isFirst = false) => {
    const receipt = await replica.call((transaction) => {
      transaction.field("grow-counter", "grown").add(amount);
      edit(transaction, ["nested", "deep"]).ensure("counter").add(amount);
      const records = transaction.field("records", "notes");
      (isFirst ? records.insert("a") : records.edit("a")).add("likes", amount);
      return { ok: true, value: null, events: [] };
    });
    expect(receipt).toMatchObject({ ok: true });
  };
  await write(original, 1, true);
  const clone = await open(createMemoryStore({ image: store.image() }), 3, "here");
  await write(original, 10);
  await write(clone, 100);
  await countAgain([original, clone]);
  for (const { document } of [original, clone]) {
    expect(document.field("grow-counter", "grown").value()).toBe(111);
    const record = document.field("records", "notes").get("a");
    expect(record && readCounter(record, "likes")).toBe(111);
    expect(at(document, ["nested", "deep"]).container("counter")?.value()).toBe(111);
  }
});

it("rows of what was counted again have one encoding", () => {
  const counted = new Map([
    ["place", { added: 5, subtracted: 0 }],
    ["ÿ", { added: 0, subtracted: 300 }],
  ]);
  const corpus = [
    { tip: 0, counted: new Map(), issued: new Map() },
    { tip: 70_000, counted, issued: new Map([[7, "12345678"]]) },
  ].map(encodeFormer);
  const report = fuzzDecoder({ name: "former actor", seed: 3, corpus, decode: decodeFormer, encode: encodeFormer });
  expect(report.accepted).toBeGreaterThan(100);
});
