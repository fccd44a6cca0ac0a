import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { createPrng, type Prng } from "../base/index.ts";
import { type ChangeBatch, counter, type Database, openDatabase, register, string } from "./index.ts";
import { openMember, seededOptions } from "./testing.ts";

const definition = { fields: { title: register(string()).optional(), votes: counter() } };
const declare = (db: Database) => db.collection("todos", definition);
type Todos = ReturnType<typeof declare>;

const IDS = ["a", "b", "c", "d"];

async function act(prng: Prng, todos: Todos): Promise<void> {
  const id = prng.pick(IDS);
  const title = String(prng.below(100));
  if (prng.chance(0.2)) await todos.delete(id);
  else if (prng.chance(0.5)) await todos.upsert({ id, title });
  else if (await todos.has(id)) {
    await todos.update(id, (todo) => {
      todo.votes.increment(prng.below(5));
    });
  }
}

/** One side's reader of the other: what it knows survives its interruptions, and nothing else does. */
class Follower {
  #cursor: string | undefined;
  readonly #shown = new Set<string>();
  readonly #from: Database;
  readonly #to: Database;
  readonly #prng: Prng;

  constructor(from: Database, to: Database, prng: Prng) {
    this.#from = from;
    this.#to = to;
    this.#prng = prng;
  }

  /** Takes in the feed to its end, or breaks off anywhere in it. */
  async follow(mayBreakOff: boolean): Promise<void> {
    await this.#to.apply(this.#batches(mayBreakOff));
  }

  /** The documents that are there, as the changes tell. */
  get shown(): ReadonlySet<string> {
    return this.#shown;
  }

  async *#batches(mayBreakOff: boolean): AsyncGenerator<ChangeBatch> {
    const end = this.#from.version();
    const options = { limit: 1 + this.#prng.below(4), ...(this.#cursor === undefined ? {} : { since: this.#cursor }) };
    if (this.#cursor === end) return;
    for await (const batch of this.#from.changes(options)) {
      if (mayBreakOff && this.#prng.chance(0.2)) return;
      for (const { id, effect } of batch.changes) {
        if (effect === "delete") this.#shown.delete(id);
        else this.#shown.add(id);
      }
      yield batch;
      if (mayBreakOff && this.#prng.chance(0.2)) return;
      this.#cursor = batch.cursor;
      if (batch.cursor === end) return;
    }
  }
}

it("two copies that follow each other end equal, wherever their feeds are interrupted", async () => {
  for (let seed = 1; seed <= historiesOf(12); seed++) {
    const prng = createPrng(seed);
    const one = await openDatabase(seededOptions(createMemoryStore(), 1000 * seed));
    const two = await openMember(one, createMemoryStore(), 1000 * seed + 500);
    const followers = [new Follower(one, two, prng), new Follower(two, one, prng)];
    await followers[0]?.follow(false);
    const sides = [declare(one), declare(two)];
    for (let step = 0; step < 60; step++) {
      if (prng.chance(0.3)) await prng.pick(followers).follow(true);
      else await act(prng, prng.pick(sides));
    }
    for (const follower of [...followers, ...followers]) await follower.follow(false);
    expect(two.version()).toBe(one.version());
    const [ours, theirs] = await Promise.all(sides.map((todos) => todos.getMany(IDS)));
    expect(ours).toEqual(theirs);
    const there = IDS.filter((_, i) => ours?.[i] !== undefined);
    for (const { shown } of followers) expect([...shown].sort()).toEqual(there);
    await one.close();
    await two.close();
  }
});
