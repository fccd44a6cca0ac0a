import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import type { KeyValueStore } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { auditContext } from "../replica/index.ts";
import { boolean, type Database, openDatabase, register, string, text } from "./index.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = {
  fields: { title: register(string()), done: register(boolean()).default(false), body: text() },
  indexes: { done: (t: { done: boolean }) => t.done, byTitle: (t: { title: string }) => t.title },
};

const ITEMS = Array.from({ length: 300 }, (_, i) => ({ title: `todo ${i}`, done: i % 2 === 0, body: `body of ${i}` }));

function rowsIn(store: KeyValueStore, db: Database): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [key] of store.range({ gte: new Uint8Array(0), lt: new Uint8Array(80).fill(255) })) {
    if (!db.context.every((byte, i) => key[i] === byte)) continue;
    const table = String.fromCharCode(key[32] as number);
    counts[table] = (counts[table] ?? 0) + 1;
  }
  return counts;
}

describe("a database that is compacted", () => {
  it("gives back the rows of what was deleted, and goes on as it was", async () => {
    const store = createMemoryStore();
    const db = await openDatabase(seededOptions(store, 1));
    const todos = db.collection("todos", definition);
    const ids = await todos.insertMany(ITEMS);
    db.replica.document.root();
    await todos.deleteMany(ids.slice(10));
    expect(rowsIn(store, db)["c"]).toBe(600);
    expect(await db.compact()).toEqual({ state: "compacted", cells: 580 });
    expect(rowsIn(store, db)).toMatchObject({ c: 20, b: 20 });
    expect(rowsIn(store, db)["h"] ?? 0).toBeLessThan(3);
    expect(await todos.query({ where: { done: true } }).count()).toBe(5);
    expect(await todos.read(ids[3] as string, "body", (body) => body.toString())).toBe("body of 3");
    const again = await todos.insert({ id: ids[200] as string, title: "anew" });
    expect(await todos.read(again, "body", (body) => body.toString())).toBeUndefined();
    await db.close();
    const reopened = await openDatabase(seededOptions(store, 2));
    const read = reopened.collection("todos", definition);
    expect(await read.query({ orderBy: ["byTitle", "asc"], limit: 1 }).toArray()).toMatchObject([{ title: "anew" }]);
    expect(auditContext(createCrypto(), store, reopened.context).ok).toBe(true);
    await reopened.close();
  });

  it("compacts by itself after so many deltas", async () => {
    const store = createMemoryStore();
    const db = await openDatabase({ ...seededOptions(store, 3), compactAfter: 20 });
    const todos = db.collection("todos", definition);
    for (let i = 0; i < 25; i++) {
      const id = await todos.insert({ title: "brief" });
      await todos.delete(id);
    }
    await db.replica.checkpoints.settled();
    expect(rowsIn(store, db)["c"] ?? 0).toBeLessThan(15);
    expect(db.replica.checkpoints.chain.length).toBeGreaterThan(1);
    await db.close();
  });

  it("is compacted with the consent of its other members, whose queries see no difference", async () => {
    const [left, right] = [createMemoryStore(), createMemoryStore()];
    const db = await openDatabase(seededOptions(left, 5));
    const other = await openMember(db, right, 6);
    const [todos, theirs] = [db.collection("todos", definition), other.collection("todos", definition)];
    const ids = await todos.insertMany(ITEMS.slice(0, 50));
    await todos.deleteMany(ids.slice(5));
    await exchange(db, other);
    await theirs.insert({ id: "late", title: "late", done: true });
    expect(await db.compact()).toMatchObject({ state: "proposed" });
    for (let i = 0; i < 3; i++) {
      await exchange(db, other);
      await other.replica.checkpoints.settled();
      await exchange(other, db);
      await db.replica.checkpoints.settled();
    }
    expect(rowsIn(left, db)).toMatchObject({ c: 11, b: 10 });
    expect(rowsIn(right, other)).toMatchObject({ c: 11, b: 10 });
    const query = { where: { done: true } };
    expect(await todos.query(query).count()).toBe(4);
    expect(await theirs.query(query).count()).toBe(4);
    await Promise.all([db.close(), other.close()]);
  });
});
