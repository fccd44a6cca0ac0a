/**
 * Where the bytes of chunks lie: a port, since a node keeps them as files and a browser or the simulator in its
 * key-value store. Content-addressed, so writing a chunk that is there changes nothing.
 */
import {
  type ChunkId,
  chunkId,
  concatBytes,
  ID_BYTES,
  type KeyValueStore,
  prefixEnd,
  runLoaded,
} from "../base/index.ts";

export interface Chunk {
  readonly id: ChunkId;
  readonly bytes: Uint8Array;
}

export interface ChunkFiles {
  /** Resolves once the bytes can be read. */
  write(id: ChunkId, bytes: Uint8Array): Promise<void>;
  /** Resolves once all that was written before is durable. */
  flush(): Promise<void>;
  /** The bytes from `start` to before `end`, all by default; undefined when the chunk is not here. */
  read(id: ChunkId, start?: number, end?: number): Promise<Uint8Array | undefined>;
  delete(id: ChunkId): Promise<void>;
  list(): Promise<readonly ChunkId[]>;
}

/** Chunks as rows of a key-value store, each under `prefix` and its id. */
export function createStoredChunks(store: KeyValueStore, prefix: Uint8Array): ChunkFiles {
  const keyOf = (id: ChunkId): Uint8Array => concatBytes(prefix, id);
  return {
    write: (id, bytes) => store.commit([{ kind: "put", key: keyOf(id), value: bytes.slice() }]),
    flush: () => Promise.resolve(),
    read: async (id, start = 0, end) => runLoaded(store, () => store.get(keyOf(id))?.slice(start, end)),
    delete: (id) => store.commit([{ kind: "delete", key: keyOf(id) }]),
    list: async () => {
      const range = { gte: prefix, lt: prefixEnd(prefix) ?? new Uint8Array(0) };
      return runLoaded(store, () =>
        [...store.range(range)].flatMap(([key]) =>
          key.length === prefix.length + ID_BYTES ? chunkId(key.slice(prefix.length)) : [],
        ),
      );
    },
  };
}
