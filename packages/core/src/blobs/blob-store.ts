/**
 * Blobs of one node: content-addressed, chunked, their chunks shared and counted, each known to the contexts that have
 * it.
 *
 * Owns: a manifest row says "whole" only when every chunk was durable before; a chunk's bytes go only when no manifest
 * names it and nobody is writing it; what a crash leaves behind without a manifest is swept when the store is opened.
 * Refused: a stream larger than any blob may be or other than its sender said, and deleting what a context has.
 */
import {
  type BlobId,
  bytesEqual,
  type ChunkId,
  type ContextId,
  chunkId,
  contextId,
  EMPTY_BYTES,
  err,
  idKey,
  type KeyValueStore,
  must,
  ok,
  prefixEnd,
  type ReadView,
  type Result,
  runLoaded,
  StoreFailure,
  type WriteOperation,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Chunk, ChunkFiles } from "./chunk-files.ts";
import { Lane } from "./lane.ts";
import { BLOB_WRITES_IN_FLIGHT_MAX } from "./limits.ts";
import { BLOB_BYTES_MAX, chunkBytes, type Manifest, manifestId } from "./manifest.ts";
import { type BlobRange, type BlobReadPorts, type Digest, readBlob } from "./read-blob.ts";
import {
  blobTable,
  countKey,
  decodeCount,
  decodeManifestRow,
  encodeCount,
  encodeManifestRow,
  linkKey,
  type ManifestRow,
  manifestKey,
  referenceKey,
  referredKey,
} from "./rows.ts";
import { Splitter } from "./splitter.ts";

export type BlobErrorCode =
  /** There is no such blob here, or the asking context does not have it. */
  | "BLOB_NOT_FOUND"
  /** More bytes than a blob may have. */
  | "BLOB_TOO_LARGE"
  /** Size or hash are not those that the sender said: send it again, or ask whether it was changed on its way. */
  | "BLOB_MISMATCH"
  /** A context has it: take it out there first. */
  | "BLOB_IN_USE";

export interface BlobInfo {
  readonly id: BlobId;
  readonly size: number;
  /** SHA-256 of all bytes. */
  readonly hash: Uint8Array;
}

export interface BlobStorePorts {
  readonly store: KeyValueStore;
  readonly chunks: ChunkFiles;
  readonly crypto: Pick<Crypto, "sha256" | "createSha256">;
  /** SHA-256 beside this thread, where the platform has one: chunks are hashed while others come, are written or read. */
  readonly digest?: Digest;
}

export interface PutOptions {
  /** What the sender said that the bytes are. */
  readonly size?: number;
  readonly hash?: Uint8Array;
  readonly signal?: AbortSignal;
}

export class BlobStore {
  readonly #ports: BlobStorePorts;
  readonly #prefix: Uint8Array;
  readonly #digest: Digest;
  /** Chunks that are being written, by how many: their bytes stay, whoever else lets go of them. */
  readonly #writing = new Map<string, number>();
  /** Deletions under way: a chunk that comes again meanwhile is written after them. */
  readonly #deleting = new Map<string, Promise<void>>();

  private constructor(ports: BlobStorePorts, prefix: Uint8Array) {
    this.#ports = ports;
    this.#prefix = prefix;
    this.#digest = ports.digest ?? (async (bytes) => ports.crypto.sha256(bytes));
  }

  /** Opens the blobs whose rows lie under `prefix`, and sweeps what a crash left. */
  static async open(ports: BlobStorePorts, prefix: Uint8Array): Promise<BlobStore> {
    const blobs = new BlobStore(ports, prefix);
    for (const chunk of await ports.chunks.list()) await blobs.#dropUnnamed(chunk);
    return blobs;
  }

