/** How a delta's entries reach the state, and what else they say. */
import type { PublicKey, Stamp } from "../base/index.ts";
import type { Document, Origin } from "../crdt/index.ts";
import type { AuthenticDelta } from "../dag/index.ts";
import type { EntryEvent, PayloadEntry } from "./payload.ts";

/** Joins each call's writes, with the stamp and author of the delta. A blob that does not decode has no effect. */
export function applyEntries(
  document: Document,
  delta: AuthenticDelta,
  member: PublicKey,
  entries: readonly PayloadEntry[],
): void {
  for (const { joins, origin } of writesOf(delta, member, entries)) document.apply(joins, origin);
}

/** What each call wrote, and as whom. */
export function* writesOf(
  delta: AuthenticDelta,
  member: PublicKey,
  entries: readonly PayloadEntry[],
): Iterable<{ readonly joins: Uint8Array; readonly origin: Origin }> {
  for (const entry of entries) {
    if (entry.kind !== "call" || entry.joins.length === 0 || entry.offset >= delta.stamp) continue;
    const origin = { stamp: (delta.stamp - entry.offset) as Stamp, actor: delta.actor, member };
    yield { joins: entry.joins, origin };
  }
}

export function eventsOf(entries: readonly PayloadEntry[]): EntryEvent[] {
  return entries.flatMap((entry) => (entry.kind === "call" ? entry.events : []));
}

export function statementsOf(entries: readonly PayloadEntry[]): Uint8Array[] {
  return entries.flatMap((entry) => (entry.kind === "access" ? [entry.statement] : []));
}
