/**
 * Blobs as guests have them: read and written at once, while a call runs. Files in a folder of the node, by the id that
 * the Calimero node gives a blob, and read only when they are what their name says.
 */
import { bytesEqual, bytesToBase58, chunkId } from "@dunlin/core/base";
import { BLOB_CHUNK_BYTES, type Manifest, manifestId } from "@dunlin/core/blobs";
import type { Crypto } from "@dunlin/core/crypto";
import type { GuestBlobs } from "@dunlin/runtime";

/** The folder, by file name. */
export interface BlobFolder {
  readBlob(name: string): Uint8Array | undefined;
  writeBlob(name: string, bytes: Uint8Array): void;
}

export function createGuestBlobs(crypto: Pick<Crypto, "sha256">, folder: BlobFolder): GuestBlobs {
  const idOf = (bytes: Uint8Array): Uint8Array => {
    const chunks: Manifest["chunks"][number][] = [];
    for (let at = 0; at < bytes.length; at += BLOB_CHUNK_BYTES) {
      chunks.push(chunkId(crypto.sha256(bytes.subarray(at, at + BLOB_CHUNK_BYTES))));
    }
    return manifestId(crypto, { chunks });
  };
  const get = (id: Uint8Array): Uint8Array | undefined => {
    const bytes = folder.readBlob(bytesToBase58(id));
    return bytes && bytesEqual(idOf(bytes), id) ? bytes : undefined;
  };
  return {
    get,
    put: (bytes) => {
      const id = idOf(bytes);
      folder.writeBlob(bytesToBase58(id), bytes);
      return id.slice();
    },
    announce: (id) => get(id) !== undefined,
  };
}
