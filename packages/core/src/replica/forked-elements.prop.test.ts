/**
 * Forked histories: copies of one store write as one actor, one finds out before the other, a third writes beside them
 * and one copy may be gone or be opened again in between. Every value that was written and not deleted is shown, once.
 */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { createPrng, type KeyValueStore, type Prng } from "../base/index.ts";
import { at, edit, TREE_ROOT, type Transaction } from "../crdt/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { Replica } from "./replica.ts";
import { rootOf, START_MS, testGenesis, testPorts } from "./testing.ts";

const signer = createCrypto().createSigner(createPrng(7).bytes(32));
const genesis = testGenesis(signer, 1);
const FIRST_UNIT = 0x4e00;

async function open(store: KeyValueStore, seed: number, place: string): Promise<Replica> {
  const ports = testPorts(store, seed);
  // Apart, so that no two write under one stamp.
  ports.nowMs = START_MS + seed;
  const opened = await Replica.open(ports, { context: genesis.context, signer, place });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
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

/** What everybody has written and nobody has deleted. */
class Written {
  readonly units = new Set<string>();
  readonly items = new Set<number>();
  readonly nested = new Set<number>();
  readonly elements = new Set<number>();
  readonly entries = new Set<number>();
  readonly nodes = new Set<string>();
  readonly keys = new Map<string, number>();
  count = 0;
  #last = 0;

  next(): number {
    return ++this.#last;
  }
}

type Step = (transaction: Transaction, prng: Prng, written: Written) => void;

const steps: readonly Step[] = [
  (transaction, prng, written) => {
    const text = transaction.field("text", "t");
    const units = Array.from({ length: 1 + prng.below(6) }, () => String.fromCharCode(FIRST_UNIT + written.next()));
    for (const unit of units) written.units.add(unit);
    text.insert(prng.below(text.length + 1), units.join(""));
  },
  (transaction, prng, written) => {
    const text = transaction.field("text", "t");
    if (text.length === 0) return;
    const position = prng.below(text.length);
    const count = Math.min(1 + prng.below(3), text.length - position);
    for (const unit of text.slice(position, position + count)) written.units.delete(unit);
    text.delete(position, count);
  },
  (transaction, prng, written) => {
    const list = transaction.field("list", "l");
    const values = Array.from({ length: 1 + prng.below(3) }, () => written.next());
    for (const value of values) written.items.add(value);
    list.insert(prng.below(list.length + 1), ...values);
  },
  (transaction, prng) => {
    const list = transaction.field("list", "l");
    if (list.length > 0) list.move(prng.below(list.length), prng.below(list.length));
  },
  (transaction, prng, written) => {
    const list = transaction.field("list", "l");
    if (list.length === 0) return;
    const index = prng.below(list.length);
    written.items.delete(list.get(index) as number);
    list.delete(index);
  },
  (transaction, prng, written) => {
    const list = transaction.field("list", "nested");
    const value = written.next();
    written.nested.add(value);
    const map = list.insertContainer("map", prng.below(list.length + 1));
    map.set("value", value);
    map.child("text", "body").insert(0, `${value}`);
  },
  (transaction, _prng, written) => {
    const value = written.next();
    written.elements.add(value);
    transaction.field("set", "s").add(value);
  },
  (transaction, _prng, written) => {
    const value = written.next();
    written.entries.add(value);
    transaction.field("log", "log").append(Uint8Array.of(value >> 8, value & 255));
  },
  (transaction, _prng, written) => {
    written.nodes.add(transaction.field("tree", "tree").create(TREE_ROOT));
  },
  (transaction, _prng, written) => {
    const value = written.next();
    written.keys.set(`key ${value}`, value);
    transaction.field("map", "m").set(`key ${value}`, value);
    transaction.field("records", "r").insert(`key ${value}`).add("likes", 1);
  },
  (transaction, prng, written) => {
    const amount = 1 + prng.below(9);
    written.count += amount;
    transaction.field("counter", "c").add(amount);
    edit(transaction, ["deep", "count"]).ensure("counter").add(amount);
  },
];

async function write(replica: Replica, prng: Prng, written: Written, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const step = prng.pick(steps);
    const receipt = await replica.call((transaction) => {
      step(transaction, prng, written);
      return { ok: true, value: null, events: [] };
    });
    expect(receipt).toMatchObject({ ok: true });
  }
}

