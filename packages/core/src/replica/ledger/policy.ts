/**
 * Who runs a handler.
 *
 * - `receivers`: every node but the one whose call told the event.
 * - `author`: that node alone.
 * - `one`: of the members who may write, the one with the lowest key; the next when it is not connected. At least once
 *   while a network is parted, and once in the state when the handler is idempotent there. One that is connected may
 *   know nothing of the event, having joined by a snapshot, or have given up: the next then runs it after a while.
 */
import { compareBytes, type PublicKey } from "../../base/index.ts";
import { HANDLER_TAKE_OVER_MS } from "./limits.ts";
import type { OpenEntry } from "./row.ts";

export type HandlerPolicy = "receivers" | "author" | "one";

/** `wait`: somebody else is to run it; look again later. */
export type Verdict = "run" | "skip" | "wait";

export interface Members {
  readonly self: PublicKey;
  /** Those who may write, in any order. */
  readonly writers: readonly PublicKey[];
  readonly isLive: (member: PublicKey) => boolean;
}

/** `waitedMs`: how long this node has waited for others to run it. */
export function verdictOf(policy: HandlerPolicy, entry: OpenEntry, members: Members, waitedMs: number): Verdict {
  if (policy === "receivers") return entry.told === "elsewhere" ? "run" : "skip";
  if (policy === "author") return entry.told === "here" ? "run" : "skip";
  if (entry.handledElsewhere) return "skip";
  const live = members.writers.filter((member) => compareBytes(member, members.self) === 0 || members.isLive(member));
  const place = live.toSorted(compareBytes).findIndex((member) => compareBytes(member, members.self) === 0);
  return place !== -1 && waitedMs >= place * HANDLER_TAKE_OVER_MS ? "run" : "wait";
}
