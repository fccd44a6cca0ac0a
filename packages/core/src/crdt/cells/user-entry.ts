/**
 * User entry: a register that one member alone writes, keyed by the member's public key (32 bytes). The owner is the
 * member and not one of its actors, so that a reinstalled device writes on; stamp and actor order the owner's writes.
 * Refused: a reference, since only map entries nest.
 */
import { ID_BYTES, idKey, idKeyToBytes, type Writer } from "../../base/index.ts";

export { decode, empty, encode, isLive, join, type RegisterCell as UserEntryCell } from "./register.ts";

export function writeKey(writer: Writer, key: string): void {
  writer.raw(idKeyToBytes(key));
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  return bytes.length === ID_BYTES ? idKey(bytes) : undefined;
}
