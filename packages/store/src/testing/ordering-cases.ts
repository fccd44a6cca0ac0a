/** What a store holds and in which order it gives it out. */
import { compareBytes, createPrng, runLoaded } from "@dunlin/core/base";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../shared/limits.ts";
import { put, read, remove, type StoreCase, scan } from "./store-case.ts";

export const orderingCases: readonly StoreCase[] = [
  [
    "gives back what was put, and nothing else",
    async ({ store }, check) => {
      await store.commit([put([1], 10), put([1, 0], 11), put([2])]);
      check(await read(store, 1), [10]);
      check(await read(store, 1, 0), [11]);
      check(await read(store, 2), []);
      check(await read(store, 3), undefined);
      check(await read(store, 0), undefined);
    },
  ],
  [
    "orders keys as unsigned bytes",
    async ({ store }, check) => {
      await store.commit([put([200], 1), put([1, 255], 2), put([1], 3), put([0, 0], 4), put([127], 5), put([1, 0], 6)]);
      check(
        (await scan(store)).map(([key]) => key),
        [[0, 0], [1], [1, 0], [1, 255], [127], [200]],
      );
    },
  ],
  [
    "bounds ranges, from inclusive to exclusive, both ways and with a limit",
    async ({ store }, check) => {
      await store.commit([1, 2, 3, 4, 5].map((i) => put([i, 7], i)));
      const keys = async (options: Parameters<typeof scan>[1]): Promise<(number | undefined)[]> =>
        (await scan(store, options)).map(([key]) => key[0]);
      check(await keys({ gte: [2, 7], lt: [4, 7] }), [2, 3]);
      check(await keys({ gte: [2, 7], lt: [4, 7], reverse: true }), [3, 2]);
      check(await keys({ gte: [2], lt: [4, 8] }), [2, 3, 4]);
      check(await keys({ gte: [2], lt: [4, 8], reverse: true }), [4, 3, 2]);
      check(await keys({ limit: 2 }), [1, 2]);
      check(await keys({ limit: 2, reverse: true }), [5, 4]);
      check(await keys({ limit: 0 }), []);
      check(await keys({ gte: [3, 8], lt: [4, 7] }), []);
      check(await keys({ gte: [4, 7], lt: [4, 7] }), []);
      check(await keys({ gte: [5], lt: [2] }), []);
      check(await keys({ gte: [9], reverse: true }), []);
    },
  ],
  [
    "scans a prefix",
    async ({ store }, check) => {
      await store.commit([put([1, 255], 0), put([2], 1), put([2, 0], 2), put([2, 255, 255], 3), put([3], 4)]);
      check(
        (await scan(store, { gte: [2], lt: [3] })).map(([, value]) => value),
        [[1], [2], [3]],
      );
    },
  ],
  [
    "gives an empty range of an empty store",
    async ({ store }, check) => {
      check(await scan(store), []);
      check(await scan(store, { reverse: true }), []);
    },
  ],
  [
    "applies the operations of a batch in order",
    async ({ store }, check) => {
      await store.commit([put([1], 1), put([1], 2), put([2], 1), remove(2), remove(3), put([3], 3), put([1], 4)]);
      check(await scan(store), [
        [[1], [4]],
        [[3], [3]],
      ]);
      await store.commit([remove(1), remove(9)]);
      check(await scan(store), [[[3], [3]]]);
    },
  ],
  [
    "takes the longest keys and values",
    async ({ store }, check) => {
      const prng = createPrng(5);
      const long = prng.bytes(KEY_BYTES_MAX);
      const longer = Uint8Array.from([...long.subarray(0, -1), (long.at(-1) ?? 0) ^ 1]);
      const value = new Uint8Array(VALUE_BYTES_MAX).map((_, i) => (i * 31) >> 3);
      await store.commit([
        { kind: "put", key: long, value },
        { kind: "put", key: longer, value: new Uint8Array(70_000).fill(3) },
      ]);
      const back = await runLoaded(store, () => store.get(long));
      check(back !== undefined && compareBytes(back, value), 0);
      const sizes = await runLoaded(store, () =>
        Array.from(store.range({ gte: Uint8Array.of(0), lt: new Uint8Array(4).fill(255) }), ([, each]) => each.length),
      );
      check(
        sizes.sort((a, b) => a - b),
        [70_000, VALUE_BYTES_MAX],
      );
    },
  ],
  [
    "keeps what it gave out while other things are read",
    async ({ store }, check) => {
      await store.commit([put([1], 1, 1), put([2], 2, 2)]);
      const [first, second, whole] = await runLoaded(store, () => {
        const one = store.get(Uint8Array.of(1));
        const two = store.get(Uint8Array.of(2));
        return [one, two, [...store.range({ gte: Uint8Array.of(1), lt: Uint8Array.of(3) })]] as const;
      });
      check(
        [first && [...first], second && [...second]],
        [
          [1, 1],
          [2, 2],
        ],
      );
      check(
        whole.map(([key, value]) => [[...key], [...value]]),
        [
          [[1], [1, 1]],
          [[2], [2, 2]],
        ],
      );
    },
  ],
  [
    "iterates one version while commits are made",
    async ({ store }, check) => {
      await store.commit([1, 2, 3, 4].map((i) => put([i], i)));
      await scan(store);
      const commits: Promise<void>[] = [];
      const seen = Array.from(store.range({ gte: Uint8Array.of(1), lt: Uint8Array.of(9) }), ([key]) => {
        commits.push(store.commit([remove(3), put([4], 44), put([5], 5)]));
        return key[0];
      });
      check(seen, [1, 2, 3, 4]);
      await Promise.all(commits);
      check(
        (await scan(store)).map(([key, value]) => [key[0], value[0]]),
        [
          [1, 1],
          [2, 2],
          [4, 44],
          [5, 5],
        ],
      );
    },
  ],
  [
    "equals a model over many random batches",
    async ({ store }, check) => {
      const prng = createPrng(17);
      const model = new Map<string, readonly [number[], number[]]>();
      for (let round = 0; round < 60; round++) {
        const batch = Array.from({ length: 1 + prng.below(20) }, () => {
          const key = [1 + prng.below(6), prng.below(40)];
          if (prng.chance(0.3)) {
            model.delete(String(key));
            return remove(...key);
          }
          const value = [...prng.bytes(prng.below(6))];
          model.set(String(key), [key, value]);
          return put(key, ...value);
        });
        const done = store.commit(batch);
        if (prng.chance(0.5)) await done;
        const gte = [prng.below(7)];
        const lt = [prng.below(9), prng.below(40)];
        const reverse = prng.chance(0.5);
        const limit = 1 + prng.below(60);
        const expected = [...model.values()]
          .sort(([a], [b]) => (reverse ? -1 : 1) * order(a, b))
          .filter(([key]) => order(key, gte) >= 0 && order(key, lt) < 0)
          .slice(0, limit);
        check(await scan(store, { gte, lt, reverse, limit }), expected);
        const some = [1 + prng.below(6), prng.below(40)];
        check(await read(store, ...some), model.get(String(some))?.[1]);
      }
    },
  ],
];

function order(a: readonly number[], b: readonly number[]): number {
  return compareBytes(Uint8Array.from(a), Uint8Array.from(b));
}
