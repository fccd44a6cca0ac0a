/** The calls that share a commit, cut into those that share a delta. */
import type { DeltaId, Failure, Stamp, WriteOperation } from "../base/index.ts";
import type { Beside } from "./call.ts";
import { PAYLOAD_BYTES_SOFT } from "./limits.ts";
import type { StampedEntry } from "./own-actor.ts";

/** A call that ran and waits for its flush; without an entry when it wrote nothing. */
export interface GroupCall {
  readonly entry: StampedEntry | undefined;
  /** What it wrote that is this machine's own, and under which stamp. */
  readonly beside?: { readonly wrote: Beside; readonly stamp: Stamp } | undefined;
  readonly settle: (delta: DeltaId | undefined) => void;
  readonly fail: (failure: Failure) => void;
}

/** Joins that issue those of a former actor again, under their stamp; whoever does so does not wait. */
export function againCall(stamp: Stamp, joins: Uint8Array): GroupCall {
  const ignore = (): void => {};
  return { entry: { kind: "call", stamp, joins, events: [] }, settle: ignore, fail: ignore };
}

/**
 * In their order: a part that would outgrow one delta's payload goes on in the next, a handler has its own, and so has
 * what is said of access, which all read, apart from calls, which are read with a key.
 */
export function cutGroup(group: readonly GroupCall[]): GroupCall[][] {
  const parts: GroupCall[][] = [];
  let part: GroupCall[] = [];
  let bytes = 0;
  let kind: StampedEntry["kind"] | undefined;
  const close = (): void => {
    if (part.length > 0) parts.push(part);
    part = [];
    bytes = 0;
    kind = undefined;
  };
  for (const call of group) {
    const size = call.entry?.kind === "call" ? call.entry.joins.length : 0;
    const isAlone = call.entry?.kind === "call" && call.entry.cause !== undefined;
    const isOther = call.entry !== undefined && kind !== undefined && call.entry.kind !== kind;
    if (isAlone || isOther || (bytes > 0 && bytes + size > PAYLOAD_BYTES_SOFT)) close();
    kind = call.entry?.kind ?? kind;
    part.push(call);
    bytes += size;
    if (isAlone) close();
  }
  close();
  return parts;
}

/** The stamp that a call has used up; none for what only says something. */
export function stampOf({ entry, beside }: GroupCall): Stamp | undefined {
  return entry?.kind === "call" ? entry.stamp : beside?.stamp;
}

/**
 * Adds the rows of what the calls wrote that is this machine's own; whether there are any. Their stamps must then be
 * noted, which no delta may tell of.
 */
export function takeBeside(group: readonly GroupCall[], rows: WriteOperation[]): boolean {
  const before = rows.length;
  for (const { beside } of group) if (beside) rows.push(...beside.wrote.takeRows());
  return rows.length > before;
}
