/**
 * Blobs as a call of an application has them: at once, while it runs. It reads those of the machine, and its own; what it
 * writes and what it gives to its context is data that counts when the call has succeeded.
 *
 * What is not here is fetched between two runs: a read of it throws a `BlobMiss`, the call has had no effect, and whoever
 * made it brings the blob and runs it again.
 */
import { type BlobId, blobId, idKey } from "@dunlin/core/base";
import { blobIdOf } from "@dunlin/core/blobs";
import type { Crypto } from "@dunlin/core/crypto";

/** The blobs that a call of one context may read. */
export interface BlobReader {
  /** In bytes; undefined when it is not to be had. Throws a `BlobMiss` when that is to be found out first. */
  size(id: BlobId): number | undefined;
  /** The bytes from `start` to before `end`, both within a blob whose size was given. */
  read(id: BlobId, start: number, end: number): Uint8Array;
}

/** Thrown by a read of a blob that has to be brought first: not an error but a request to bring it and run again. */
export class BlobMiss {
  readonly blob: BlobId;
  constructor(blob: BlobId) {
    this.blob = blob;
  }
}

/** What a call did with blobs. */
export interface BlobChanges {
  readonly written: readonly Uint8Array[];
  /** Those that the context is to have, so that its members may read them. */
  readonly announced: readonly BlobId[];
}

export class CallBlobs {
  readonly #reader: BlobReader;
  readonly #crypto: Pick<Crypto, "sha256">;
  readonly #writtenById = new Map<string, Uint8Array>();
  readonly #announced = new Map<string, BlobId>();

  constructor(reader: BlobReader, crypto: Pick<Crypto, "sha256">) {
    this.#reader = reader;
    this.#crypto = crypto;
  }

  /** `bytes` are kept. */
  write(bytes: Uint8Array): BlobId {
    const id = blobIdOf(this.#crypto, bytes);
    this.#writtenById.set(idKey(id), bytes);
    return id;
  }

  size(id: BlobId): number | undefined {
    return this.#writtenById.get(idKey(id))?.length ?? this.#reader.size(id);
  }

  read(id: BlobId, start: number, end: number): Uint8Array {
    return this.#writtenById.get(idKey(id))?.slice(start, end) ?? this.#reader.read(id, start, end);
  }

  /** False when there is no such blob. */
  announce(id: BlobId): boolean {
    if (this.size(id) === undefined) return false;
    this.#announced.set(idKey(id), blobId(id.slice()));
    return true;
  }

  get changes(): BlobChanges {
    return { written: [...this.#writtenById.values()], announced: [...this.#announced.values()] };
  }
}
