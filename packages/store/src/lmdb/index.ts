export { copyLmdbStore } from "./copy-lmdb-store.ts";
export { inspectLmdbStore, removeLmdbRows, type StoreInspection } from "./inspect-lmdb-store.ts";
export { type LmdbReader, openLmdbReader } from "./lmdb-reader.ts";
export type { LmdbStore } from "./lmdb-store.ts";
export { type LmdbStoreOptions, openLmdbStore } from "./open-lmdb-store.ts";
