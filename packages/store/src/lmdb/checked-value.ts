/**
 * A stored value with a check of its key and itself, which LMDB does not have:
 *
 *     value | CRC-32 of key | value, as u32 little-endian
 *
 * So a flipped byte, or a value that stands under another key, is found by whoever reads it: never silently wrong. It
 * guards against damage, not against people: whoever can write the file can make it right.
 */
import { crc32 } from "node:zlib";
import { StoreFailure } from "@dunlin/core/base";

const CHECK_BYTES = 4;
const NATIVE_FROM_BYTES = 256;
const TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0xedb88320;
  return sum;
});

export function withCheck(key: Uint8Array, value: Uint8Array): Uint8Array {
  const stored = Buffer.allocUnsafe(value.length + CHECK_BYTES);
  stored.set(value);
  stored.writeUInt32LE(checkOf(key, value), value.length);
  return stored;
}

/** The value, as a view of what is stored. Throws `STORE_CORRUPT` when it is not what was written under the key. */
export function checkedValue(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const length = stored.length - CHECK_BYTES;
  const value = new Uint8Array(stored.buffer, stored.byteOffset, Math.max(0, length));
  if (length >= 0 && checkOf(key, value) === readCheck(stored, length)) return value;
  const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString("hex");
  throw new StoreFailure(
    "STORE_CORRUPT",
    `the row ${name} is damaged: restore a backup, or join again from another node`,
  );
}

function checkOf(key: Uint8Array, value: Uint8Array): number {
  return goOn(goOn(0, key), value);
}

/** The same sum both ways: a call into zlib costs more than to go through a short row here. */
function goOn(check: number, bytes: Uint8Array): number {
  if (bytes.length >= NATIVE_FROM_BYTES) return crc32(bytes, check);
  let sum = ~check;
  for (let i = 0; i < bytes.length; i++) {
    sum = (TABLE[(sum ^ (bytes[i] as number)) & 0xff] as number) ^ (sum >>> 8);
  }
  return ~sum >>> 0;
}

function readCheck(stored: Uint8Array, at: number): number {
  return new DataView(stored.buffer, stored.byteOffset).getUint32(at, true);
}