function expectShown({ document }: Replica, written: Written, label: string): void {
  const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);
  expect([...document.field("text", "t").toString()].sort(), label).toEqual([...written.units].sort());
  expect(sorted(document.field("list", "l").toArray() as number[]), label).toEqual(sorted(written.items));
  const nested = document.field("list", "nested");
  const held = Array.from({ length: nested.length }, (_, i) => nested.nested("map", i));
  expect(sorted(held.map((map) => map?.get("value") as number)), label).toEqual(sorted(written.nested));
  for (const map of held) expect(map?.nested("text", "body")?.toString(), label).toBe(`${map?.get("value")}`);
  expect(sorted(document.field("set", "s").values() as number[]), label).toEqual(sorted(written.elements));
  const log = document.field("log", "log");
  const entries = log.keys().map((key) => log.get(key)?.bytes ?? new Uint8Array(2));
  expect(sorted(entries.map(([high = 0, low = 0]) => high * 256 + low)), label).toEqual(sorted(written.entries));
  for (const node of written.nodes) expect(document.field("tree", "tree").has(node), label).toBe(true);
  for (const [key, value] of written.keys) {
    expect(document.field("map", "m").get(key), label).toBe(value);
    expect(document.field("records", "r").get(key), label).toBeDefined();
  }
  expect(document.field("counter", "c").value(), label).toBe(written.count);
  expect(at(document, ["deep", "count"]).container("counter")?.value() ?? 0, label).toBe(written.count);
}

async function run(seed: number): Promise<void> {
  const prng = createPrng(seed);
  const written = new Written();
  const store = createMemoryStore();
  let original = await open(store, 2, "here");
  original.admit(genesis.bytes);
  await write(original, prng, written, 1 + prng.below(8));
  const copy = createMemoryStore({ image: store.image() });
  let clone = await open(copy, 3, "here");
  const third = await open(createMemoryStore(), 4, "there");
  send(original, third);
  await third.settled();
  await write(third, prng, written, prng.below(4));
  await write(original, prng, written, 1 + prng.below(8));
  await write(clone, prng, written, 1 + prng.below(8));
  if (prng.chance(0.5)) {
    send(original, third);
    await third.settled();
    await write(third, prng, written, 0);
  }
  // One finds out, and issues again what it knows of; the other goes on as before.
  send(clone, original);
  if (prng.chance(0.5)) original.tick();
  await original.settled();
  await write(clone, prng, written, prng.below(4));
  if (prng.chance(0.3)) {
    await Promise.all([original.close(), clone.close()]);
    original = await open(createMemoryStore({ image: store.image() }), 5, "here");
    clone = await open(createMemoryStore({ image: copy.image() }), 6, "here");
  }
  await settle([original, clone, third]);
  const label = `seed ${seed}`;
  const replicas = [original, clone, third];
  for (const replica of replicas) expect(rootOf(replica), label).toBe(rootOf(original));
  for (const replica of replicas) expectShown(replica, written, label);
  // And from then on as if nothing had been.
  for (const replica of replicas) await write(replica, prng, written, 3);
  await settle(replicas);
  for (const replica of replicas) expectShown(replica, written, `${label}, later`);
  for (const replica of replicas) expect(rootOf(replica), label).toBe(rootOf(original));
  await Promise.all(replicas.map((replica) => replica.close()));
}

// Two elements moved to one position; two runs of one branch under the ids of one run of the other.
const seedsThatFailed = [17, 258, 410, 699, 1089, 1151];

it("shows every value that either copy wrote, once", { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 16; seed++) await run(seed);
});

it("does where it did not", { timeout: 60_000 }, async () => {
  for (const seed of seedsThatFailed) await run(seed);
});
