export type { IndexedDbStore } from "./indexeddb-store.ts";
export { deleteIndexedDbStore, type IndexedDbStoreOptions, openIndexedDbStore } from "./open-indexeddb-store.ts";
export { requestPersistence, type StorageHealth, storageHealth } from "./storage-health.ts";
