/** Random histories of records on three replicas against a model that is computed from all deltas each time. */

import { expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { bytesToHex, createPrng, type Prng } from "../../base/index.ts";
import { Document } from "../document.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { Transaction } from "../transaction.ts";
import { readCounter, readLast, readSet } from "./read-record.ts";

/** What one delta did to one document, in words. */
type Act =
  | { readonly id: string; readonly kind: "delete"; readonly generation: string }
  | { readonly id: string; readonly kind: "write"; readonly generation: string; readonly writes: readonly Write[] };

type Write =
  | { readonly kind: "set"; readonly name: string; readonly value: number }
  | { readonly kind: "add"; readonly amount: number }
  | { readonly kind: "include"; readonly element: string }
  | { readonly kind: "exclude"; readonly element: string; readonly seen: ReadonlySet<Delta> };

interface Delta {
  readonly stamp: number;
  readonly actor: number;
  readonly name: string;
  joins: Uint8Array;
  readonly acts: Act[];
}

const IDS = ["a", "b", "c"];
const FIRST = "";

/** Compares as (stamp, actor) do. */
function nameOf(stamp: number, actor: number): string {
  return `${String(stamp).padStart(6, "0")}.${actor}`;
}

function actsOn(deltas: ReadonlySet<Delta>, id: string): { delta: Delta; act: Act }[] {
  const ordered = [...deltas].sort((x, y) => (x.name < y.name ? -1 : 1));
  return ordered.flatMap((delta) => delta.acts.filter((act) => act.id === id).map((act) => ({ delta, act })));
}

/** The greatest generation, who deleted it, and what was written in it. */
function modelOf(deltas: ReadonlySet<Delta>, id: string) {
  const acts = actsOn(deltas, id);
  const generation = acts.reduce((greatest, { act }) => (act.generation > greatest ? act.generation : greatest), FIRST);
  const inIt = acts.filter(({ act }) => act.generation === generation);
  const deletions = inIt.filter(({ act }) => act.kind === "delete").map(({ delta }) => delta.name);
  const writes = inIt.flatMap(({ delta, act }) =>
    act.kind === "write" ? act.writes.map((write) => ({ delta, write })) : [],
  );
  const values: { [name: string]: number } = {};
  let sum = 0;
  const elements = new Set<string>();
  for (const { delta, write } of writes) {
    if (write.kind === "set") values[write.name] = write.value;
    if (write.kind === "add") sum += write.amount;
    if (write.kind !== "include") continue;
    const isRemoved = writes.some(
      (other) => other.write.kind === "exclude" && other.write.element === write.element && other.write.seen.has(delta),
    );
    if (!isRemoved) elements.add(write.element);
  }
  const exists = inIt.length > 0;
  return { generation, exists, deletion: deletions.sort().at(-1), shown: { values, sum, tags: [...elements].sort() } };
}

class Replica {
  readonly index: number;
  readonly source = new MemorySource();
  readonly known = new Set<Delta>();
  document: Document;
  #clock = 0;

  constructor(index: number) {
    this.index = index;
    this.document = this.#open();
  }

  #open(): Document {
    return new Document(this.source, { recordCacheBytes: 2_000 });
  }

  write(prng: Prng): Delta {
    for (const { stamp } of this.known) this.#clock = Math.max(this.#clock, stamp);
    this.#clock += 1 + prng.below(2);
    const delta: Delta = {
      stamp: this.#clock,
      actor: this.index,
      name: nameOf(this.#clock, this.index),
      joins: new Uint8Array(0),
      acts: [],
    };
    const tx = this.document.begin(originOf(delta.stamp, this.index));
    for (const id of IDS) if (prng.chance(0.5)) this.#act(prng, tx, id, delta);
    delta.joins = tx.commit() ?? delta.joins;
    this.known.add(delta);
    return delta;
  }

  #act(prng: Prng, tx: Transaction, id: string, delta: Delta): void {
    const todos = tx.field("records", "todos");
    const model = modelOf(this.known, id);
    const isLive = model.exists && model.deletion === undefined;
    if (isLive && prng.chance(0.25)) {
      expect(todos.delete(id)).toBe(true);
      if (prng.chance(0.5)) {
        delta.acts.push({ id, kind: "delete", generation: model.generation });
        return;
      }
    }
    const isRenewed = isLive && !todos.has(id);
    const editor = todos.has(id) ? todos.edit(id) : todos.insert(id);
    const generation = isRenewed ? delta.name : (model.deletion ?? model.generation);
    const writes: Write[] = [];
    const name = prng.pick(["t", "n"]);
    const value = prng.below(5);
    if (prng.chance(0.6)) {
      editor.set(name, value);
      writes.push({ kind: "set", name, value });
    }
    if (prng.chance(0.4)) {
      editor.add("votes", value - 2);
      writes.push({ kind: "add", amount: value - 2 });
    }
    const element = prng.pick(["p", "q"]);
    if (prng.chance(0.5)) {
      editor.addTo("tags", element);
      writes.push({ kind: "include", element });
    } else if (prng.chance(0.6)) {
      editor.removeFrom("tags", element);
      writes.push({ kind: "exclude", element, seen: new Set(this.known) });
    }
    delta.acts.push({ id, kind: "write", generation, writes });
  }

  take(delta: Delta): void {
    if (delta.joins.length > 0) {
      const applied = this.document.apply(delta.joins, originOf(delta.stamp, delta.actor));
      expect(applied).toMatchObject({ ok: true, value: { void: 0 } });
    }
    this.known.add(delta);
  }

  /** As after a flush, and sometimes as after a restart. */
  settle(prng: Prng): void {
    if (prng.chance(0.5)) this.document.root();
    this.source.put(this.document.takeDirty());
    if (prng.chance(0.3)) this.document.release();
    if (prng.chance(0.2)) this.document = this.#open();
  }

  check(): void {
    const todos = this.document.field("records", "todos");
    const shown = todos.page({ limit: 10 }).map(({ id, record }) => {
      const names = ["n", "t"].filter((name) => readLast(record, name) !== undefined);
      const values = Object.fromEntries(names.map((name) => [name, readLast(record, name)]));
      return [id, { values, sum: readCounter(record, "votes"), tags: readSet(record, "tags") }];
    });
    const models = IDS.map((id) => [id, modelOf(this.known, id)] as const);
    const expected = models.filter(([, { exists, deletion }]) => exists && deletion === undefined);
    expect(shown).toEqual(expected.map(([id, model]) => [id, model.shown]));
  }
}

