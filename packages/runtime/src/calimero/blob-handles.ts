/** The blobs that a call has open. What it writes is a blob when it is closed; what it leaves open is dropped. */
import { type BlobId, concatBytes, EMPTY_BYTES } from "@dunlin/core/base";
import type { CallBlobs } from "../call-blobs.ts";
import type { GuestLimits } from "./limits.ts";
import { HostTrap } from "./trap.ts";

type Handle =
  | { readonly kind: "write"; readonly parts: Uint8Array[] }
  | { readonly kind: "read"; readonly id: BlobId; at: number };

export class BlobHandles {
  readonly blobs: CallBlobs;
  readonly #limits: GuestLimits;
  readonly #handles = new Map<bigint, Handle>();
  #next = 1n;
  #written = 0;

  constructor(blobs: CallBlobs, limits: GuestLimits) {
    this.blobs = blobs;
    this.#limits = limits;
  }

  create(): bigint {
    return this.#open({ kind: "write", parts: [] });
  }

  open(id: BlobId): bigint {
    return this.#open({ kind: "read", id, at: 0 });
  }

  write(handle: bigint, bytes: Uint8Array): void {
    const open = this.#handle(handle);
    if (open.kind !== "write") throw invalidHandle();
    this.#written += bytes.length;
    const max = this.#limits.blobBytesMax;
    if (this.#written > max) {
      throw new HostTrap("BlobWriteTooLarge", `${this.#written} bytes of blobs in one call, of at most ${max}`);
    }
    open.parts.push(bytes);
  }

  /** The next bytes, at most so many; none at the end, and of a blob that is not to be had. */
  read(handle: bigint, length: number): Uint8Array {
    const open = this.#handle(handle);
    if (open.kind !== "read") throw invalidHandle();
    const end = Math.min(this.blobs.size(open.id) ?? 0, open.at + length);
    if (end <= open.at) return EMPTY_BYTES;
    const part = this.blobs.read(open.id, open.at, end);
    open.at += part.length;
    return part;
  }

  /** The blob's id. */
  close(handle: bigint): BlobId {
    const open = this.#handle(handle);
    this.#handles.delete(handle);
    return open.kind === "read" ? open.id : this.blobs.write(concatBytes(...open.parts));
  }

  #open(handle: Handle): bigint {
    const max = this.#limits.blobHandlesMax;
    if (this.#handles.size >= max) throw new HostTrap("TooManyBlobHandles", `too many blob handles: at most ${max}`);
    const id = this.#next++;
    this.#handles.set(id, handle);
    return id;
  }

  #handle(id: bigint): Handle {
    const handle = this.#handles.get(id);
    if (!handle) throw invalidHandle();
    return handle;
  }
}

function invalidHandle(): HostTrap {
  return new HostTrap("InvalidBlobHandle", "invalid blob handle");
}
