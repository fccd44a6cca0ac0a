/** What became of deltas that were handed to admission. */
import type { Failure, Miss } from "../base/index.ts";
import type { AuthenticDelta, Order, ReceivedDelta } from "../dag/index.ts";
import type { PayloadEntry } from "./payload.ts";

export interface Admitted {
  readonly order: Order;
  readonly delta: AuthenticDelta;
  readonly entries: readonly PayloadEntry[];
}

/** What became of one delta of those handed in. */
export type AdmitVerdict =
  | { readonly kind: "admitted"; readonly actorKey: string }
  | { readonly kind: "duplicate"; readonly actorKey: string }
  | { readonly kind: "pending"; readonly actorKey: string }
  /** `isProof`: it is what proves a delta that is admitted, so whoever sent it did right. */
  | { readonly kind: "refused"; readonly error: Failure; readonly isProof: boolean };

export interface BatchOutcome {
  /** Of each delta, as they were handed in. */
  readonly verdicts: readonly AdmitVerdict[];
  /** What was admitted, in order, with what had waited for it. */
  readonly admitted: readonly Admitted[];
  /** Why what had waited was refused now: whoever completed it is not to blame. */
  readonly refused: readonly Failure[];
  /** What the state of the next ready delta needs loaded: then `resume` goes on. */
  readonly miss?: Miss;
}

export type AdmitOutcome =
  | {
      readonly kind: "admitted";
      readonly admitted: readonly Admitted[];
      readonly refused: readonly Failure[];
      readonly miss?: Miss;
    }
  | { readonly kind: "duplicate"; readonly actorKey: string }
  | { readonly kind: "pending"; readonly actorKey: string }
  | { readonly kind: "refused"; readonly error: Failure };

export const NOTHING_TAKEN: BatchOutcome = { verdicts: [], admitted: [], refused: [] };

export function taken(kind: "admitted" | "duplicate" | "pending", { actorKey }: ReceivedDelta): AdmitVerdict {
  return { kind, actorKey };
}

export function refusal(error: Failure): AdmitVerdict {
  return { kind: "refused", error, isProof: false };
}

/** The outcome of a batch of one. */
export function outcomeOfOne({ verdicts: [verdict], admitted, refused, miss }: BatchOutcome): AdmitOutcome {
  if (verdict?.kind === "refused") return verdict;
  if (verdict?.kind === "duplicate" || verdict?.kind === "pending") return verdict;
  return miss ? { kind: "admitted", admitted, refused, miss } : { kind: "admitted", admitted, refused };
}
