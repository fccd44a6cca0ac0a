/**
 * The hash by which keys are looked up in memory and ordered in pages, so it is part of a format: FNV-1a over units
 * (the UTF-16 units of a text, or bytes), with the finish of MurmurHash3, since tables take the low bits and pages the
 * high ones. 32 bits. Anybody can make keys collide; nothing may depend on their not doing so but speed.
 */

const OFFSET = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

export function hashKey(key: string): number {
  let hash = OFFSET;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), PRIME);
  return finish(hash);
}

export function hashBytes(bytes: Uint8Array): number {
  let hash = OFFSET;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
  return finish(hash);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
