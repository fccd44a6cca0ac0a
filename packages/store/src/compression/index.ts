/** Core's compression port over `node:zlib`. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Compression } from "@dunlin/core/base";

export const zlibCompression: Compression = {
  deflateRaw: (bytes, level) => toBytes(deflateRawSync(bytes, { level })),
  inflateRaw: (stream, bytesMax) => {
    try {
      return toBytes(inflateRawSync(stream, { maxOutputLength: bytesMax }));
    } catch {
      return undefined;
    }
  },
};

/** A plain view: no `Buffer` leaves the rim. */
function toBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
