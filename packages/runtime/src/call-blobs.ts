/**
 * Blobs as a call of an application has them: at once, while it runs. It reads those of the machine, and its own; what it
 * writes and what it gives to its context is data that counts when the call has succeeded.
 *
 * What is not here is fetched between two runs: a read of it throws a `BlobMiss`, the call has had no effect, and whoever
 * made it brings the blob and runs it again.
 */
import { type BlobId, blobId, concatBytes, idKey } from "@dunlin/core/base";
import { blobIdOf } from "@dunlin/core/blobs";
import type { Crypto } from "@dunlin/core/crypto";
import { CALL_BLOB_BYTES_MAX } from "./limits.ts";

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
  readonly #drafts: Uint8Array[][] = [];
  #bytesLeft: number;

  constructor(reader: BlobReader, crypto: Pick<Crypto, "sha256">) {
    this.#reader = reader;
    this.#crypto = crypto;
    this.#bytesLeft = CALL_BLOB_BYTES_MAX;
  }

  /** A blob that is written piece by piece: its number. */
  create(): number {
    return this.#drafts.push([]) - 1;
  }

  /** False when there is no such draft, or the call has written as many bytes as it may. */
  append(draft: number, bytes: Uint8Array): boolean {
    this.#bytesLeft -= bytes.length;
    const parts = this.#drafts[draft];
    if (parts === undefined || this.#bytesLeft < 0) return false;
    parts.push(bytes);
    return true;
  }

  /** What was appended, as a blob; undefined when there is no such draft. */
  close(draft: number): BlobId | undefined {
    const parts = this.#drafts[draft];
    return parts && this.write(concatBytes(...parts));
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

  /** What it wrote beside these, by the keys of their ids. */
  unstored(stored: ReadonlySet<string>): Uint8Array[] {
    return [...this.#writtenById].flatMap(([key, bytes]) => (stored.has(key) ? [] : [bytes]));
  }

  get changes(): BlobChanges {
    return { written: [...this.#writtenById.values()], announced: [...this.#announced.values()] };
  }
}
