import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../../tools/property-runs.ts";
import { createPrng, type Prng } from "../../base/index.ts";
import { openDatabase } from "../../database/open-database.ts";
import { exchange, openMember, seededOptions } from "../../database/testing.ts";
import { boolean, Collection, counter, type LivePage, register, string } from "../index.ts";
import { compileQuery, type QueryOptions } from "./conditions.ts";
import { differenceOf } from "./difference.ts";
import { LiveResult } from "./live-result.ts";
import { planQuery } from "./plan.ts";

const definition = {
  fields: { title: register(string()), done: register(boolean()).default(false), votes: counter() },
  indexes: {
    done: "done",
    byVotes: (t: { votes: number }) => t.votes,
    doneVotes: ["done", "votes"],
  },
} as const;

const IDS = Array.from({ length: 40 }, (_, i) => `id${String(i).padStart(2, "0")}`);

const QUERIES: QueryOptions[] = [
  {},
  { where: { done: false } },
  { where: { done: false }, orderBy: ["votes", "desc"], limit: 3 },
  { orderBy: ["byVotes", "asc"], limit: 5, offset: 2 },
  { range: { byVotes: { gte: 2 } } },
  { where: { done: true }, orderBy: ["id", "desc"], limit: 1 },
  { orderBy: "votes", limit: 0 },
  { filter: (t: { votes: number }) => t.votes % 2 === 0, orderBy: ["byVotes", "desc"], limit: 4 },
];

describe("a live result", () => {
  it.each([11, 12])("is at each step what the query finds (seed %i)", async (seed) => {
    const prng: Prng = createPrng(seed);
    const db = await openDatabase(seededOptions(createMemoryStore(), seed));
    const todos = db.collection("todos", definition);
    const bound = Collection.boundOf(todos);
    const other = await openMember(db, createMemoryStore(), seed + 50);
    await exchange(db, other);
    const theirs = other.collection("todos", definition);
    await todos.insertMany(IDS.slice(0, 20).map((id) => ({ id, title: id, votes: prng.below(5) })));
    const lives = QUERIES.map((options) => {
      const conditions = compileQuery(bound.schema, bound.indexes, options);
      return { options, live: new LiveResult(bound, conditions, () => planQuery(conditions, bound.readyIndexes())) };
    });
    for (const { live } of lives) await live.refresh();
    let touched = new Set<string>();
    using _ = todos.onChange((ids) => {
      touched = new Set([...touched, ...ids]);
    });
    for (let round = 0; round < 40; round++) {
      const side = prng.chance(0.7) ? todos : theirs;
      const count = 1 + prng.below(4);
      for (let i = 0; i < count; i++) {
        const id = prng.pick(IDS);
        if (prng.chance(0.3)) await side.delete(id);
        else await side.upsert({ id, title: id, done: prng.chance(0.5), votes: prng.below(3) - 1 });
      }
      await exchange(other, db);
      if (prng.chance(0.3)) await exchange(db, other);
      const ids = touched;
      touched = new Set();
      for (const { options, live } of lives) {
        await live.update(ids);
        expect(live.documents(), JSON.stringify(options)).toEqual(await todos.query(options as never).toArray());
      }
    }
    await db.close();
    await other.close();
  });
});

