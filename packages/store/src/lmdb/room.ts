/**
 * Whether the disk has room for a commit, asked before it is written.
 *
 * lmdb-js (3.5) tells of a page that could not be written in a buffer that is too small for it, and may end the process
 * so; hence a full disk is not met. What is kept free also lets a lock be taken, and the node's log be written, meanwhile.
 */
import { statfsSync } from "node:fs";
import { StoreFailure } from "@dunlin/core/base";
import type { Batch } from "../shared/group-commit.ts";
import { ROOM_BYTES_MIN, ROOM_PER_ROW_BYTES } from "./limits.ts";

/** Throws `STORE_WRITE_FAILED` when the disk of a directory may be too full for what a group writes. */
export function assertRoom(directory: string, group: readonly Batch[]): void {
  const { bavail, blocks, bsize } = statfsSync(directory);
  // Some network file systems do not say how large they are.
  if (blocks === 0) return;
  let needed = ROOM_BYTES_MIN;
  for (const batch of group) {
    needed += batch.length * ROOM_PER_ROW_BYTES;
    for (const operation of batch) if (operation.kind === "put") needed += operation.value.length;
  }
  if (bavail * bsize >= needed) return;
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const message = `the disk of ${directory} has ${megabytes(bavail * bsize)} free, and this may take ${megabytes(needed)}`;
  throw new StoreFailure("STORE_WRITE_FAILED", message);
}
