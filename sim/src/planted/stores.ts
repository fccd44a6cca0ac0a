/** Stores that do not keep their word. */
import type { KeyValueStore, WriteOperation } from "@dunlin/core/base";

type Commit = (store: KeyValueStore, batch: readonly WriteOperation[]) => Promise<void>;

function withCommit(store: KeyValueStore, commit: Commit): KeyValueStore {
  return {
    get: (key) => store.get(key),
    range: (options) => store.range(options),
    load: (miss) => store.load(miss),
    get version() {
      return store.version;
    },
    commit: (batch) => commit(store, batch),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

export function acknowledgesAtOnce(store: KeyValueStore): KeyValueStore {
  return withCommit(store, (under, batch) => {
    under.commit(batch).catch(() => {});
    return Promise.resolve();
  });
}

/** A commit is acknowledged when the one before it is flushed. */
export function acknowledgesOneBehind(store: KeyValueStore): KeyValueStore {
  let before: Promise<void> = Promise.resolve();
  return withCommit(store, (under, batch) => {
    const told = before;
    before = under.commit(batch);
    before.catch(() => {});
    return told;
  });
}

/** A batch is written in two halves, of which a crash may leave one. */
export function tearsBatches(store: KeyValueStore): KeyValueStore {
  return withCommit(store, (under, batch) => {
    const middle = batch.length >> 1;
    under.commit(batch.slice(0, middle)).catch(() => {});
    return under.commit(batch.slice(middle));
  });
}

/** Now and then a row of a batch is left out. */
export function losesRows(store: KeyValueStore): KeyValueStore {
  let commits = 0;
  return withCommit(store, (under, batch) => {
    return under.commit(++commits % 10 === 0 ? batch.slice(1) : batch);
  });
}
