import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { CollectionError, counter } from "../collections/index.ts";
import { IDENTITY_KEY } from "./identity.ts";
import { openDatabase } from "./open-database.ts";
import { seededOptions } from "./testing.ts";

it("a store whose row is damaged is refused, and closed", async () => {
  const store = createMemoryStore();
  await store.commit([{ kind: "put", key: IDENTITY_KEY, value: Uint8Array.of(9, 9) }]);
  const opening = openDatabase({ ...seededOptions(store, 1), keepsStoreOpen: false });
  await expect(opening).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
  expect(() => store.get(IDENTITY_KEY)).toThrow();
});

it("a database that was made only half is made whole", async () => {
  const whole = createMemoryStore();
  const db = await openDatabase(seededOptions(whole, 2));
  const { context } = db;
  const row = whole.get(IDENTITY_KEY)?.slice() as Uint8Array;
  await db.close();
  const half = createMemoryStore();
  await half.commit([{ kind: "put", key: IDENTITY_KEY, value: row }]);
  const again = await openDatabase(seededOptions(half, 3));
  expect(again.context).toEqual(context);
  await again.collection("a", { fields: { n: counter() } }).insert({ n: 1 });
  await again.close();
});

it("a store that fails fails the write, and the database says so", async () => {
  let isBroken = false;
  const store = createMemoryStore({
    flush: () => (isBroken ? Promise.reject(new Error("disk full")) : Promise.resolve()),
  });
  const db = await openDatabase({ ...seededOptions(store, 4), keepsStoreOpen: false });
  const a = db.collection("a", { fields: { n: counter() } });
  await a.indexed();
  isBroken = true;
  const failure = await a.insert({ n: 1 }).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(CollectionError);
  expect(failure).toMatchObject({ code: "STORE_WRITE_FAILED" });
  expect(db.closed?.code).toBe("STORE_WRITE_FAILED");
  await db.close();
});

it("a database is closed once, by `await using` too", async () => {
  const store = createMemoryStore();
  {
    await using db = await openDatabase({ ...seededOptions(store, 5), keepsStoreOpen: false });
    await db.collection("a", { fields: { n: counter() } }).insert({});
    await Promise.all([db.close(), db.close()]);
    await expect(db.transact(() => 1)).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
  }
  expect(() => store.get(IDENTITY_KEY)).toThrow();
  await expect(
    openDatabase({ store: createMemoryStore(), signal: AbortSignal.abort(new Error("no")) }),
  ).rejects.toThrow("no");
});
