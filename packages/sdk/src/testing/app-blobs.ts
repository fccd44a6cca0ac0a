/** Blobs of a simulated node: chunks as rows of its store in memory, fetched from the others over the simulated network. */
import { type Clock, concatBytes, type Scheduler, utf8 } from "@dunlin/core/base";
import { BlobExchange, BlobStore, createStoredChunks } from "@dunlin/core/blobs";
import type { Crypto } from "@dunlin/core/crypto";
import type { SyncEngine } from "@dunlin/core/sync";
import { type ApplicationBlobs, createApplicationBlobs } from "@dunlin/runtime";
import type { MemoryStore } from "@dunlin/store/memory";

/** Beside the contexts' rows: no context's id is so short. */
const BLOBS_PREFIX = utf8("blobs");
const CHUNKS_PREFIX = utf8("chunks");

export interface AppBlobsPorts {
  readonly store: MemoryStore;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly sync: Pick<SyncEngine, "peersOf" | "sendBlob" | "blame">;
}

export interface AppBlobs {
  readonly blobs: BlobStore;
  readonly exchange: BlobExchange;
  readonly applications: ApplicationBlobs;
}

export async function openAppBlobs({ store, crypto, clock, scheduler, sync }: AppBlobsPorts): Promise<AppBlobs> {
  const chunks = createStoredChunks(store, CHUNKS_PREFIX);
  const blobs = await BlobStore.open({ store, chunks, crypto }, BLOBS_PREFIX);
  const peersOf: SyncEngine["peersOf"] = (context) => sync.peersOf(context);
  const exchange = new BlobExchange({
    blobs,
    chunks,
    crypto,
    clock,
    scheduler,
    peersOf,
    send: (context, peer, frame) => sync.sendBlob(context, peer, frame),
    charge: (peer) => sync.blame(peer, { code: "BLOB_MISMATCH", message: "not what its hash says" }),
  });
  const readChunk = (id: Uint8Array): Uint8Array | undefined => store.get(concatBytes(CHUNKS_PREFIX, id));
  const applications = createApplicationBlobs({
    blobs,
    exchange,
    crypto,
    scheduler,
    peersOf,
    readChunk,
    blobBytesMax: () => undefined,
  });
  return { blobs, exchange, applications };
}
