export { type AsyncMemoryStore, type AsyncMemoryStoreOptions, createAsyncMemoryStore } from "./async-memory-store.ts";
export { createMemoryStore, type MemoryStore, type MemoryStoreImage, type MemoryStoreOptions } from "./memory-store.ts";
