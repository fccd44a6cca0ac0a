/** The deltas of a context as they lie in the store, by their orders. */
import { assert, type ContextId, type ReadView, type Stamp } from "../base/index.ts";
import { decodeBody, type Order, SIGNATURE_BYTES } from "../dag/index.ts";
import { decodePayload, type PayloadEntry } from "./payload.ts";
import { orderKey, tablePrefix } from "./rows.ts";

/** What one call wrote, with its own stamp. */
export interface LoggedCall {
  readonly stamp: Stamp;
  readonly joins: Uint8Array;
}

/** The signed bytes from the order `first` on, below `end`: up to `bytesMax` of them, but at least one delta. */
export function readLog(
  view: ReadView,
  context: ContextId,
  { first, end }: { readonly first: Order; readonly end: Order },
  bytesMax: number,
): Uint8Array[] {
  const log = tablePrefix(context, "d");
  const deltas: Uint8Array[] = [];
  let bytes = 0;
  for (const [, delta] of view.range({ gte: orderKey(log, first), lt: orderKey(log, end) })) {
    bytes += delta.length;
    if (deltas.length > 0 && bytes > bytesMax) break;
    deltas.push(delta.slice());
  }
  return deltas;
}

/** The calls of a delta of the log that wrote; of a sealed one none. */
export function loggedCalls(bytes: Uint8Array): LoggedCall[] {
  const body = decodeBody(bytes.subarray(0, bytes.length - SIGNATURE_BYTES));
  assert(body !== undefined, "a delta of the log was decoded before");
  return writingCalls(body.stamp, body.sealed ? [] : (decodePayload(body.payload) ?? []));
}

/** Those of the entries of a delta of that stamp that are calls and wrote. */
export function writingCalls(stamp: Stamp, entries: readonly PayloadEntry[]): LoggedCall[] {
  const calls: LoggedCall[] = [];
  for (const entry of entries) {
    if (entry.kind !== "call" || entry.joins.length === 0 || entry.offset >= stamp) continue;
    calls.push({ stamp: (stamp - entry.offset) as Stamp, joins: entry.joins });
  }
  return calls;
}
