import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { FEED_BATCH_BYTES_MAX } from "../collections/history/limits.ts";
import { type ChangeBatch, counter, openDatabase, register, string, text } from "./index.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = { fields: { title: register(string()), votes: counter(), body: text() } };

async function open(seed: number) {
  const db = await openDatabase(seededOptions(createMemoryStore(), seed));
  return { db, todos: db.collection("todos", definition) };
}

/** What is past, without waiting for more. */
async function past(db: Awaited<ReturnType<typeof open>>["db"], options = {}): Promise<ChangeBatch[]> {
  const end = db.version();
  const batches: ChangeBatch[] = [];
  if (end === (options as { since?: string }).since) return batches;
  for await (const batch of db.changes(options)) {
    batches.push(batch);
    if (batch.cursor === end) break;
  }
  return batches;
}

const brief = (batches: readonly ChangeBatch[]) =>
  batches.flatMap(({ changes }) => changes.map(({ kind, id, fields }) => [kind, id, ...fields].join(" ")));

describe("the feed of a database", () => {
  it("tells what is past and then what comes, in the order of the commits", async () => {
    const { db, todos } = await open(1);
    await todos.insert({ id: "a", title: "1" });
    await todos.update("a", { title: "2" });
    const feed = db.changes();
    const first = await feed.next();
    expect(brief([first.value as ChangeBatch])).toEqual(["insert a", "update a title"]);
    const next = feed.next();
    await todos.delete("a");
    expect(brief([(await next).value as ChangeBatch])).toEqual(["delete a"]);
    const end = feed.next();
    await db.close();
    expect((await end).done).toBe(true);
  });

  it("goes on after a cursor, from now, and of some collections", async () => {
    const { db, todos } = await open(2);
    const others = db.collection("others", { fields: { name: register(string()) } });
    await todos.insert({ id: "a", title: "1" });
    const [batch] = await past(db);
    await others.insert({ id: "o", name: "x" });
    await todos.update("a", (todo) => {
      todo.votes.increment(2);
    });
    const since = batch?.cursor as string;
    expect(brief(await past(db, { since }))).toEqual(["insert o", "update a votes"]);
    expect(brief(await past(db, { since, collections: ["others"] }))).toEqual(["insert o"]);
    expect((await past(db, { limit: 1 })).map(({ deltas }) => deltas.length)).toEqual([1, 1, 1, 1]);
    const controller = new AbortController();
    const live = db.changes({ since: "now", signal: controller.signal });
    const next = live.next();
    await others.delete("o");
    expect(brief([(await next).value as ChangeBatch])).toEqual(["delete o"]);
    const end = live.next();
    controller.abort();
    expect((await end).done).toBe(true);
    await db.close();
  });

  it("cuts batches by bytes", async () => {
    const { db, todos } = await open(3);
    const title = "x".repeat(FEED_BATCH_BYTES_MAX / 4);
    for (let i = 0; i < 8; i++) await todos.insert({ title });
    const sizes = (await past(db)).map(({ deltas }) => deltas.reduce((sum, { length }) => sum + length, 0));
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(FEED_BATCH_BYTES_MAX);
    await db.close();
  });

  it("refuses the cursor of another database, and one of what is not here", async () => {
    const [one, two] = [await open(4), await open(5)];
    const { db: copy } = { db: await openMember(one.db, createMemoryStore(), 6) };
    await one.todos.insert({ title: "1" });
    const invalid = (since: string) => expect(() => two.db.changes({ since })).toThrow(/database/);
    for (const since of [one.db.version(), "", "x.y", `${two.db.version()}.`]) invalid(since);
    expect(() => copy.changes({ since: one.db.version() })).toThrow(/does not hold/);
    await exchange(one.db, copy);
    expect(() => copy.changes({ since: one.db.version() })).not.toThrow();
    for (const { db } of [one, two, { db: copy }]) await db.close();
  });
});

describe("a feed taken in", () => {
  it("makes the copy equal, tells of merges, and is harmless twice", async () => {
    const { db, todos } = await open(7);
    const copy = await openMember(db, createMemoryStore(), 8);
    const theirs = copy.collection("todos", definition);
    await todos.insert({ id: "a", title: "1", body: "hello" });
    const count = db.replica.flushed.count;
    expect(await copy.apply(await past(db))).toEqual({ admitted: count - 1, known: 1, pending: 0 });
    expect(await copy.apply(await past(db))).toEqual({ admitted: 0, known: count, pending: 0 });
    const since = copy.version();
    await theirs.update("a", { title: "theirs" });
    await todos.insert({ id: "b", title: "2" });
    await todos.update("a", { title: "ours" });
    const feed = await past(db, { since: db.version() });
    expect(feed).toEqual([]);
    await copy.apply((await past(db)).map(({ deltas }) => deltas));
    expect(brief(await past(copy, { since }))).toEqual(["update a title", "merge b", "merge a title"]);
    await db.apply(await past(copy, { since }));
    expect(await todos.get("a")).toEqual(await theirs.get("a"));
    expect(copy.version()).toBe(db.version());
    await db.close();
    await copy.close();
  });

  it("keeps what waits, and names the place of what it refuses", async () => {
    const { db, todos } = await open(9);
    const copy = await openMember(db, createMemoryStore(), 10);
    const since = db.version();
    for (const title of ["1", "2", "3", "4"]) await todos.insert({ title });
    await copy.apply(await past(db, { limit: 1 }).then((batches) => batches.slice(0, 2)));
    const deltas = (await past(db, { since })).flatMap((batch) => batch.deltas);
    const [first, second, third, fourth] = deltas as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(await copy.apply([[third, second]])).toEqual({ admitted: 0, known: 0, pending: 2 });
    const forged = fourth.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    await expect(copy.apply([[first], [forged]])).rejects.toMatchObject({
      code: "DELTA_UNPROVEN",
      place: { index: 1 },
    });
    await expect(copy.apply([["x"]] as never)).rejects.toMatchObject({ code: "FEED_MALFORMED" });
    expect(await copy.apply([deltas])).toEqual({ admitted: 1, known: 3, pending: 0 });
    expect(copy.version()).toBe(db.version());
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(copy.apply([deltas], { signal: aborted })).rejects.toThrow("enough");
    await db.close();
    await copy.close();
  });

  it("works over a store whose pages must be loaded", async () => {
    const { db, todos } = await open(11);
    for (let i = 0; i < 40; i++) await todos.insert({ id: `t${i % 20}-${i}`, title: String(i) });
    const slow = createAsyncMemoryStore({ pageEntries: 4, pagesMax: 6 });
    const copy = await openMember(db, slow, 12);
    await copy.apply(await past(db, { limit: 7 }));
    const theirs = copy.collection("todos", definition);
    const since = copy.version();
    for (let i = 0; i < 40; i++) await todos.upsert({ id: `t${i % 20}-${i}`, title: `again ${i}` });
    expect((await copy.apply(await past(db, { since, limit: 9 }))).admitted).toBe(40);
    expect(copy.version()).toBe(db.version());
    expect(brief(await past(copy, { since }))).toEqual(brief(await past(db, { since })));
    expect((await theirs.at(since).get("t3-23"))?.title).toBe("23");
    await db.close();
    await copy.close();
  });
});
