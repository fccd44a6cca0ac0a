/**
 * The rows of whoever joins by a snapshot, beside those of the context (`../rows.ts`):
 *
 *   'j'          there while it is on: the cells are not yet the state of the deltas
 *   'q' hash 32  a page of a state that was verified and waits until all are here
 *
 * Both go in the commit that puts the state in its place. A crash before leaves them, and what has come counts.
 */
import { type ContextId, concatBytes, type ReadView, type WriteOperation } from "../../base/index.ts";
import { tablePrefix, tableRange } from "../rows.ts";

const ON = Uint8Array.of(1);

export function isJoining(view: ReadView, context: ContextId): boolean {
  return view.get(tablePrefix(context, "j")) !== undefined;
}

export function beginRow(context: ContextId): WriteOperation {
  return { kind: "put", key: tablePrefix(context, "j"), value: ON };
}

export function endRow(context: ContextId): WriteOperation {
  return { kind: "delete", key: tablePrefix(context, "j") };
}

export function pageKey(context: ContextId, hash: Uint8Array): Uint8Array {
  return concatBytes(tablePrefix(context, "q"), hash);
}

/** Hashes of the pages that wait, up to `limit` of them from `from` on, which is one of them or nothing. */
export function stagedHashes(view: ReadView, context: ContextId, from: Uint8Array, limit: number): Uint8Array[] {
  const prefix = tablePrefix(context, "q");
  const range = { ...tableRange(prefix), gte: concatBytes(prefix, from), limit };
  return Array.from(view.range(range), ([key]) => key.slice(prefix.length));
}
