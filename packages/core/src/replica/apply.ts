/** How a delta's entries reach the state, and what else they say. */
import type { PublicKey, Stamp } from "../base/index.ts";
import type { Document } from "../crdt/index.ts";
import type { AuthenticDelta } from "../dag/index.ts";
import type { EntryEvent, PayloadEntry } from "./payload.ts";

/** Joins each call's writes, with the stamp and author of the delta. A blob that does not decode has no effect. */
export function applyEntries(
  document: Document,
  delta: AuthenticDelta,
  member: PublicKey,
  entries: readonly PayloadEntry[],
): void {
  for (const entry of entries) {
    if (entry.kind !== "call" || entry.joins.length === 0 || entry.offset >= delta.stamp) continue;
    document.apply(entry.joins, { stamp: (delta.stamp - entry.offset) as Stamp, actor: delta.actor, member });
  }
}

export function eventsOf(entries: readonly PayloadEntry[]): EntryEvent[] {
  return entries.flatMap((entry) => (entry.kind === "call" ? entry.events : []));
}

export function statementsOf(entries: readonly PayloadEntry[]): Uint8Array[] {
  return entries.flatMap((entry) => (entry.kind === "access" ? [entry.statement] : []));
}
