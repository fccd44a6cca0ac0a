import { createMemoryStore, type MemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { createPrng, type Prng } from "../base/index.ts";
import type { TextWriter } from "../crdt/index.ts";
import type { Database } from "../database/index.ts";
import { openDatabase } from "../database/open-database.ts";
import { exchange, openMember, seededOptions } from "../database/testing.ts";
import { Collection } from "./collection.ts";
import { boolean, counter, each, integer, register, set, string, text, unique, words } from "./index.ts";
import type { QueryOptions } from "./query/conditions.ts";

const fields = {
  title: register(string()),
  done: register(boolean()).default(false),
  rank: register(integer()).optional(),
  votes: counter(),
  tags: set(string()),
  body: text(),
};

/** Nothing here can use an index, so every query of it looks at every document. */
const plain = { fields, indexes: {} };
const indexed = {
  fields,
  indexes: {
    done: (t: { done: boolean }) => t.done,
    byVotes: (t: { votes: number }) => t.votes,
    doneRank: ["done", "rank"] as const,
    byTag: each((t: { tags: readonly string[] }) => t.tags),
    title: words((t: { title: string }) => t.title),
    bodyWords: words("body"),
    rank: unique((t: { rank?: number | undefined }) => t.rank),
  },
};

const IDS = ["a", "b", "c", "d", "e", "f", "g", "h"];
const WORDS = ["red", "rose", "Rös", "blue", "blau", "green tree"];

const declare = (db: Database) => db.collection("todos", indexed);
type Todos = ReturnType<typeof declare>;

function retype(prng: Prng, body: TextWriter): void {
  const { length } = body;
  if (prng.chance(0.5)) body.insert(prng.below(length + 1), ` ${prng.pick(WORDS)} `);
  else if (length > 0) body.delete(0, 1 + prng.below(length));
}

async function act(prng: Prng, todos: Todos): Promise<void> {
  const id = prng.pick(IDS);
  const input = () => ({
    id: prng.pick(IDS),
    title: prng.pick(WORDS),
    done: prng.chance(0.5),
    votes: prng.below(4) - 1,
    tags: [prng.pick(WORDS)],
    ...(prng.chance(0.5) ? { body: `${prng.pick(WORDS)} ${prng.pick(WORDS)}` } : {}),
    ...(prng.chance(0.5) ? { rank: prng.below(3) } : {}),
  });
  try {
    switch (prng.below(6)) {
      case 0:
        await todos.insert(input());
        break;
      case 1:
        await todos.insertMany([input(), input()]);
        break;
      case 2:
        await todos.delete(id);
        break;
      case 3:
        await todos.upsert(input());
        break;
      default:
        await todos.update(id, (todo) => {
          todo.votes.increment(prng.below(5) - 2);
          if (prng.chance(0.5)) todo.done = prng.chance(0.5);
          if (prng.chance(0.3)) todo.tags.add(prng.pick(WORDS));
          if (prng.chance(0.3)) todo.tags.remove(prng.pick(WORDS));
          if (prng.chance(0.3)) todo.rank = prng.chance(0.5) ? undefined : prng.below(3);
          retype(prng, todo.body);
          if (prng.chance(0.2)) throw new Error("taken back");
        });
    }
  } catch (thrown) {
    const message = String(thrown);
    if (!/DOCUMENT|there is no document|is there|taken back/.test(message)) throw thrown;
  }
}

function drawQuery(prng: Prng): QueryOptions {
  const order = ["byVotes", "done", "rank", "id", "votes", "tags"];
  return {
    ...(prng.chance(0.5)
      ? { where: { done: prng.chance(0.5), ...(prng.chance(0.3) ? { rank: prng.pick([undefined, 0, 1]) } : {}) } }
      : {}),
    ...(prng.chance(0.4) ? { range: { byVotes: prng.pick([{ gte: 0 }, { gt: 0, lt: 3 }, { lte: 1 }]) } } : {}),
    ...(prng.chance(0.3) ? { contains: { byTag: prng.pick(WORDS) } } : {}),
    ...(prng.chance(0.3) ? { match: { title: prng.pick(["r", "ro", "bl", "ros", "tree gre", "none"]) } } : {}),
    ...(prng.chance(0.4) ? { match: { bodyWords: prng.pick(["r", "ro", "bl", "ros", "tree gre", "none"]) } } : {}),
    ...(prng.chance(0.7) ? { orderBy: [prng.pick(order), prng.pick(["asc", "desc"] as const)] as const } : {}),
    ...(prng.chance(0.5) ? { limit: prng.below(4), offset: prng.below(3) } : {}),
  };
}

/** The same query over indexes and, by a condition that no index knows, over every document. */
async function check(prng: Prng, todos: Todos): Promise<void> {
  const options = drawQuery(prng);
  const found = await todos.query(options as never).toArray();
  const bound = Collection.boundOf(todos);
  const hidden = bound.readyIndexes.bind(bound);
  bound.readyIndexes = () => [];
  const scanned = await todos.query(options as never).toArray();
  bound.readyIndexes = hidden;
  expect(found, JSON.stringify(options)).toEqual(scanned);
  const ids = await todos.query(options as never).ids();
  expect(ids, JSON.stringify(options)).toEqual(scanned.map(({ id }) => id));
}

interface Side {
  db: Database;
  todos: Todos;
  readonly store: MemoryStore;
}

async function reopen(side: Side, prng: Prng): Promise<void> {
  await side.db.close();
  side.db = await openDatabase(seededOptions(side.store, prng.below(1_000_000)));
  // Sometimes the collection is opened without its indexes first, and documents change that nobody follows.
  if (prng.chance(0.3)) {
    const bare = side.db.collection("todos", plain);
    await bare.upsert({ id: prng.pick(IDS), title: "red", votes: 1 });
    await side.db.close();
    side.db = await openDatabase(seededOptions(side.store, prng.below(1_000_000)));
  }
  side.todos = declare(side.db);
}

describe("indexes", () => {
  it.each(Array.from({ length: historiesOf(6) }, (_, i) => i + 1))(
    "equal a scan after any history of two members (seed %i)",
    async (seed) => {
      const prng = createPrng(seed);
      const first = createMemoryStore();
      const a: Side = { store: first, db: await openDatabase(seededOptions(first, seed)) } as Side;
      a.todos = declare(a.db);
      const second = createMemoryStore();
      const b: Side = { store: second, db: await openMember(a.db, second, seed + 100) } as Side;
      await exchange(a.db, b.db);
      b.todos = declare(b.db);
      for (let round = 0; round < 60; round++) {
        const side = prng.chance(0.5) ? a : b;
        await act(prng, side.todos);
        if (prng.chance(0.2)) await exchange(a.db, b.db);
        if (prng.chance(0.2)) await exchange(b.db, a.db);
        if (prng.chance(0.05)) await reopen(side, prng);
        await check(prng, side.todos);
      }
      await exchange(a.db, b.db);
      await exchange(b.db, a.db);
      for (let i = 0; i < 20; i++) {
        await check(prng, a.todos);
        await check(prng, b.todos);
      }
      expect(await a.todos.query().toArray()).toEqual(await b.todos.query().toArray());
      await a.db.close();
      await b.db.close();
    },
  );
});
