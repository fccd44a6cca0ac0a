import { createAsyncMemoryStore, createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { createPrng } from "../base/index.ts";
import { type Database, integer, openDatabase, register } from "../database/index.ts";
import { exchange, openMember, seededOptions } from "../database/testing.ts";
import { Metrics } from "../metrics/index.ts";

const definition = { fields: { n: register(integer()) } };
const itemsOf = (db: Database) => db.collection("items", definition);

describe("the count of a collection", () => {
  it("is that of a scan after any history, of members who write at once, and of a store opened again", async () => {
    const prng = createPrng(5);
    const store = createMemoryStore();
    let one = await openDatabase(seededOptions(store, 1));
    const two = await openMember(one, createMemoryStore(), 2);
    await exchange(one, two);
    const scanned = async (db: Database): Promise<number> => (await itemsOf(db).query().ids()).length;
    for (let step = 0; step < 120; step++) {
      const db = prng.chance(0.5) ? one : two;
      const id = `item${prng.below(8)}`;
      if (prng.chance(0.4)) await itemsOf(db).delete(id);
      else await itemsOf(db).upsert({ id, n: step });
      if (prng.chance(0.2)) await exchange(one, two);
      if (prng.chance(0.2)) await exchange(two, one);
      if (step === 60) {
        await one.close();
        one = await openDatabase(seededOptions(store, 1));
      }
      for (const side of [one, two]) expect(await itemsOf(side).count()).toBe(await scanned(side));
    }
    await one.close();
    await two.close();
  });

  it("is kept of a collection that nobody has declared, and read by whoever opens the store", async () => {
    const store = createAsyncMemoryStore();
    const db = await openDatabase(seededOptions(store, 1));
    await itemsOf(db).insertMany([{ n: 1 }, { n: 2 }]);
    const failed = db.transact((tx) => {
      tx.in(itemsOf(db)).insert({ n: 3 });
      throw new Error("taken back");
    });
    await expect(failed).rejects.toThrow("taken back");
    await db.close();
    const metrics = new Metrics({ now: () => 0 });
    const again = await openDatabase({ ...seededOptions(store, 1), metrics });
    expect(metrics.gauge("state.items").value).toBe(2);
    expect(await itemsOf(again).count()).toBe(2);
    await again.close();
    expect(metrics.gauge("state.items").value).toBe(0);
  });

  it("adds up over the databases of one registry", async () => {
    const metrics = new Metrics({ now: () => 0 });
    await using one = await openDatabase({ ...seededOptions(createMemoryStore(), 1), metrics });
    await using two = await openDatabase({ ...seededOptions(createMemoryStore(), 2), metrics });
    await itemsOf(one).insertMany([{ n: 1 }, { n: 2 }]);
    const id = await itemsOf(two).insert({ n: 3 });
    await two.collection("others", definition).insert({ n: 4 });
    expect(metrics.gauge("state.items").value).toBe(4);
    await itemsOf(two).delete(id);
    expect(metrics.gauge("state.items").value).toBe(3);
  });

  it("counts a call that had to load, as what it is, once more", async () => {
    const metrics = new Metrics({ now: () => 0 });
    const store = createAsyncMemoryStore({ pageEntries: 4, pagesMax: 4 });
    const first = await openDatabase(seededOptions(store, 1));
    await itemsOf(first).insertMany(Array.from({ length: 200 }, (_, n) => ({ id: `a${n}`, n })));
    await first.close();
    await using db = await openDatabase({ ...seededOptions(store, 1), metrics });
    await itemsOf(db).update("a100", { n: 2 });
    expect(metrics.counter("operation.retries", { kind: "update" }).value).toBeGreaterThan(0);
    expect(metrics.counter("operation.retries", { kind: "call" }).value).toBe(0);
  });
});