  /** Takes in a stream; durable when this resolves. The same bytes again are the same blob. */
  async put(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions = {},
  ): Promise<Result<BlobInfo>> {
    const splitter = new Splitter(this.#ports.crypto.createSha256());
    /** By their place; those that were not hashed are not there. */
    const chunks: ChunkId[] = [];
    const lane = new Lane(BLOB_WRITES_IN_FLIGHT_MAX);
    let cut = 0;
    const write = (bytes: Uint8Array): Promise<void> => {
      const at = cut++;
      return lane.run(async () => {
        const id = chunkId(await this.#digest(bytes));
        this.#hold(id);
        chunks[at] = id;
        await this.addChunk({ id, bytes });
      });
    };
    try {
      for await (const bytes of source) {
        options.signal?.throwIfAborted();
        if (splitter.overflows(bytes.length)) {
          return err<BlobErrorCode>("BLOB_TOO_LARGE", `a blob has at most ${BLOB_BYTES_MAX} bytes`);
        }
        for (const chunk of splitter.push(bytes)) await write(chunk);
      }
      const { last, size, hash } = splitter.finish();
      if (last) await write(last);
      const mismatch = mismatchOf({ size, hash }, options);
      if (mismatch) return err<BlobErrorCode>("BLOB_MISMATCH", mismatch);
      await lane.settled();
      const manifest = { size, hash, chunks };
      const id = manifestId(this.#ports.crypto, manifest);
      await this.#ports.chunks.flush();
      await this.#name(id, { manifest, whole: true });
      return ok({ id, size, hash });
    } finally {
      await lane.settled().catch(() => {});
      const held = chunks.filter((chunk) => chunk !== undefined);
      for (const chunk of held) this.#release(chunk);
      for (const chunk of held) await this.#dropUnnamed(chunk);
    }
  }

  async info(id: BlobId): Promise<BlobInfo | undefined> {
    const row = await this.#row(id);
    return row?.whole ? { id, size: row.manifest.size, hash: row.manifest.hash } : undefined;
  }

  /** The manifest of a blob that is here, or is being fetched. */
  async manifest(id: BlobId): Promise<ManifestRow | undefined> {
    return this.#row(id);
  }

  /** The bytes of a range, a chunk at a time. Rejects, as a damaged store does, when a chunk is not what it was. */
  async read(id: BlobId, range: BlobRange = {}): Promise<Result<AsyncGenerator<Uint8Array>>> {
    const row = await this.#row(id);
    if (!row?.whole) return err<BlobErrorCode>("BLOB_NOT_FOUND", "there is no such blob here");
    return ok(readBlob(this.#reads, row.manifest, range));
  }

  /** All whole blobs, in the order of their ids. */
  async list(): Promise<BlobInfo[]> {
    const table = blobTable(this.#prefix, "m");
    const { store } = this.#ports;
    return runLoaded(store, () =>
      [...store.range({ gte: table, lt: must(prefixEnd(table), "a table's end") })].flatMap(([key, value]) => {
        const row = soundRow(decodeManifestRow(value));
        const id = key.slice(table.length) as BlobId;
        return row.whole ? { id, size: row.manifest.size, hash: row.manifest.hash } : [];
      }),
    );
  }

  /** Says that the context has the blob, so that its members may read it and nobody deletes it. */
  link(context: ContextId, id: BlobId): Promise<void> {
    return this.#ports.store.commit([
      { kind: "put", key: linkKey(this.#prefix, id, context), value: new Uint8Array(0) },
    ]);
  }

  unlink(context: ContextId, id: BlobId): Promise<void> {
    return this.#ports.store.commit([{ kind: "delete", key: linkKey(this.#prefix, id, context) }]);
  }

  async isLinked(context: ContextId, id: BlobId): Promise<boolean> {
    const { store } = this.#ports;
    return runLoaded(store, () => store.get(linkKey(this.#prefix, id, context)) !== undefined);
  }

  /**
   * Says which blobs the fields of a context's state refer to now, here or not: none of them is deleted. A blob that it
   * no longer refers to is no longer the context's, and goes unless another has it. A reference gives nobody the blob:
   * whoever knows an id may write one, so members are still answered for what the context has alone.
   */
  async refer(context: ContextId, ids: readonly BlobId[]): Promise<void> {
    const { store } = this.#ports;
    const wanted = new Map(ids.map((id) => [idKey(id), id]));
    const { gone, committed } = await runLoaded(store, () => {
      const table = referredKey(this.#prefix, context);
      const range = { gte: table, lt: must(prefixEnd(table), "a context's end") };
      const gone = [...store.range(range)].flatMap(([key]) => {
        const id = key.slice(table.length) as BlobId;
        return wanted.delete(idKey(id)) ? [] : [id];
      });
      const keys = (id: BlobId) => [referenceKey(this.#prefix, id, context), referredKey(this.#prefix, context, id)];
      const batch: WriteOperation[] = [
        ...gone
          .flatMap((id) => [...keys(id), linkKey(this.#prefix, id, context)])
          .map((key) => ({ kind: "delete", key }) as const),
        ...[...wanted.values()].flatMap(keys).map((key) => ({ kind: "put", key, value: EMPTY_BYTES }) as const),
      ];
      return { gone, committed: batch.length > 0 ? store.commit(batch) : Promise.resolve() };
    });
    await committed;
    for (const id of gone) await this.delete(id);
  }

  async contextsOf(id: BlobId): Promise<ContextId[]> {
    const { store } = this.#ports;
    return runLoaded(store, () => this.#contexts(store, id));
  }

  /** Whether there was something to delete. */
  async delete(id: BlobId): Promise<Result<boolean>> {
    const { store } = this.#ports;
    const gone = await runLoaded(store, () => {
      const referring = this.#contextsIn(store, referenceKey(this.#prefix, id));
      if (referring.length > 0 || this.#contexts(store, id).length > 0) return "in use";
      const row = this.#rowNow(store, id);
      if (!row) return undefined;
      const chunks = distinct(row.manifest.chunks);
      const batch: WriteOperation[] = chunks.map((chunk) => this.#counted(store, chunk, -1));
      batch.push({ kind: "delete", key: manifestKey(this.#prefix, id) });
      return { chunks, committed: store.commit(batch) };
    });
    if (gone === "in use") return err<BlobErrorCode>("BLOB_IN_USE", "a context has this blob");
    if (!gone) return ok(false);
    await gone.committed;
    const lane = new Lane(BLOB_WRITES_IN_FLIGHT_MAX);
    for (const chunk of gone.chunks) await lane.run(() => this.#dropUnnamed(chunk));
    await lane.settled();
    return ok(true);
  }

  /** Begins to take in a blob from elsewhere, or goes on; gives the indexes of the chunks that are not here. */
  async begin(id: BlobId, manifest: Manifest): Promise<number[]> {
    await this.#name(id, { manifest, whole: false });
    const missing: number[] = [];
    for (const [index, chunk] of manifest.chunks.entries()) {
      const bytes = await this.#ports.chunks.read(chunk);
      const sound = bytes && bytesEqual(await this.#digest(bytes), chunk);
      if (!sound || bytes.length !== chunkBytes(manifest, index)) missing.push(index);
    }
    return missing;
  }

  /** Keeps a chunk whose bytes were checked against its id: one of a blob that was begun. */
  async addChunk(chunk: Chunk): Promise<void> {
    await this.#deleting.get(idKey(chunk.id));
    await this.#ports.chunks.write(chunk.id, chunk.bytes);
  }

  /** All chunks are here: the blob is whole, with the hash that its bytes have. */
  async complete(id: BlobId): Promise<BlobInfo> {
    const row = must(await this.#row(id), "a blob that was begun");
    const hash = this.#ports.crypto.createSha256();
    for await (const bytes of readBlob(this.#reads, row.manifest, {})) hash.update(bytes);
    const manifest = { ...row.manifest, hash: hash.digest() };
    await this.#ports.chunks.flush();
    const value = encodeManifestRow({ manifest, whole: true });
    await this.#ports.store.commit([{ kind: "put", key: manifestKey(this.#prefix, id), value }]);
    return { id, size: manifest.size, hash: manifest.hash };
  }

  get #reads(): BlobReadPorts {
    return { chunks: this.#ports.chunks, digest: this.#digest };
  }

  /**
   * Writes the manifest's row, and counts its chunks unless they are: the id names the same chunks always. A size that
   * was wrong is put right by the next row; whole once is whole for ever.
   */
  async #name(id: BlobId, row: ManifestRow): Promise<void> {
    const { store } = this.#ports;
    const { committed } = await runLoaded(store, () => {
      const known = this.#rowNow(store, id);
      if (known?.whole) return { committed: Promise.resolve() };
      const batch: WriteOperation[] = known
        ? []
        : distinct(row.manifest.chunks).map((chunk) => this.#counted(store, chunk, 1));
      batch.push({ kind: "put", key: manifestKey(this.#prefix, id), value: encodeManifestRow(row) });
      return { committed: store.commit(batch) };
    });
    await committed;
  }

  #counted(view: ReadView, chunk: ChunkId, by: 1 | -1): WriteOperation {
    const key = countKey(this.#prefix, chunk);
    const count = this.#countOf(view, chunk) + by;
    return count > 0 ? { kind: "put", key, value: encodeCount(count) } : { kind: "delete", key };
  }

  #countOf(view: ReadView, chunk: ChunkId): number {
    const value = view.get(countKey(this.#prefix, chunk));
    if (!value) return 0;
    const count = decodeCount(value);
    if (count === undefined) throw new StoreFailure("STORE_CORRUPT", "a chunk's count is damaged");
    return count;
  }

  #contexts(view: ReadView, id: BlobId): ContextId[] {
    return this.#contextsIn(view, linkKey(this.#prefix, id));
  }

  #contextsIn(view: ReadView, prefix: Uint8Array): ContextId[] {
    const range = { gte: prefix, lt: must(prefixEnd(prefix), "a blob's end") };
    return Array.from(view.range(range), ([key]) => contextId(key.slice(prefix.length)));
  }

  async #row(id: BlobId): Promise<ManifestRow | undefined> {
    const { store } = this.#ports;
    return runLoaded(store, () => this.#rowNow(store, id));
  }

  #rowNow(view: ReadView, id: BlobId): ManifestRow | undefined {
    const value = view.get(manifestKey(this.#prefix, id));
    return value && soundRow(decodeManifestRow(value));
  }

  #hold(chunk: ChunkId): void {
    const key = idKey(chunk);
    this.#writing.set(key, (this.#writing.get(key) ?? 0) + 1);
  }

  #release(chunk: ChunkId): void {
    const key = idKey(chunk);
    const holders = must(this.#writing.get(key), "a chunk that is being written");
    if (holders > 1) this.#writing.set(key, holders - 1);
    else this.#writing.delete(key);
  }

  async #dropUnnamed(chunk: ChunkId): Promise<void> {
    const { store, chunks } = this.#ports;
    const named = await runLoaded(store, () => this.#countOf(store, chunk) > 0);
    const key = idKey(chunk);
    if (named || this.#writing.has(key) || this.#deleting.has(key)) return;
    const deleted = chunks.delete(chunk).finally(() => this.#deleting.delete(key));
    this.#deleting.set(key, deleted);
    await deleted;
  }
}

function soundRow(row: ManifestRow | undefined): ManifestRow {
  if (!row) throw new StoreFailure("STORE_CORRUPT", "a blob's manifest is damaged");
  return row;
}

function mismatchOf(manifest: Pick<Manifest, "size" | "hash">, { size, hash }: PutOptions): string | undefined {
  if (size !== undefined && size !== manifest.size) return `${manifest.size} bytes came, not ${size}`;
  if (hash && !bytesEqual(hash, manifest.hash)) return "the bytes do not have the hash that was given";
  return undefined;
}

/** A manifest may name a chunk many times; it counts once. */
function distinct(chunks: readonly ChunkId[]): ChunkId[] {
  return [...new Map(chunks.map((chunk) => [idKey(chunk), chunk])).values()];
}
