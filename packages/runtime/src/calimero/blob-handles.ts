/** The blobs that a call has open. What it writes is stored when it is closed; what it leaves open is dropped. */
import { concatBytes } from "@dunlin/core/base";
import type { GuestLimits } from "./limits.ts";
import { HostTrap } from "./trap.ts";

/** Blobs of this machine, by the ids of the Calimero node: 32 bytes. */
export interface GuestBlobs {
  put(bytes: Uint8Array): Uint8Array;
  get(id: Uint8Array): Uint8Array | undefined;
  /** Tells the members of a context that it is here; false when it is not. */
  announce(id: Uint8Array, context: Uint8Array): boolean;
}

type Handle =
  | { readonly kind: "write"; readonly parts: Uint8Array[]; length: number }
  | { readonly kind: "read"; readonly id: Uint8Array; bytes: Uint8Array | undefined; at: number };

export class BlobHandles {
  readonly #blobs: GuestBlobs;
  readonly #limits: GuestLimits;
  readonly #handles = new Map<bigint, Handle>();
  #next = 1n;

  constructor(blobs: GuestBlobs, limits: GuestLimits) {
    this.#blobs = blobs;
    this.#limits = limits;
  }

  create(): bigint {
    return this.#open({ kind: "write", parts: [], length: 0 });
  }

  open(id: Uint8Array): bigint {
    return this.#open({ kind: "read", id, bytes: undefined, at: 0 });
  }

  write(handle: bigint, bytes: Uint8Array): void {
    const open = this.#handle(handle);
    if (open.kind !== "write") throw invalidHandle();
    open.length += bytes.length;
    const max = this.#limits.blobBytesMax;
    if (open.length > max) throw new HostTrap("BlobWriteTooLarge", `a blob of ${open.length} bytes, of at most ${max}`);
    open.parts.push(bytes);
  }

  /** The next bytes, at most so many; none at the end, and of a blob that is not here. */
  read(handle: bigint, length: number): Uint8Array {
    const open = this.#handle(handle);
    if (open.kind !== "read") throw invalidHandle();
    open.bytes ??= this.#blobs.get(open.id) ?? new Uint8Array(0);
    const part = open.bytes.subarray(open.at, open.at + length);
    open.at += part.length;
    return part;
  }

  /** The blob's id. */
  close(handle: bigint): Uint8Array {
    const open = this.#handle(handle);
    this.#handles.delete(handle);
    return open.kind === "read" ? open.id : this.#blobs.put(concatBytes(...open.parts));
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
