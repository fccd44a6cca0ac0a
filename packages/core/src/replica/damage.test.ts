/** Rows of a context that do not read any more: told of at opening or at the first read, and never taken as they are. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { createPrng, type KeyValueStore, StoreFailure } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { tablePrefix } from "./index.ts";
import { Replica } from "./replica.ts";
import { tableRange } from "./rows.ts";
import { testGenesis, testPorts } from "./testing.ts";

const signer = createCrypto().createSigner(createPrng(7).bytes(32));
const genesis = testGenesis(signer, 1);
const { context } = genesis;

const open = (store: KeyValueStore) => Replica.open(testPorts(store, 2), { context, signer, place: "here" });

async function opened(store: KeyValueStore): Promise<Replica> {
  const replica = await open(store);
  if (!replica.ok) throw new Error(replica.error.message);
  return replica.value;
}

const write = (replica: Replica, key: string) =>
  replica.call((transaction) => {
    const map = transaction.field("map", "notes");
    map.set(key, (map.get(key) ?? "") + key);
    return { ok: true, value: null, events: [] };
  });

/** A store as one on a device is: each row has a check, and one of a damaged row throws. */
function withDamage(store: KeyValueStore, isDamaged: (key: Uint8Array) => boolean): KeyValueStore {
  const check = (key: Uint8Array): void => {
    if (isDamaged(key)) throw new StoreFailure("STORE_CORRUPT", "the row is damaged");
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === "get") {
        return (key: Uint8Array) => {
          const value = target.get(key);
          if (value) check(key);
          return value;
        };
      }
      if (name === "range") {
        return function* (options: Parameters<KeyValueStore["range"]>[0]) {
          for (const entry of target.range(options)) {
            check(entry[0]);
            yield entry;
          }
        };
      }
      const member = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

async function filled(): Promise<KeyValueStore> {
  const store = createMemoryStore();
  const replica = await opened(store);
  replica.admit(genesis.bytes);
  for (const key of ["a", "b"]) expect(await write(replica, key)).toMatchObject({ ok: true });
  await replica.close();
  return store;
}

const isIn =
  (table: Parameters<typeof tablePrefix>[1]) =>
  (key: Uint8Array): boolean =>
    key[32] === table.charCodeAt(0);

describe("a damaged row", () => {
  it("that opening needs is told of, with what to do, and the store goes on for others", async () => {
    const store = await filled();
    for (const table of ["m", "o"] as const) {
      const replica = await open(withDamage(store, isIn(table)));
      expect(replica, table).toMatchObject({ error: { code: "CONTEXT_DAMAGED" } });
    }
    expect(await open(store)).toMatchObject({ ok: true });
  });

  it("that a call needs fails the call, and no other; calls that need it not go on", async () => {
    const replica = await opened(withDamage(await filled(), isIn("c")));
    expect(await write(replica, "a")).toMatchObject({ error: { code: "STORE_CORRUPT" } });
    expect(replica.closed).toBeUndefined();
    const empty = await replica.call(() => ({ ok: true, value: 7, events: [] }));
    expect(empty).toMatchObject({ ok: true, value: { value: 7 } });
  });

  it("that another's delta needs closes the context with the reason, and the sender is not to blame", async () => {
    const store = await filled();
    const other = await opened(createMemoryStore({ image: (store as ReturnType<typeof createMemoryStore>).image() }));
    expect(await write(other, "a")).toMatchObject({ ok: true });
    const replica = await opened(withDamage(store, isIn("c")));
    const { deltas } = other.missingFrom(replica.vector(), 1e9);
    const { verdicts } = replica.admitMany(deltas);
    expect(verdicts).toMatchObject([{ kind: "refused", error: { code: "STORE_CORRUPT" } }]);
    expect(replica.closed?.message).toContain("the row is damaged");
    await replica.close();
    // Nothing of it was written: with the row in order it is taken in.
    const again = await opened(store);
    expect(again.admitMany(deltas).verdicts).toMatchObject([{ kind: "admitted" }]);
    await again.settled();
  });
});

it("tells a summary row of another version from a damaged one", async () => {
  const store = await filled();
  const key = tablePrefix(context, "m");
  const row = store.get(key);
  if (!row) throw new Error("no summary row");
  for (const [first, code] of [
    [2, "CONTEXT_OLDER"],
    [4, "CONTEXT_NEWER"],
  ] as const) {
    await store.commit([{ kind: "put", key, value: Uint8Array.of(first, ...row.subarray(1)) }]);
    expect(await open(store)).toMatchObject({ error: { code } });
  }
  await store.commit([{ kind: "put", key, value: row.subarray(0, row.length - 1) }]);
  expect(await open(store)).toMatchObject({ error: { code: "CONTEXT_DAMAGED" } });
});

it("misses no row of the index", async () => {
  const store = await filled();
  const rows = [...store.range(tableRange(tablePrefix(context, "o")))];
  const last = rows.at(-1);
  if (!last) throw new Error("no index");
  await store.commit([{ kind: "delete", key: last[0] }]);
  expect(await open(store)).toMatchObject({ error: { code: "CONTEXT_DAMAGED" } });
});
