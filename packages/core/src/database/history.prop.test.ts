import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { createPrng, type Prng } from "../base/index.ts";
import {
  counter,
  type Database,
  type EditorOf,
  list,
  map,
  multiValue,
  openDatabase,
  register,
  set,
  string,
  text,
} from "./index.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = {
  fields: {
    title: register(string()).optional(),
    alias: multiValue(string()),
    votes: counter(),
    tags: set(string()),
    body: text(),
    cards: list(string()),
    meta: map(),
  },
};
const declare = (db: Database) => db.collection("todos", definition);
type Todos = ReturnType<typeof declare>;

const IDS = ["a", "b", "c"];

async function act(prng: Prng, todos: Todos): Promise<void> {
  const id = prng.pick(IDS);
  const word = () => prng.pick(["red", "rose", "blue", "green"]);
  if (prng.chance(0.2)) await todos.delete(id);
  else if (prng.chance(0.4)) await todos.upsert({ id, title: word(), tags: [word()] });
  else if (await todos.has(id)) {
    const [tag, alias, votes] = [word(), word(), prng.below(5)];
    const writes = [
      () => todos.update(id, (todo) => todo.tags.remove(tag)),
      () => todos.update(id, { alias }),
      () =>
        todos.update(id, (todo) => {
          todo.votes.increment(votes);
        }),
      () => todos.update(id, (todo) => actInside(todo, votes, tag)),
    ];
    // Together they are one commit.
    await Promise.all(writes.filter(() => prng.chance(0.6)).map((write) => write()));
  }
}

/** Writes in the containers of a document, and in one that is nested. */
function actInside({ body, cards, meta }: EditorOf<(typeof definition)["fields"]>, n: number, word: string): void {
  if (n > 1) body.insert(n % (body.length + 1), word);
  else if (body.length > 0) body.delete(0, Math.min(2, body.length));
  body.mark(0, body.length, "bold", n);
  cards.insert(n % (cards.length + 1), word);
  if (n === 0) cards.delete(0);
  else cards.move(0, cards.length - 1);
  if (n === 3) cards.set(0, "set");
  meta.child("text", word).insert(0, word);
  if (n === 4) meta.delete(word);
}

type Reader = Pick<ReturnType<Todos["at"]>, "getMany" | "read">;

async function show(todos: Reader): Promise<unknown[]> {
  const shown: unknown[] = [];
  for (const [i, document] of (await todos.getMany(IDS)).entries()) {
    const id = IDS[i] as string;
    const body = await todos.read(id, "body", (view) => view.toSpans());
    const cards = await todos.read(id, "cards", (view) => view.toArray());
    const meta = await todos.read(id, "meta", (view) =>
      view.keys().map((key) => [key, view.nested("text", key)?.toString()]),
    );
    shown.push(document === undefined ? undefined : { document, body, cards, meta });
  }
  return shown;
}

interface Moment {
  readonly version: string;
  readonly shown: readonly unknown[];
}

/** Both sides write and hear of each other now and then; what each showed after each of its steps. */
async function live(prng: Prng, databases: readonly [Database, Database], sides: readonly Todos[]): Promise<Moment[]> {
  const [one, two] = databases;
  const moments: Moment[] = [];
  for (let step = 0; step < 50; step++) {
    const what = prng.below(8);
    if (what === 0) await exchange(one, two);
    if (what === 1) await exchange(two, one);
    const side = prng.below(2);
    const todos = sides[side] as Todos;
    await act(prng, todos);
    moments.push({ version: (databases[side] as Database).version(), shown: await show(todos) });
  }
  await exchange(one, two);
  await exchange(two, one);
  return moments;
}

async function expectHistory(todos: Todos, id: string): Promise<void> {
  const versions = await todos.history(id, { limit: 1000 });
  const paged: typeof versions = [];
  for (let before: string | undefined; ; before = paged.at(-1)?.version) {
    const page = await todos.history(id, before === undefined ? { limit: 3 } : { limit: 3, before });
    paged.push(...page);
    if (page.length < 3) break;
  }
  expect(paged).toEqual(versions);
  const [newest] = versions;
  const last = newest === undefined ? undefined : await todos.at(newest.version).get(id);
  expect(last).toEqual(await todos.get(id));
}

/** What was done to a text and a list between two versions leads from the one to the other. */
async function expectEdits(prng: Prng, todos: Todos, moments: readonly Moment[]): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const [from, to, id] = [prng.pick(moments).version, prng.pick(moments).version, prng.pick(IDS)];
    const { body, cards } = await todos.diff(id, from, to);
    for (const difference of [body, cards]) {
      if (difference === undefined) continue;
      const units = [...((difference.before ?? []) as Iterable<unknown>)];
      for (const { at, removed, inserted } of (difference.edits ?? []).toReversed()) {
        units.splice(at, removed, ...inserted);
      }
      expect(units).toEqual([...((difference.after ?? []) as Iterable<unknown>)]);
    }
  }
}

it("a document at a version is what it was at that moment, on every copy and whatever came since", async () => {
  for (let seed = 1; seed <= historiesOf(4); seed++) {
    const prng = createPrng(seed);
    const one = await openDatabase(seededOptions(createMemoryStore(), 1000 * seed));
    const two = await openMember(one, createMemoryStore(), 1000 * seed + 500);
    await exchange(one, two);
    const sides = [declare(one), declare(two)];
    const moments = await live(prng, [one, two], sides);
    for (const todos of sides) {
      for (const { version, shown } of moments) expect(await show(todos.at(version))).toEqual(shown);
      await expectEdits(prng, todos, moments);
      for (const id of IDS) await expectHistory(todos, id);
    }
    await one.close();
    await two.close();
  }
});
