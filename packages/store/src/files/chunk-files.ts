/**
 * Chunks of blobs as files of one folder, each named by its id in base58.
 *
 * A file is written beside its place, flushed and renamed, so that no name ever stands for half a chunk; the folder is
 * flushed before anybody relies on the names. What a crash left beside its place goes when the folder is opened.
 * Refused: nothing. A name that is no id is not a chunk and is left alone.
 */
import { readFileSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ChunkId, chunkId, idToText, StoreFailure, textToId } from "@dunlin/core/base";
import type { ChunkFiles } from "@dunlin/core/blobs";

const UNFINISHED = ".part";

/** Opens the folder, made when it is not there. */
export async function openChunkFiles(folder: string): Promise<ChunkFiles> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder))
    if (name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
  let parts = 0;
  const pathOf = (id: ChunkId): string => join(folder, idToText(id));
  return {
    write: (id, bytes) => writeWhole(join(folder, `${++parts}${UNFINISHED}`), pathOf(id), bytes),
    flush: () => attempt(() => flushFolder(folder)),
    read: (id, start = 0, end) => readRange(pathOf(id), start, end),
    delete: (id) => attempt(() => rm(pathOf(id), { force: true })),
    list: async () =>
      (await readdir(folder)).flatMap((name) => {
        const id = textToId(name);
        return id ? chunkId(id) : [];
      }),
  };
}

/** The bytes of a chunk in a folder, for who cannot wait; undefined when it is not there. */
export function readChunkNow(folder: string, id: ChunkId): Uint8Array | undefined {
  try {
    return readFileSync(join(folder, idToText(id)));
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException).code === "ENOENT";
}

function writeWhole(part: string, path: string, bytes: Uint8Array): Promise<void> {
  return attempt(async () => {
    try {
      const file = await open(part, "w");
      try {
        for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(part, path);
    } catch (thrown) {
      await rm(part, { force: true });
      throw thrown;
    }
  });
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readRange(path: string, start: number, end: number | undefined): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, "r");
    try {
      // Each step waits for a thread of the pool, so the size is asked for only when it is needed.
      const stop = end ?? (await file.stat()).size;
      const bytes = new Uint8Array(Math.max(0, stop - start));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

async function attempt(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new StoreFailure("STORE_WRITE_FAILED", `a blob could not be written: ${reason}`, { cause: thrown });
  }
}