function checkHistory(seed: number): void {
  const prng = createPrng(7_000 + seed);
  const replicas = [new Replica(1), new Replica(2), new Replica(3)];
  const deltas: Delta[] = [];
  for (let step = 0; step < 25; step++) {
    const replica = prng.pick(replicas);
    // Whatever is known is known with all that it follows, as admission has it; twice is harmless.
    for (const delta of deltas.slice(0, prng.below(deltas.length + 1))) replica.take(delta);
    deltas.push(replica.write(prng));
    if (prng.chance(0.4)) replica.settle(prng);
    if (step % 5 === 0) replica.check();
  }
  for (const replica of replicas) for (const delta of [...deltas].sort(() => prng.unit() - 0.5)) replica.take(delta);
  for (const replica of replicas) replica.check();
  const roots = replicas.map((replica) => bytesToHex(replica.document.root()));
  expect(new Set(roots).size).toBe(1);
  for (const replica of replicas) {
    replica.source.put(replica.document.takeDirty());
    expect(bytesToHex(Document.rootOf(replica.source.entries()))).toBe(roots[0]);
  }
}

const PER_TEST = historiesOf(10);

it.each(Array.from({ length: 8 }, (_, i) => i * PER_TEST + 1))(
  "shows what the model shows after any history, and replicas agree: seeds from %i",
  (first) => {
    for (let seed = first; seed < first + PER_TEST; seed++) checkHistory(seed);
  },
);
