import { type KeyValueStore, Miss, runLoaded, type WriteOperation } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { keyValueStoreSuite, type StoreUnderTest } from "../testing/index.ts";
import { createAsyncMemoryStore } from "./async-memory-store.ts";
import { createMemoryStore, type MemoryStoreImage, type MemoryStoreOptions } from "./memory-store.ts";

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function createGate(): Gate {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

type Open = (options: MemoryStoreOptions) => KeyValueStore & { image(): MemoryStoreImage };

function underTest(open: Open): StoreUnderTest {
  let flushes = 0;
  let failing = false;
  let held: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    flushes++;
    await held;
    if (failing) throw new Error("no space left on device");
  };
  const store = open({ flush });
  return {
    store,
    flushCount: () => flushes,
    failFlushes: () => {
      failing = true;
    },
    holdFlushes: () => {
      const gate = createGate();
      held = gate.promise;
      return gate.resolve;
    },
    reopen: async () => {
      await store[Symbol.asyncDispose]();
      return open({ image: store.image() });
    },
  };
}

const stores: readonly (readonly [string, Open])[] = [
  ["memory", createMemoryStore],
  ["asynchronous memory", createAsyncMemoryStore],
  ["memory with pages of one entry", (options) => createAsyncMemoryStore({ ...options, pageEntries: 1, pagesMax: 2 })],
];
for (const [name, open] of stores) {
  const supports = ["reopen", "failFlushes", "holdFlushes", "flushCount"] as const;
  keyValueStoreSuite({ name, supports, open: async () => underTest(open) }, { describe, it, expect });
}

const put = (key: number, value: number): WriteOperation => ({
  kind: "put",
  key: Uint8Array.of(key),
  value: Uint8Array.of(value),
});
const keysOf = (store: KeyValueStore): (number | undefined)[] =>
  Array.from(store.range({ gte: Uint8Array.of(1), lt: Uint8Array.of(255) }), ([key]) => key[0]);

describe("a crash", () => {
  it("keeps what was flushed and loses the rest, from the end", async () => {
    const gates: Gate[] = [];
    const store = createMemoryStore({
      flush: () => {
        const gate = createGate();
        gates.push(gate);
        return gate.promise;
      },
    });
    const first = store.commit([put(1, 1)]);
    await Promise.resolve();
    await Promise.resolve();
    gates[0]?.resolve();
    await first;
    let settled = 0;
    for (const key of [2, 3, 4]) store.commit([put(key, key)]).finally(() => settled++);
    await Promise.resolve();
    await Promise.resolve();
    void store.commit([put(5, 5)]);
    expect(keysOf(store)).toEqual([1, 2, 3, 4, 5]);
    expect(store.unflushedCount).toBe(4);
    const image = store.crash(2);
    gates[1]?.resolve();
    await gates[1]?.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(0);
    expect(keysOf(createMemoryStore({ image }))).toEqual([1, 2, 3]);
    expect(() => store.get(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: "STORE_CLOSED" }));
  });

  it("leaves an image that later writers do not change", async () => {
    const store = createMemoryStore();
    await store.commit([put(1, 1)]);
    const image = store.crash();
    const [left, right] = [createMemoryStore({ image }), createMemoryStore({ image })];
    await left.commit([put(2, 2)]);
    await right.commit([put(3, 3), { kind: "delete", key: Uint8Array.of(1) }]);
    expect([left, right, createMemoryStore({ image })].map(keysOf)).toEqual([[1, 2], [3], [1]]);
  });
});

describe("the asynchronous store", () => {
  it("throws a Miss for what is not loaded, and answers once it is", async () => {
    const store = createAsyncMemoryStore();
    await store.commit([put(1, 1)]);
    expect(() => store.get(Uint8Array.of(1))).toThrow(Miss);
    await runLoaded(store, () => store.get(Uint8Array.of(1)));
    expect(store.get(Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    expect(() => store.get(Uint8Array.of(99))).toThrow(Miss);
  });

  it("reads with few loads what lies together", async () => {
    const store = createAsyncMemoryStore({ pageEntries: 10 });
    await store.commit(Array.from({ length: 100 }, (_, i) => put(i + 1, i)));
    await runLoaded(store, () => keysOf(store));
    expect(store.loadCount).toBe(1);
    for (let i = 1; i <= 100; i++) await runLoaded(store, () => store.get(Uint8Array.of(i)));
    expect(store.loadCount).toBe(1);
  });

  it("gives up pages, and runs transactions that read more of them than it keeps", async () => {
    const store = createAsyncMemoryStore({ pageEntries: 1, pagesMax: 4 });
    await store.commit(Array.from({ length: 60 }, (_, i) => put(i + 1, i)));
    const sum = await runLoaded(store, () => {
      let total = 0;
      for (let i = 1; i <= 60; i += 2) total += store.get(Uint8Array.of(i))?.[0] ?? 0;
      return total;
    });
    expect(sum).toBe(870);
    for (let i = 2; i <= 20; i += 2) await runLoaded(store, () => store.get(Uint8Array.of(i)));
    expect(store.loadedPageCount).toBeLessThanOrEqual(6);
    expect(() => store.get(Uint8Array.of(1))).toThrow(Miss);
  });
});
