import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { createPrng, idKey, type Prng, Reader, Writer } from "../../base/index.ts";
import type { ListJoins } from "../joins/list-joins.ts";
import * as listJoins from "../joins/list-joins.ts";
import type { Origin } from "../origin.ts";
import { actorOf, originOf } from "../reference/draw.ts";
import { type ListBlock, ListState } from "./list-state.ts";
import { ReferenceList } from "./reference/reference-list.ts";

const HISTORIES = historiesOf(30);
const intern = (bytes: Uint8Array) => actorOf(bytes[0] ?? 0);

interface Message {
  readonly origin: Origin;
  readonly joins: ListJoins;
  /** How many messages of each replica the writer had seen. */
  readonly seen: readonly number[];
}

class Replica {
  list = new ListState();
  readonly reference = new ReferenceList();
  readonly blocks = new Map<string, ListBlock>();
  readonly seen: number[];
  stamp = 0;
  readonly number: number;

  constructor(number: number, size: number) {
    this.number = number;
    this.seen = Array.from({ length: size }, () => 0);
  }

  get origin(): Origin {
    return originOf(this.stamp + 1, this.number + 1);
  }

  collect(): ListBlock[] {
    for (const block of this.list.takeDirty()) {
      this.blocks.set(`${block.family} ${idKey(block.actor)} ${block.block}`, block);
    }
    return [...this.blocks.values()];
  }

  /** Equal for equal states. */
  fingerprint(): string {
    const lines = this.collect().map((b) => `${b.family} ${b.actor.join()}/${b.block}: ${b.bytes.join()}`);
    return lines.sort().join("\n");
  }
}

class Network {
  readonly replicas: readonly Replica[];
  readonly logs: readonly Message[][];

  constructor(size: number) {
    this.replicas = Array.from({ length: size }, (_, i) => new Replica(i, size));
    this.logs = this.replicas.map(() => []);
  }

  commit(replica: Replica): void {
    const { origin } = replica;
    const joins = replica.list.takeJoins(origin.actor);
    if (joins === undefined) return;
    replica.reference.apply(joins, origin);
    replica.stamp++;
    replica.seen[replica.number] = (replica.seen[replica.number] ?? 0) + 1;
    this.logs[replica.number]?.push({ origin, joins: recoded(joins), seen: [...replica.seen] });
  }

  deliver(to: Replica, from: number): boolean {
    const at = to.seen[from] ?? 0;
    const message = this.logs[from]?.[at];
    if (message === undefined) return false;
    const isReady = message.seen.every((count, i) => (to.seen[i] ?? 0) >= (i === from ? count - 1 : count));
    if (!isReady) return false;
    to.list.apply(message.joins, message.origin);
    to.reference.apply(message.joins, message.origin);
    to.stamp = Math.max(to.stamp, message.origin.stamp);
    to.seen[from] = at + 1;
    return true;
  }

  settle(): void {
    for (let isIdle = false; !isIdle; ) {
      isIdle = true;
      for (const to of this.replicas) {
        for (const from of this.replicas) if (this.deliver(to, from.number)) isIdle = false;
      }
    }
  }
}

describe("random histories of a list", () => {
  it("give the same values and the same blocks on every replica, as the reference has them", () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const prng = createPrng(seed);
      const network = new Network(2 + prng.below(3));
      for (let step = 0; step < 40; step++) work(prng, network);
      network.settle();
      const [first] = network.replicas as [Replica];
      for (const replica of network.replicas) {
        const context = `seed ${seed} replica ${replica.number}`;
        expect(replica.list.contents(0, replica.list.length), context).toEqual(replica.reference.toArray());
        expect(replica.reference.toArray(), context).toEqual(first.reference.toArray());
        expect(replica.fingerprint(), context).toBe(first.fingerprint());
        reload(replica);
      }
    }
  });
});

function work(prng: Prng, network: Network): void {
  const replica = prng.pick(network.replicas);
  for (let i = prng.below(4); i > 0; i--) network.deliver(replica, prng.below(network.replicas.length));
  for (let edits = 1 + prng.below(3); edits > 0; edits--) edit(prng, replica);
  network.commit(replica);
  if (prng.chance(0.1)) replica.collect();
  if (prng.chance(0.05)) reload(replica);
}

/** A local edit, checked against the same edit of an array. */
function edit(prng: Prng, replica: Replica): void {
  const { list, origin } = replica;
  const model = list.contents(0, list.length);
  const at = prng.below(model.length + 1);
  const kind = model.length === 0 || at === model.length ? 0 : prng.below(6);
  if (kind <= 1) {
    const values = Array.from({ length: prng.chance(0.05) ? 150 : 1 + prng.below(3) }, () => prng.below(1_000_000));
    list.insert(origin, at, values);
    model.splice(at, 0, ...values);
  } else if (kind === 2) {
    const count = Math.min(model.length - at, 1 + prng.below(3));
    list.delete(at, count);
    model.splice(at, count);
  } else if (kind === 3) {
    const value = prng.below(1_000_000);
    list.set(origin, at, value);
    model[at] = value;
  } else {
    const to = prng.below(model.length);
    const element = list.elementAt(at);
    list.move(origin, at, to);
    model.splice(to, 0, ...model.splice(at, 1));
    expect(list.indexOfElement(element)).toBe(to);
  }
  expect(list.contents(0, list.length)).toEqual(model);
  expect(list.length).toBe(model.length);
}

/** Through the bytes, as every join comes. */
function recoded(joins: ListJoins): ListJoins {
  const writer = new Writer();
  listJoins.write(writer, joins);
  const reader = new Reader(writer.toBytes());
  const read = listJoins.read(reader, intern, { joins: 0 });
  expect(reader.finish()).toBe(true);
  return read;
}

/** Replaces a replica's list by what its blocks say. */
function reload(replica: Replica): void {
  const loaded = ListState.load(replica.collect(), intern);
  if (!loaded.ok) throw new Error(loaded.error.message);
  expect(loaded.value.contents(0, loaded.value.length)).toEqual(replica.list.contents(0, replica.list.length));
  expect(loaded.value.takeDirty()).toEqual([]);
  replica.list = loaded.value;
}
