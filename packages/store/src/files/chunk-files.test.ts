import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChunkId, chunkId, idToText, StoreFailure, utf8 } from "@dunlin/core/base";
import { type ChunkFiles, createStoredChunks } from "@dunlin/core/blobs";
import { afterAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "../memory/index.ts";
import { openChunkFiles, readChunkNow } from "./chunk-files.ts";

const root = mkdtempSync(join(tmpdir(), "dunlin-chunks-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const fresh = (): string => join(root, `${++folders}`);
const id = (byte: number): ChunkId => chunkId(new Uint8Array(32).fill(byte));
const plain = (bytes: Uint8Array | undefined) => bytes && [...bytes];

const adapters: [string, () => Promise<ChunkFiles>][] = [
  ["files of a folder", () => openChunkFiles(fresh())],
  ["rows of a store", async () => createStoredChunks(createMemoryStore(), utf8("chunks/"))],
];

describe.each(adapters)("chunks as %s", (_name, openChunks) => {
  it("give back what was written, whole and by range", async () => {
    const chunks = await openChunks();
    await chunks.write(id(1), Uint8Array.of(1, 2, 3, 4, 5));
    await chunks.flush();
    expect(plain(await chunks.read(id(1)))).toEqual([1, 2, 3, 4, 5]);
    expect(plain(await chunks.read(id(1), 1, 3))).toEqual([2, 3]);
    expect(plain(await chunks.read(id(1), 3, 99))).toEqual([4, 5]);
    expect(plain(await chunks.read(id(1), 9))).toEqual([]);
    expect(await chunks.read(id(2))).toBeUndefined();
  });

  it("are listed until they are deleted, and may be written or deleted twice", async () => {
    const chunks = await openChunks();
    for (const byte of [3, 1, 3]) await chunks.write(id(byte), Uint8Array.of(byte));
    expect((await chunks.list()).map(idToText).sort()).toEqual([idToText(id(1)), idToText(id(3))].sort());
    await chunks.delete(id(3));
    await chunks.delete(id(3));
    expect(await chunks.list()).toEqual([id(1)]);
  });
});

describe("a folder of chunks", () => {
  it("drops what a crash left half-written, and leaves alone what is not its own", async () => {
    const folder = fresh();
    const chunks = await openChunkFiles(folder);
    await chunks.write(id(1), Uint8Array.of(1));
    writeFileSync(join(folder, "7.part"), "half");
    writeFileSync(join(folder, "notes.txt"), "a person's");
    const again = await openChunkFiles(folder);
    expect(await again.list()).toEqual([id(1)]);
    expect(readdirSync(folder).sort()).toEqual([idToText(id(1)), "notes.txt"].sort());
  });

  it("gives a chunk at once to who cannot wait", async () => {
    const folder = fresh();
    const chunks = await openChunkFiles(folder);
    await chunks.write(id(1), Uint8Array.of(7));
    expect([plain(readChunkNow(folder, id(1))), readChunkNow(folder, id(2))]).toEqual([[7], undefined]);
  });

  it("says that it cannot write, and leaves nothing", async () => {
    const folder = fresh();
    const chunks = await openChunkFiles(folder);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file where the folder was");
    await expect(chunks.write(id(1), Uint8Array.of(1))).rejects.toThrow(StoreFailure);
  });
});
