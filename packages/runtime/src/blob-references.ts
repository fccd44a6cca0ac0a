/** Which blobs the fields of a state refer to: those that an application declares to hold references. */
import { type BlobId, blobId, idKey, textToId, type Value } from "@dunlin/core/base";
import type { StateField } from "./frame.ts";
import { dumpState } from "./state-dump.ts";
import type { StateRoot } from "./state-root.ts";

/** The key under which a reference names its blob. */
const BLOB = "blob";

export function referencesIn(root: StateRoot, fields: readonly StateField[]): BlobId[] {
  const found = new Map<string, BlobId>();
  gather(
    dumpState(
      root,
      fields.filter(({ holdsBlobs }) => holdsBlobs),
    ),
    found,
  );
  return [...found.values()];
}

function gather(value: Value, found: Map<string, BlobId>): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === "object") gather(member, found);
    const id = key === BLOB && typeof member === "string" ? textToId(member) : undefined;
    if (id) found.set(idKey(id), blobId(id));
  }
}
