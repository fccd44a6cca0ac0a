/**
 * Blobs: bytes of any kind, named by what they hold and apart from the state, which refers to them. What a field
 * declared with `blob()` refers to is kept on the nodes that have it, and goes with the last reference; other members'
 * nodes fetch it when it is first read.
 */
import { host } from "./host.ts";
import { type RegisterField, register } from "./register.ts";
import { formOf, rawOf } from "./value.ts";

/** Refers to a blob: a value that fields, arguments and events may hold. */
export type BlobRef = {
  /** The blob's id in base58. */
  readonly blob: string;
  /** In bytes. */
  readonly size: number;
};

export interface ReadonlyBlobs {
  /**
   * A reference to a blob that the context has, or that somebody uploaded to this node for no context; undefined when
   * neither this node nor a member who is connected has it.
   */
  find(blob: string): BlobRef | undefined;
  /** The bytes of a range, all of them unless said: 0 to before `size`. Throws `BLOB_NOT_FOUND` where it is not to be had. */
  read(ref: BlobRef, range?: BlobRange): Uint8Array;
  /** The same as text, of at most a mebibyte; what is no UTF-8 is replaced. */
  text(ref: BlobRef, range?: BlobRange): string;
}

export interface BlobRange {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

export interface Blobs extends ReadonlyBlobs {
  /** A new blob, to be written piece by piece: of text as UTF-8. */
  create(): BlobWriter;
  /** A blob of these bytes, or this text. */
  put(content: Uint8Array | string): BlobRef;
  /** Gives a blob to the context, so that its members can fetch it; a field that is set to refer to it does so too. */
  announce(ref: BlobRef): void;
}

export interface BlobWriter {
  append(content: Uint8Array | string): void;
  close(): BlobRef;
}

/** Bytes that cross to the host at once. */
const PIECE_BYTES = 1024 * 1024;

/** Declares a reference to a blob: `avatar: blob()`, `files: map(blob())`. Setting it gives the blob to the context. */
export function blob(): RegisterField<BlobRef> {
  const field = register<BlobRef>({
    "~standard": {
      version: 1,
      vendor: "dunlin",
      validate: (value) => {
        const { blob: id, size } = (value ?? {}) as { readonly blob?: unknown; readonly size?: unknown };
        if (typeof id !== "string" || typeof size !== "number")
          return { issues: [{ message: "no reference to a blob" }] };
        host.blobAnnounce(id);
        return { value: { blob: id, size } };
      },
    },
  });
  return { ...field, holdsBlobs: true };
}

export const blobs: Blobs = {
  find: (id) => {
    const size = host.blobSize(id);
    return size === undefined ? undefined : { blob: id, size };
  },
  read: ({ blob: id, size }, { start = 0, end = size } = {}) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let at = start; at < end; ) {
      const piece = host.blobRead(id, at, Math.min(end, at + PIECE_BYTES));
      if (piece.length === 0) break;
      pieces.push(piece);
      length += piece.length;
      at += piece.length;
    }
    if (pieces.length === 1) return pieces[0] as Uint8Array;
    const all = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  },
  text: ({ blob: id, size }, { start = 0, end = size } = {}) => host.blobText(id, start, end),
  create: () => open(host.blobCreate()),
  put: (content) => {
    const writer = open(host.blobCreate());
    writer.append(content);
    return writer.close();
  },
  announce: ({ blob: id }) => host.blobAnnounce(id),
};

function open(handle: number): BlobWriter {
  return {
    append: (content) => {
      for (let at = 0; at < content.length; at += PIECE_BYTES) {
        const piece = typeof content === "string" ? content : content.subarray(at, at + PIECE_BYTES);
        host.blobAppend(handle, rawOf(piece), formOf(piece));
        if (typeof content === "string") return;
      }
    },
    close: () => {
      const id = host.blobClose(handle);
      return { blob: id, size: host.blobSize(id) as number };
    },
  };
}
