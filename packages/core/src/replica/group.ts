/** The calls that share a commit, cut into those that share a delta. */
import type { DeltaId, Failure, Stamp } from "../base/index.ts";
import { PAYLOAD_BYTES_SOFT } from "./limits.ts";
import type { StampedEntry } from "./own-actor.ts";

/** A call that ran and waits for its flush; without an entry when it wrote nothing. */
export interface GroupCall {
  readonly entry: StampedEntry | undefined;
  readonly settle: (delta: DeltaId | undefined) => void;
  readonly fail: (failure: Failure) => void;
}

/** Joins that a former actor's are issued again by; whoever issues them does not wait. */
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
