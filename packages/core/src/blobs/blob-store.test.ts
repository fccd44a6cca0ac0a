import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import {
  type BlobId,
  bytesEqual,
  type ContextId,
  concatBytes,
  idKey,
  must,
  type Result,
  StoreFailure,
  utf8,
} from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { BlobStore } from "./blob-store.ts";
import { type ChunkFiles, createStoredChunks } from "./chunk-files.ts";
import { BLOB_CHUNK_BYTES, BLOB_READS_AHEAD } from "./limits.ts";
import { BLOB_BYTES_MAX, encodeManifest } from "./manifest.ts";

const crypto = createCrypto();
const PREFIX = utf8("blobs/");
const context = new Uint8Array(32).fill(1) as ContextId;
const pattern = (length: number, seed: number) => new Uint8Array(length).map((_, at) => (at * seed) % 253);

function open(store = createMemoryStore()) {
  const chunks = createStoredChunks(store, utf8("chunk/"));
  return { store, chunks, opened: BlobStore.open({ store, chunks, crypto }, PREFIX) };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

async function content(blobs: BlobStore, id: BlobId, range = {}): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of value(await blobs.read(id, range))) parts.push(part.slice());
  return concatBytes(...parts);
}

const here = async (chunks: ChunkFiles) => (await chunks.list()).length;

