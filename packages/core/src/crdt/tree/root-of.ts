/**
 * The root hash from scratch: for a reader who checks a state that is not theirs (a snapshot, a backup, another
 * program's store), and to test `HashTree` against. Shares only the definitions of `cell-digest.ts`: sorts all cells by
 * key hash and recurses over runs of equal nibbles.
 */
import { compareBytes, concatBytes, type Entry } from "../../base/index.ts";
import { sha256 } from "../hash.ts";
import { BRANCH, BUCKET, BUCKET_CELLS_MAX, cellDigest, FAN_OUT, nibbleAt } from "./cell-digest.ts";

interface HashedCell {
  readonly keyHash: Uint8Array;
  readonly digest: Uint8Array;
}

/** `cells` has every key once, in any order. */
export function rootOf(cells: Iterable<Entry>): Uint8Array {
  const hashed: HashedCell[] = [];
  for (const [key, value] of cells) hashed.push({ keyHash: sha256(key), digest: cellDigest(key, value) });
  hashed.sort((a, b) => compareBytes(a.keyHash, b.keyHash));
  return hashRun(hashed, 0);
}

function hashRun(cells: readonly HashedCell[], depth: number): Uint8Array {
  if (cells.length <= BUCKET_CELLS_MAX) {
    return sha256(concatBytes(Uint8Array.of(BUCKET), ...cells.map((cell) => cell.digest)));
  }
  const parts: Uint8Array[] = [];
  let bitmap = 0;
  for (let nibble = 0; nibble < FAN_OUT; nibble++) {
    const run = cells.filter((cell) => nibbleAt(cell.keyHash, 0, depth) === nibble);
    if (run.length === 0) continue;
    bitmap |= 1 << nibble;
    parts.push(hashRun(run, depth + 1));
  }
  return sha256(concatBytes(Uint8Array.of(BRANCH, bitmap & 255, bitmap >> 8), ...parts));
}
