/**
 * Blobs of a node, as requests reach them: uploads come and content goes a part at a time, so that neither this thread
 * nor the messages ever hold a whole blob.
 */
import type { ApiErrorCode, BlobSummary } from "@dunlin/api";
import {
  blobId,
  type ChunkId,
  type ContextId,
  concatBytes,
  err,
  ID_BYTES,
  idToText,
  type KeyValueStore,
  ok,
  type Result,
  textToId,
} from "@dunlin/core/base";
import {
  BLOB_EVICTION_INTERVAL_MS,
  BlobCache,
  BlobExchange,
  type BlobExchangePorts,
  type BlobInfo,
  BlobStore,
} from "@dunlin/core/blobs";
import { systemDigest } from "@dunlin/core/platform";
import { type ApplicationBlobs, createApplicationBlobs, linkWithin } from "@dunlin/runtime";
import { openChunkFiles, readChunkNow } from "@dunlin/store/files";
import { BLOB_FETCH_TIMEOUT_MS, BLOB_READ_BYTES_MAX, BLOB_UPLOADS_MAX } from "../limits.ts";
import type { ShardMethod, ShardRequests } from "../messages.ts";

/** Beside the contexts' rows, under a prefix that is no context's id. */
export const BLOBS_PREFIX: Uint8Array = concatBytes(new Uint8Array(ID_BYTES), Uint8Array.of("b".charCodeAt(0)));

export interface ShardBlobsPorts
  extends Pick<BlobExchangePorts, "clock" | "scheduler" | "peersOf" | "send" | "charge"> {
  readonly store: KeyValueStore;
  readonly crypto: Parameters<typeof BlobStore.open>[0]["crypto"];
  /** Where the files of chunks lie. */
  readonly folder: string;
  /** Bytes of blobs that a context may hold here; no bound when undefined. */
  readonly blobBytesMax: (context: ContextId) => number | undefined;
  readonly holdsContext: (id: ContextId) => boolean;
}

interface Upload {
  readonly parts: PartQueue;
  readonly done: Promise<Result<BlobInfo>>;
}

export class ShardBlobs {
  readonly exchange: BlobExchange;
  /** As calls of applications have them. */
  readonly applications: ApplicationBlobs;
  readonly #blobs: BlobStore;
  readonly #cache = new BlobCache();
  readonly #ports: ShardBlobsPorts;
  readonly #uploads = new Map<number, Upload>();
  #nextUpload = 1;
  #evictedMs = 0;

  private constructor(ports: ShardBlobsPorts, blobs: BlobStore, exchange: BlobExchange) {
    this.#ports = ports;
    this.#blobs = blobs;
    this.exchange = exchange;
    const readChunk = (id: ChunkId): Uint8Array | undefined => readChunkNow(ports.folder, id);
    this.applications = createApplicationBlobs({ ...ports, blobs, exchange, readChunk });
  }

  static async open(ports: ShardBlobsPorts): Promise<ShardBlobs> {
    const chunks = await openChunkFiles(ports.folder);
    const blobs = await BlobStore.open({ ...ports, chunks, digest: systemDigest }, BLOBS_PREFIX);
    return new ShardBlobs(ports, blobs, new BlobExchange({ ...ports, blobs, chunks }));
  }

