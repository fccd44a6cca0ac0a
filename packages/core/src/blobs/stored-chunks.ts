/** What the rows of blobs say must be there: for who copies a store, or looks through it while nobody has it open. */
import { type ChunkId, idKey, prefixEnd, type ReadView } from "../base/index.ts";
import { chunkBytes } from "./manifest.ts";
import { blobTable, decodeManifestRow } from "./rows.ts";

export interface StoredChunks {
  /** Chunks of whole blobs, by their keys, with their length in bytes. */
  readonly chunks: ReadonlyMap<string, { readonly id: ChunkId; readonly bytes: number }>;
  /** Rows that do not decode. */
  readonly damaged: number;
}

/** The chunks of all blobs that are whole, of those whose rows lie under `prefix`. */
export function storedChunks(view: ReadView, prefix: Uint8Array): StoredChunks {
  const chunks = new Map<string, { readonly id: ChunkId; readonly bytes: number }>();
  let damaged = 0;
  const table = blobTable(prefix, "m");
  for (const [, value] of view.range({ gte: table, lt: prefixEnd(table) ?? new Uint8Array(0) })) {
    const row = decodeManifestRow(value);
    if (!row) damaged++;
    else if (row.whole) {
      for (const [index, id] of row.manifest.chunks.entries()) {
        chunks.set(idKey(id), { id, bytes: chunkBytes(row.manifest, index) });
      }
    }
  }
  return { chunks, damaged };
}
