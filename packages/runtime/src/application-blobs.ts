/**
 * Blobs as the applications of a node's contexts have them, whatever language they are written in. A call reads at once,
 * while it runs; what is not here is fetched from members of the context between two runs of it.
 *
 * An application reads the blobs that its context has, and those of this node that no context has: somebody uploads one
 * here and gives its id to a method. What other contexts alone have it does not see, whatever ids it is told.
 */
import {
  type BlobId,
  bytesEqual,
  type ChunkId,
  type ContextId,
  concatBytes,
  err,
  idKey,
  must,
  ok,
  type PeerId,
  type Result,
  type Scheduler,
  StoreFailure,
} from "@dunlin/core/base";
import { BLOB_CHUNK_BYTES, type BlobExchange, type BlobStore, blobIdOf, type Manifest } from "@dunlin/core/blobs";
import type { Crypto } from "@dunlin/core/crypto";
import { linkWithin } from "./blob-budget.ts";
import { type BlobChanges, BlobMiss, type BlobReader } from "./call-blobs.ts";
import { APPLICATION_BLOB_WAIT_MS, APPLICATION_BLOBS_MAX } from "./limits.ts";

export interface ApplicationBlobs {
  /** Runs a call that may read blobs. When it misses one it has had no effect, and runs again once that is brought. */
  run<T>(context: ContextId, call: (blobs: BlobReader) => Result<T> | Promise<Result<T>>): Promise<Result<T>>;
  /** Keeps what a call wrote and gives its context what it announced; durable when this resolves. */
  keep(context: ContextId, changes: BlobChanges): Promise<Result<null>>;
  /** Says which blobs the fields of the context's state refer to now. */
  refer(context: ContextId, ids: readonly BlobId[]): Promise<void>;
}

export interface ApplicationBlobsPorts {
  readonly blobs: BlobStore;
  readonly exchange: BlobExchange;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly scheduler: Scheduler;
  /** Bytes of blobs that a context may hold here; no bound when undefined. */
  readonly blobBytesMax: (context: ContextId) => number | undefined;
  /** Members of the context that are connected now. */
  readonly peersOf: (context: ContextId) => readonly PeerId[];
  /** A chunk's bytes, at once. */
  readonly readChunk: (id: ChunkId) => Uint8Array | undefined;
}

export function createApplicationBlobs(ports: ApplicationBlobsPorts): ApplicationBlobs {
  const { blobs } = ports;
  return {
    run: (context, call) =>
      failing(async () => {
        const reader = new Reader(ports, context);
        for (;;) {
          try {
            return await call(reader);
          } catch (thrown) {
            if (!(thrown instanceof BlobMiss)) throw thrown;
            const brought = await reader.bring(thrown.blob);
            if (!brought.ok) return brought;
          }
        }
      }),
    keep: (context, { written, announced }) =>
      failing(async () => {
        const fresh: BlobId[] = [];
        for (const bytes of written) {
          const wasHere = await blobs.info(blobIdOf(ports.crypto, bytes));
          const put = await blobs.put([bytes]);
          if (!put.ok) return put;
          if (!wasHere) fresh.push(put.value.id);
        }
        const refused = await linkWithin(blobs, context, announced, ports.blobBytesMax(context));
        if (!refused) return ok(null);
        for (const id of fresh) await blobs.delete(id);
        return refused;
      }),
    refer: (context, ids) => blobs.refer(context, ids),
  };
}

/** A store that fails, or a blob that is damaged, is a failure of the call: who runs a handler meets no exception. */
async function failing<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return err(thrown.code, thrown.message);
    throw thrown;
  }
}

/** What one call has been brought. */
class Reader implements BlobReader {
  readonly #ports: ApplicationBlobsPorts;
  readonly #context: ContextId;
  /** Undefined for what is not to be had. */
  readonly #manifests = new Map<string, Manifest | undefined>();
  #chunk: { readonly id: ChunkId; readonly bytes: Uint8Array } | undefined;

  constructor(ports: ApplicationBlobsPorts, context: ContextId) {
    this.#ports = ports;
    this.#context = context;
  }

  size(id: BlobId): number | undefined {
    const key = idKey(id);
    if (!this.#manifests.has(key)) throw new BlobMiss(id);
    return this.#manifests.get(key)?.size;
  }

  read(id: BlobId, start: number, end: number): Uint8Array {
    const { chunks } = must(this.#manifests.get(idKey(id)), "a blob whose size was given");
    const parts: Uint8Array[] = [];
    for (let at = start; at < end; ) {
      const index = Math.floor(at / BLOB_CHUNK_BYTES);
      const offset = index * BLOB_CHUNK_BYTES;
      const part = this.#readChunk(must(chunks[index], "a chunk within the blob")).subarray(at - offset, end - offset);
      parts.push(part);
      at += part.length;
    }
    return concatBytes(...parts);
  }

  async bring(id: BlobId): Promise<Result<null>> {
    if (this.#manifests.size >= APPLICATION_BLOBS_MAX) {
      return err("LIMIT_EXCEEDED", `a call reads at most ${APPLICATION_BLOBS_MAX} blobs`);
    }
    if (!(await this.#isHere(id)) && this.#ports.peersOf(this.#context).length > 0) {
      const isLate = await this.#fetch(id);
      if (isLate) return err("TIMEOUT", "a blob that the call reads is still being fetched: call again");
    }
    const row = (await this.#isHere(id)) ? await this.#ports.blobs.manifest(id) : undefined;
    this.#manifests.set(idKey(id), row?.manifest);
    return ok(null);
  }

  /** Whether it is here, and this context's or nobody's. */
  async #isHere(id: BlobId): Promise<boolean> {
    const { blobs } = this.#ports;
    if (!(await blobs.info(id))) return false;
    const contexts = await blobs.contextsOf(id);
    return contexts.length === 0 || contexts.some((other) => bytesEqual(other, this.#context));
  }

  /** True when it has not come in time; what came of it is kept. */
  async #fetch(id: BlobId): Promise<boolean> {
    const { exchange, scheduler } = this.#ports;
    const late = new AbortController();
    const cancel = scheduler.after(APPLICATION_BLOB_WAIT_MS, () => late.abort());
    try {
      await exchange.fetch(this.#context, id, late.signal);
      return false;
    } catch (thrown) {
      if (!late.signal.aborted) throw thrown;
      return true;
    } finally {
      cancel();
    }
  }

  /** Checked against its id, and kept for the next read. */
  #readChunk(id: ChunkId): Uint8Array {
    const kept = this.#chunk;
    if (kept && bytesEqual(kept.id, id)) return kept.bytes;
    const bytes = this.#ports.readChunk(id);
    if (!bytes || !bytesEqual(this.#ports.crypto.sha256(bytes), id)) {
      throw new StoreFailure("STORE_CORRUPT", "a chunk of a blob is missing or damaged");
    }
    this.#chunk = { id, bytes };
    return bytes;
  }
}