describe("the blob store", () => {
  it("gives back what it took, whole and by range", async () => {
    const { opened } = open();
    const blobs = await opened;
    const bytes = pattern(2 * BLOB_CHUNK_BYTES + 100, 7);
    const info = value(await blobs.put([bytes.subarray(0, 10), bytes.subarray(10)]));
    expect(info).toEqual({ id: info.id, size: bytes.length, hash: crypto.sha256(bytes) });
    expect(bytesEqual(await content(blobs, info.id), bytes)).toBe(true);
    const range = { start: BLOB_CHUNK_BYTES - 5, end: 2 * BLOB_CHUNK_BYTES + 3 };
    expect(bytesEqual(await content(blobs, info.id, range), bytes.subarray(range.start, range.end))).toBe(true);
    expect(await content(blobs, info.id, { start: bytes.length + 9 })).toHaveLength(0);
    expect(await blobs.list()).toEqual([info]);
    const empty = value(await blobs.put([]));
    expect(await content(blobs, empty.id)).toHaveLength(0);
  });

  it("shares chunks and frees them with the last blob that names them", async () => {
    const { chunks, opened } = open();
    const blobs = await opened;
    const shared = pattern(BLOB_CHUNK_BYTES, 3);
    const one = value(await blobs.put([shared, utf8("one")]));
    const two = value(await blobs.put([shared, shared, utf8("two")]));
    expect(await here(chunks)).toBe(3);
    expect(value(await blobs.put([shared, utf8("one")])).id).toEqual(one.id);
    expect(value(await blobs.delete(one.id))).toBe(true);
    expect(await content(blobs, two.id)).toHaveLength(2 * BLOB_CHUNK_BYTES + 3);
    expect(value(await blobs.delete(two.id))).toBe(true);
    expect(await here(chunks)).toBe(0);
    expect(value(await blobs.delete(two.id))).toBe(false);
  });

  it("does not delete what a context has", async () => {
    const { opened } = open();
    const blobs = await opened;
    const { id } = value(await blobs.put([utf8("kept")]));
    await blobs.link(context, id);
    expect(await blobs.contextsOf(id)).toEqual([context]);
    expect(await blobs.isLinked(context, id)).toBe(true);
    expect(await blobs.delete(id)).toMatchObject({ ok: false, error: { code: "BLOB_IN_USE" } });
    await blobs.unlink(context, id);
    expect(value(await blobs.delete(id))).toBe(true);
  });

  it("keeps what the state of a context refers to, here or not, and lets it go with the last reference", async () => {
    const { opened, store, chunks } = open();
    const blobs = await opened;
    const [one, two] = [value(await blobs.put([utf8("one")])).id, value(await blobs.put([utf8("two")])).id];
    const other = new Uint8Array(32).fill(2) as ContextId;
    const nowhere = new Uint8Array(32).fill(9) as BlobId;
    await blobs.link(context, one);
    await blobs.refer(context, [one, two, nowhere]);
    await blobs.refer(other, [two]);
    // A reference alone gives it to nobody: whoever knows its id may have written one.
    expect([await blobs.isLinked(context, one), await blobs.isLinked(context, two)]).toEqual([true, false]);
    expect(await blobs.contextsOf(two)).toEqual([]);
    expect(await blobs.delete(two)).toMatchObject({ ok: false, error: { code: "BLOB_IN_USE" } });
    await blobs.refer(context, [nowhere]);
    expect(await blobs.list()).toMatchObject([{ id: two }]);
    await blobs.refer(other, []);
    await blobs.refer(context, []);
    expect([await blobs.list(), await here(chunks)]).toEqual([[], 0]);
    expect([...store.range({ gte: PREFIX, lt: utf8("blobs0") })]).toEqual([]);
  });

  it("leaves nothing of a stream that fails, is aborted, is too large or is not what was said", async () => {
    const { chunks, store, opened } = open();
    const blobs = await opened;
    const bytes = pattern(BLOB_CHUNK_BYTES + 1, 5);
    async function* failing() {
      yield bytes;
      throw new Error("the sender went away");
    }
    await expect(blobs.put(failing())).rejects.toThrow("went away");
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(blobs.put([bytes], { signal: aborted })).rejects.toThrow("enough");
    expect(await blobs.put([bytes], { size: 3 })).toMatchObject({ error: { code: "BLOB_MISMATCH" } });
    expect(await blobs.put([bytes], { hash: new Uint8Array(32) })).toMatchObject({ error: { code: "BLOB_MISMATCH" } });
    const huge = { length: BLOB_BYTES_MAX + 1 } as Uint8Array;
    expect(await blobs.put([huge])).toMatchObject({ error: { code: "BLOB_TOO_LARGE" } });
    expect(await here(chunks)).toBe(0);
    expect([...store.range({ gte: PREFIX, lt: utf8("blobs0") })]).toEqual([]);
    expect(value(await blobs.put([bytes], { size: bytes.length, hash: crypto.sha256(bytes) })).size).toBe(bytes.length);
  });

  it("says that a chunk could not be written, once all that was under way has ended", async () => {
    const { store, chunks } = open();
    let writes = 0;
    const failing: ChunkFiles = {
      ...chunks,
      write: (id, bytes) => (++writes === 2 ? Promise.reject(new Error("disk full")) : chunks.write(id, bytes)),
    };
    const blobs = await BlobStore.open({ store, chunks: failing, crypto }, PREFIX);
    await expect(blobs.put([pattern(6 * BLOB_CHUNK_BYTES, 11)])).rejects.toThrow("disk full");
    expect(await here(chunks)).toBe(0);
    expect(await blobs.list()).toEqual([]);
  });

  it("hashes chunks with the digest that it was given, and reads no more than a few ahead of who takes them", async () => {
    const { store, chunks } = open();
    const [digested, read]: [number[], string[]] = [[], []];
    const blobs = await BlobStore.open(
      {
        store,
        crypto,
        chunks: {
          ...chunks,
          read: (id, start, end) => {
            read.push(idKey(id));
            return chunks.read(id, start, end);
          },
        },
        digest: async (bytes) => {
          digested.push(bytes.length);
          return crypto.sha256(bytes);
        },
      },
      PREFIX,
    );
    const bytes = pattern(6 * BLOB_CHUNK_BYTES + 1, 13);
    const { id } = value(await blobs.put([bytes]));
    expect(digested.toSorted((a, b) => a - b)).toEqual([1, ...Array(6).fill(BLOB_CHUNK_BYTES)]);
    const reading = value(await blobs.read(id));
    expect(bytesEqual((await reading.next()).value, bytes.subarray(0, BLOB_CHUNK_BYTES))).toBe(true);
    await reading.return(undefined);
    expect(read).toHaveLength(1 + BLOB_READS_AHEAD);
    expect(bytesEqual(await content(blobs, id), bytes)).toBe(true);
  });

  it("keeps a chunk that one blob lets go of while another takes it in", async () => {
    const { opened } = open();
    const blobs = await opened;
    const shared = pattern(BLOB_CHUNK_BYTES, 9);
    const first = value(await blobs.put([shared]));
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slow() {
      yield shared;
      await gate;
      yield utf8("end");
    }
    const second = blobs.put(slow());
    await blobs.delete(first.id);
    goOn();
    expect(await content(blobs, value(await second).id)).toHaveLength(BLOB_CHUNK_BYTES + 3);
  });

  it("sweeps what a crash left, and finds what it had", async () => {
    const { store, chunks, opened } = open();
    const { id } = value(await (await opened).put([utf8("here")]));
    const orphan = utf8("written before the crash, never named");
    await chunks.write(crypto.sha256(orphan) as Parameters<ChunkFiles["write"]>[0], orphan);
    const again = await open(store).opened;
    expect(await here(chunks)).toBe(1);
    expect(await content(again, id)).toEqual(utf8("here"));
  });

  it("says so when a chunk is damaged or a row is", async () => {
    const { store, chunks, opened } = open();
    const blobs = await opened;
    const { id } = value(await blobs.put([utf8("sound")]));
    const [chunk] = await chunks.list();
    await chunks.write(must(chunk, "a chunk"), utf8("rot"));
    await expect(content(blobs, id)).rejects.toThrow(StoreFailure);
    const key = concatBytes(PREFIX, utf8("m"), id);
    const truncated = encodeManifest({ size: 5, hash: new Uint8Array(32), chunks: [] });
    await store.commit([{ kind: "put", key, value: concatBytes(Uint8Array.of(0), truncated) }]);
    await expect(blobs.info(id)).rejects.toThrow("manifest is damaged");
  });
});
