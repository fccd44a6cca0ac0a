/**
 * What three lines of the guide name and do not measure: setting and getting documents in a store, and getting them from
 * a collection of one. The plain port keeps JSON in a `Map`; ours commits rows to the memory store and waits for it.
 */
import { createMemoryStore } from "@dunlin/store/memory";
import { check, keep } from "../measure.ts";
import type { AsyncWork } from "../measure-async.ts";
import { readRow, setRows, toDocumentValue } from "./rows.ts";

const PREFIX = "key";

/** A new store each round: documents built, encoded, committed in one batch, acknowledged. */
export function setInStore(count: number): AsyncWork {
  return {
    name: `storage set/${count}`,
    prepare: async () => {
      let store = createMemoryStore();
      return {
        run: async () => {
          store = createMemoryStore();
          await setRows(store, count, PREFIX);
          keep(store);
        },
        verify: () => check(readRow(store, PREFIX, count - 1) !== undefined, `${count} rows`),
      };
    },
  };
}

/** Every document read by its key and decoded. */
export function getFromStore(count: number): AsyncWork {
  return {
    name: `storage get/${count}`,
    prepare: async () => {
      const store = createMemoryStore();
      await setRows(store, count, PREFIX);
      let got = 0;
      return {
        run: async () => {
          for (let i = 0; i < count; i++) {
            const value = readRow(store, PREFIX, i);
            if (value !== undefined) got++;
            keep(value);
          }
        },
        verify: () => check(got > 0 && got % count === 0, "every row was read"),
      };
    },
  };
}

export function plainSetInStore(count: number): AsyncWork {
  return {
    name: `storage set/${count}, plain`,
    prepare: async () => {
      let store = new Map<string, string>();
      return {
        run: async () => {
          store = plainStore(count);
          await Promise.resolve();
          keep(store);
        },
        verify: () => check(store.size === count, `${count} rows`),
      };
    },
  };
}

export function plainGetFromStore(count: number): AsyncWork {
  return {
    name: `storage get/${count}, plain`,
    prepare: async () => {
      const store = plainStore(count);
      return {
        run: async () => {
          for (let i = 0; i < count; i++) keep(JSON.parse(store.get(`key_${i}`) as string));
        },
        verify: () => check(store.size === count, `${count} rows`),
      };
    },
  };
}

function plainStore(count: number): Map<string, string> {
  const store = new Map<string, string>();
  for (let i = 0; i < count; i++) store.set(`key_${i}`, JSON.stringify(toDocumentValue(i)));
  return store;
}