  /** To be called every second or so: gives up who is silent, and goes through what is in memory when it is time. */
  tick(): void {
    const now = this.#ports.clock.now();
    this.exchange.tick();
    if (now < this.#evictedMs + BLOB_EVICTION_INTERVAL_MS && now >= this.#evictedMs) return;
    this.#evictedMs = now;
    this.#cache.evict(now);
  }

  begin(): Result<{ readonly upload: number }> {
    if (this.#uploads.size >= BLOB_UPLOADS_MAX) {
      return err<ApiErrorCode>("BUSY", `${BLOB_UPLOADS_MAX} uploads are under way: try again`);
    }
    const parts = new PartQueue();
    const done = this.#blobs.put(parts);
    // Whoever ends the upload is told; until then a failure is nobody's.
    done.catch(() => {});
    const upload = this.#nextUpload++;
    this.#uploads.set(upload, { parts, done });
    return ok({ upload });
  }

  /** Resolves when the part was taken in: the next one is not to be sent before. */
  async write({ upload, bytes }: { readonly upload: number; readonly bytes: Uint8Array }): Promise<Result<null>> {
    const running = this.#uploads.get(upload);
    if (!running) return noUpload();
    const ended = running.done.then(
      () => "ended" as const,
      () => "ended" as const,
    );
    if ((await Promise.race([running.parts.push(bytes), ended])) !== "ended") return ok(null);
    this.#uploads.delete(upload);
    const outcome = await running.done;
    return outcome.ok ? noUpload() : outcome;
  }

  async finish(request: {
    readonly upload: number;
    readonly size: number | undefined;
    readonly hash: string | undefined;
    readonly contextId: string | undefined;
  }): Promise<Result<BlobSummary>> {
    const running = this.#uploads.get(request.upload);
    if (!running) return noUpload();
    const context = this.#contextOf(request.contextId);
    if (!context.ok) {
      this.abort(request.upload);
      return context;
    }
    this.#uploads.delete(request.upload);
    running.parts.end();
    const put = await running.done;
    if (!put.ok) return put;
    const mismatch = mismatchOf(put.value, request);
    if (mismatch) {
      await this.#blobs.delete(put.value.id);
      return mismatch;
    }
    const { id } = put.value;
    const refused =
      context.value && (await linkWithin(this.#blobs, context.value, [id], this.#ports.blobBytesMax(context.value)));
    if (!refused) return ok(summaryOf(put.value));
    // It stays where another context has it.
    await this.#blobs.delete(id);
    return refused;
  }

  abort(upload: number): void {
    this.#uploads.get(upload)?.parts.fail(new Error("the upload was given up"));
    this.#uploads.delete(upload);
  }

  /** What is known of a blob; fetched from the context's members when it is not here and a context is named. */
  async find(request: { readonly id: string; readonly contextId: string | undefined }): Promise<Result<BlobSummary>> {
    const id = textToId(request.id);
    const context = this.#contextOf(request.contextId);
    if (!context.ok) return context;
    if (!id) return notFound();
    const here = await this.#blobs.info(blobId(id));
    if (here) return ok(summaryOf(here));
    if (!context.value) return notFound();
    const late = new AbortController();
    const cancel = this.#ports.scheduler.after(BLOB_FETCH_TIMEOUT_MS, () => late.abort());
    try {
      const fetched = await this.exchange.fetch(context.value, blobId(id), late.signal);
      return fetched.ok ? ok(summaryOf(fetched.value)) : fetched;
    } catch (thrown) {
      if (!late.signal.aborted) throw thrown;
      return err<ApiErrorCode>("TIMEOUT", "the blob did not come in time; what came of it is kept: ask again");
    } finally {
      cancel();
    }
  }

  /** At most `BLOB_READ_BYTES_MAX` bytes from `start`. */
  async read({ id, start }: { readonly id: string; readonly start: number }): Promise<Result<Uint8Array>> {
    const bytes = textToId(id);
    if (!bytes) return notFound();
    const key = `${id} ${start}`;
    const cached = this.#cache.get(key, this.#ports.clock.now());
    if (cached) return ok(cached);
    const content = await this.#blobs.read(blobId(bytes), { start, end: start + BLOB_READ_BYTES_MAX });
    if (!content.ok) return content;
    const parts: Uint8Array[] = [];
    for await (const part of content.value) parts.push(part);
    const read = concatBytes(...parts);
    this.#cache.add(key, read, this.#ports.clock.now());
    return ok(read);
  }

  async list(): Promise<Result<readonly BlobSummary[]>> {
    return ok((await this.#blobs.list()).map(summaryOf));
  }

  async delete(id: string): Promise<Result<{ readonly deleted: boolean }>> {
    const bytes = textToId(id);
    const deleted = bytes ? await this.#blobs.delete(blobId(bytes)) : ok(false);
    return deleted.ok ? ok({ deleted: deleted.value }) : deleted;
  }

  #contextOf(text: string | undefined): Result<ContextId | undefined> {
    if (text === undefined) return ok(undefined);
    const id = textToId(text) as ContextId | undefined;
    if (id && this.#ports.holdsContext(id)) return ok(id);
    return err<ApiErrorCode>("CONTEXT_NOT_FOUND", `no context ${text} on this node: "dunlin context list" shows them`);
  }
}

type BlobMethod = Extract<ShardMethod, `${string}Blob` | "blobs">;
type BlobHandlers = {
  readonly [M in BlobMethod]: (request: ShardRequests[M]["takes"]) => Promise<Result<ShardRequests[M]["gives"]>>;
};

/** What a shard answers of blobs, by the name of the request. */
export function blobHandlers(blobs: () => ShardBlobs): BlobHandlers {
  return {
    beginBlob: async () => blobs().begin(),
    writeBlob: (request) => blobs().write(request),
    finishBlob: (request) => blobs().finish(request),
    abortBlob: async ({ upload }) => {
      blobs().abort(upload);
      return ok(null);
    },
    findBlob: (request) => blobs().find(request),
    readBlob: (request) => blobs().read(request),
    blobs: () => blobs().list(),
    deleteBlob: ({ id }) => blobs().delete(id),
  };
}

/** Parts of an upload on their way to the store: one at a time. */
class PartQueue implements AsyncIterable<Uint8Array> {
  #part: { readonly bytes: Uint8Array; readonly taken: () => void } | undefined;
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  push(bytes: Uint8Array): Promise<void> {
    return new Promise((taken) => {
      this.#part = { bytes, taken };
      this.#wake();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(failure: Error): void {
    this.#failure = failure;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const part = this.#part;
      this.#part = undefined;
      if (part) {
        yield part.bytes;
        part.taken();
      } else if (this.#ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

function summaryOf({ id, size, hash }: BlobInfo): BlobSummary {
  return { id: idToText(id), size, hash: idToText(hash) };
}

function mismatchOf(
  info: BlobInfo,
  { size, hash }: { readonly size: number | undefined; readonly hash: string | undefined },
): Result<never> | undefined {
  if (size !== undefined && size !== info.size) {
    return err<ApiErrorCode>("BLOB_MISMATCH", `${info.size} bytes came, not ${size}`);
  }
  if (hash !== undefined && hash !== idToText(info.hash)) {
    return err<ApiErrorCode>("BLOB_MISMATCH", "the bytes do not have the hash that was given");
  }
  return undefined;
}

function noUpload(): Result<never> {
  return err<ApiErrorCode>("PARAMS_INVALID", "no such upload: it ended, or was given up");
}

function notFound(): Result<never> {
  return err<ApiErrorCode>("BLOB_NOT_FOUND", "there is no such blob here, nor with a member who is connected");
}
