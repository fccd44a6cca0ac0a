/**
 * Who runs a handler.
 *
 * - `receivers`: every node but the one whose call told the event.
 * - `author`: that node alone.
 * - `one`: of the members who may write, the one with the lowest key; the next when it is not connected. At least once
 *   while a network is parted, and once in the state when the handler is idempotent there.
 */
import { compareBytes, type PublicKey } from "../../base/index.ts";
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

export function verdictOf(policy: HandlerPolicy, entry: OpenEntry, members: Members): Verdict {
  if (policy === "receivers") return entry.told === "elsewhere" ? "run" : "skip";
  if (policy === "author") return entry.told === "here" ? "run" : "skip";
  if (entry.handledElsewhere) return "skip";
  const live = members.writers.filter((member) => compareBytes(member, members.self) === 0 || members.isLive(member));
  const [lowest] = live.toSorted(compareBytes);
  return lowest && compareBytes(lowest, members.self) === 0 ? "run" : "wait";
}
