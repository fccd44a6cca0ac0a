/** Values as short text, for people and for comparing: equal values are shown alike, and others are not. */
import { bytesToHex, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { SHOWN_BYTES_MAX } from "../limits.ts";

const { sha256 } = createCrypto();
const HASH_CHARS = 32;

export function shownText(text: string): string {
  const json = JSON.stringify(text);
  if (json.length <= 2 * SHOWN_BYTES_MAX) return json;
  return `${json.slice(0, 2 * SHOWN_BYTES_MAX)}... (${text.length} characters, ${hashOf(utf8(json))})`;
}

export function shownBytes(bytes: Uint8Array): string {
  if (bytes.length <= SHOWN_BYTES_MAX) return `0x${bytesToHex(bytes)}`;
  return `0x${bytesToHex(bytes.subarray(0, SHOWN_BYTES_MAX))}... (${bytes.length} bytes, ${hashOf(bytes)})`;
}

function hashOf(bytes: Uint8Array): string {
  return `sha256 ${bytesToHex(sha256(bytes)).slice(0, HASH_CHARS)}`;
}
