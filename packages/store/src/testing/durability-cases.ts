/** When a commit is seen, when it is acknowledged, and what is left of it. */
import { type KeyValueStore, must } from "@dunlin/core/base";
import { failureCode, put, read, type StoreCase, type StoreUnderTest, scan } from "./store-case.ts";

export const durabilityCases: readonly StoreCase[] = [
  [
    "shows a batch as soon as commit returns",
    async ({ store }, check) => {
      await store.commit([put([1], 1), put([2], 2)]);
      const first = store.commit([put([1], 10), { kind: "delete", key: Uint8Array.of(2) }, put([3], 3)]);
      check(await scan(store), [
        [[1], [10]],
        [[3], [3]],
      ]);
      const second = store.commit([put([2], 22)]);
      check(await read(store, 2), [22]);
      await Promise.all([first, second]);
      check(await scan(store, { reverse: true }), [
        [[3], [3]],
        [[2], [22]],
        [[1], [10]],
      ]);
    },
  ],
  [
    "changes its version with every commit",
    async ({ store }, check) => {
      const before = store.version;
      const done = store.commit([put([1], 1)]);
      check(store.version === before, false);
      await done;
    },
  ],
  [
    "does not keep the caller's buffer",
    async ({ store }, check) => {
      const buffer = Uint8Array.of(1, 2, 3, 4);
      const done = store.commit([{ kind: "put", key: buffer.subarray(0, 1), value: buffer.subarray(1, 3) }]);
      buffer.fill(9);
      await done;
      check(await scan(store), [[[1], [2, 3]]]);
    },
  ],
  [
    "acknowledges commits in their order, and the last one wins",
    async ({ store }, check) => {
      const acknowledged: number[] = [];
      const commits = Array.from({ length: 50 }, async (_, i) => {
        await store.commit([put([1], i), put([2, i], i)]);
        acknowledged.push(i);
      });
      await Promise.all(commits);
      check(
        acknowledged,
        Array.from({ length: 50 }, (_, i) => i),
      );
      check(await read(store, 1), [49]);
      check((await scan(store, { gte: [2] })).length, 50);
    },
  ],
  [
    "flushes batches that arrive together as one group",
    async ({ store, flushCount }, check) => {
      const count = must(flushCount, "the store counts its flushes");
      const before = count();
      await Promise.all(Array.from({ length: 100 }, (_, i) => store.commit([put([1, i], i)])));
      check(count() - before <= 3, true);
    },
    "flushCount",
  ],
  [
    "acknowledges nothing before its flush",
    async ({ store, holdFlushes }, check) => {
      const release = must(holdFlushes, "the store can be held")();
      let acknowledged = false;
      const done = store.commit([put([1], 1)]).then(() => {
        acknowledged = true;
      });
      for (let i = 0; i < 20; i++) await Promise.resolve();
      check(acknowledged, false);
      check(await read(store, 1), [1]);
      release();
      await done;
    },
    "holdFlushes",
  ],
  [
    "has all of it after it was closed and opened again",
    async (under, check) => {
      const reopen = must(under.reopen, "the store can be opened again");
      await under.store.commit([put([1], 1), put([2], 2)]);
      const last = under.store.commit([put([3], 3), { kind: "delete", key: Uint8Array.of(1) }]);
      await using again = await reopen();
      await last;
      check(await scan(again), [
        [[2], [2]],
        [[3], [3]],
      ]);
      await again.commit([put([4], 4)]);
      check(await read(again, 4), [4]);
    },
    "reopen",
  ],
  [
    "finishes what was committed before it closes, and refuses what comes after",
    async ({ store }, check) => {
      const last = store.commit([put([1], 1)]);
      const closing = store[Symbol.asyncDispose]();
      check(await failureCode(() => store.commit([put([2], 2)])), "STORE_CLOSED");
      await last;
      await closing;
      check(await codesOfUse(store), ["STORE_CLOSED", "STORE_CLOSED", "STORE_CLOSED"]);
      await store[Symbol.asyncDispose]();
    },
  ],
  [
    "rejects all that was not flushed when a flush fails, and refuses the rest",
    async (under, check) => {
      const failFlushes = must(under.failFlushes, "the store can be made to fail");
      await under.store.commit([put([1], 1)]);
      failFlushes();
      const codes = await Promise.all([2, 3, 4].map((i) => failureCode(() => under.store.commit([put([i], i)]))));
      check(codes, ["STORE_WRITE_FAILED", "STORE_WRITE_FAILED", "STORE_WRITE_FAILED"]);
      check(await codesOfUse(under.store), ["STORE_CLOSED", "STORE_CLOSED", "STORE_CLOSED"]);
      await checkOnlyFirst(under, check);
    },
    "failFlushes",
  ],
];

async function checkOnlyFirst(under: StoreUnderTest, check: (a: unknown, b: unknown) => void): Promise<void> {
  if (under.reopen === undefined) return;
  await using again = await under.reopen();
  check(await scan(again), [[[1], [1]]]);
}

async function codesOfUse(store: KeyValueStore): Promise<(string | undefined)[]> {
  const range = { gte: Uint8Array.of(1), lt: Uint8Array.of(2) };
  return [
    await failureCode(() => store.commit([])),
    await failureCode(() => store.get(Uint8Array.of(1))),
    await failureCode(() => [...store.range(range)]),
  ];
}
