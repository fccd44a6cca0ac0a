/** Answers a member's questions about a blob of a context that both are in. */
import type { ContextId } from "../base/index.ts";
import type { BlobFrame } from "./blob-frames.ts";
import type { BlobStore } from "./blob-store.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import { BLOB_PIECE_BYTES } from "./limits.ts";
import { chunkBytes } from "./manifest.ts";

/** The frames to send back, made one at a time as they are taken. A frame that asks nothing has no answer. */
export async function* serveBlob(
  blobs: BlobStore,
  chunks: Pick<ChunkFiles, "read">,
  context: ContextId,
  frame: BlobFrame,
): AsyncGenerator<BlobFrame> {
  if (frame.kind !== "ask" && frame.kind !== "fetch") return;
  const { blob } = frame;
  const chunk = frame.kind === "fetch" ? frame.chunk : undefined;
  const row = (await blobs.isLinked(context, blob)) ? await blobs.manifest(blob) : undefined;
  if (!row?.whole) return yield { kind: "none", blob, chunk };
  if (chunk === undefined) return yield { kind: "manifest", manifest: row.manifest };
  const id = row.manifest.chunks[chunk];
  if (!id) return yield { kind: "none", blob, chunk };
  const size = chunkBytes(row.manifest, chunk);
  for (let start = 0; start < size; start += BLOB_PIECE_BYTES) {
    const bytes = await chunks.read(id, start, Math.min(start + BLOB_PIECE_BYTES, size));
    if (!bytes) return yield { kind: "none", blob, chunk };
    yield { kind: "piece", blob, chunk, piece: start / BLOB_PIECE_BYTES, bytes };
  }
}