describe("a watched query", () => {
  it("shows the result, then each commit once, with what changed and the same objects for what did not", async () => {
    const db = await openDatabase(seededOptions(createMemoryStore(), 1));
    const todos = db.collection("todos", definition);
    await todos.insertMany(["a", "b", "c"].map((id, i) => ({ id, title: id, votes: i })));
    const watched = todos.query({ where: { done: false }, orderBy: ["byVotes", "desc"], limit: 2 }).watch();
    const first = await pageOf(watched);
    expect(first.documents.map(({ id }) => id)).toEqual(["c", "b"]);
    expect(first.added.map(({ index }) => index)).toEqual([0, 1]);
    const second = pageOf(watched);
    await db.transact((tx) => {
      const writer = tx.in(todos);
      writer.update("a", (todo) => todo.votes.increment(9));
      writer.insert({ id: "z", title: "z", votes: -1 });
    });
    const { documents, added, removed, updated, moved } = await second;
    expect(documents.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(documents[1]).toBe(first.documents[0]);
    expect(added).toEqual([{ document: documents[0], index: 0 }]);
    expect(removed).toEqual([{ id: "b", index: 1 }]);
    expect([updated, moved]).toEqual([[], []]);
    expect(Object.isFrozen(documents)).toBe(true);
    await db.close();
    expect((await watched.next()).done).toBe(true);
  });

  it("gives a slow reader the latest result, not a queue", async () => {
    const db = await openDatabase(seededOptions(createMemoryStore(), 2));
    const todos = db.collection("todos", definition);
    await todos.insert({ id: "a", title: "a" });
    const watched = todos.query().watch();
    await pageOf(watched);
    for (let i = 0; i < 10; i++) await todos.update("a", (todo) => todo.votes.increment(1));
    expect((await pageOf(watched)).documents[0]?.votes).toBe(10);
    const next = pageOf(watched);
    await todos.update("a", (todo) => todo.votes.increment(1));
    expect((await next).documents[0]?.votes).toBe(11);
    await watched.return();
    expect(Collection.boundOf(todos).listeners.size).toBe(0);
    await db.close();
  });

  it("ends when its signal is aborted, also while it waits", async () => {
    const db = await openDatabase(seededOptions(createMemoryStore(), 3));
    const todos = db.collection("todos", definition);
    const controller = new AbortController();
    const pages: number[] = [];
    const loop = (async () => {
      for await (const page of todos.query().watch({ signal: controller.signal })) {
        pages.push(page.documents.length);
        if (pages.length === 2) controller.abort();
      }
    })();
    await todos.insert({ title: "a" });
    await todos.insert({ title: "b" });
    await loop;
    expect(pages).toHaveLength(2);
    expect(Collection.boundOf(todos).listeners.size).toBe(0);
    await db.close();
  });
});

describe("the difference of two results", () => {
  it("turns one into the other, and moves no more than it must", () => {
    const prng = createPrng(5);
    for (let run = 0; run < historiesOf(300); run++) {
      const draw = () => {
        const ids = IDS.slice(0, 12).filter(() => prng.chance(0.6));
        const order = ids.map((id) => ({ id, at: prng.chance(0.7) ? ids.indexOf(id) : prng.below(12) }));
        return order.sort((x, y) => x.at - y.at).map(({ id }) => ({ id, version: prng.chance(0.8) ? 0 : 1 }));
      };
      const [before, after] = [draw(), draw()];
      const { added, removed, updated, moved } = differenceOf(before, after);
      const gone = new Set([...removed.map(({ id }) => id), ...moved.map(({ id }) => id)]);
      const rebuilt = before.filter(({ id }) => !gone.has(id));
      const inserted = [
        ...added.map(({ document, index }) => ({ document, index })),
        ...moved.map(({ from, to }) => ({ document: before[from]!, index: to })),
      ];
      for (const { document, index } of inserted.sort((x, y) => x.index - y.index)) {
        rebuilt.splice(index, 0, document as (typeof before)[number]);
      }
      for (const { document, index } of updated) rebuilt[index] = document as (typeof before)[number];
      // Fresh objects of the same content count as updates.
      expect(rebuilt).toEqual(after);
    }
    const swapped = differenceOf([{ id: "a" }, { id: "b" }], [{ id: "b" }, { id: "a" }]);
    expect(swapped.moved).toHaveLength(1);
  });
});

async function pageOf<D>(watched: AsyncGenerator<LivePage<D>, void, undefined>): Promise<LivePage<D>> {
  const { value, done } = await watched.next();
  if (done === true || value === undefined) throw new Error("the watch is over");
  return value;
}
