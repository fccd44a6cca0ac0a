/** What making a checkpoint is told, and what it tells. */
import type { PublicKey } from "../../base/index.ts";

export interface CompactOptions {
  /** Proposes although another installation is to: for when that one is gone for good. */
  readonly takeOver?: boolean;
}

export type CompactReport =
  /** The last checkpoint is in effect; this call dropped so many cells. */
  | { readonly state: "compacted"; readonly cells: number }
  /** It takes effect once a majority has signed. */
  | { readonly state: "proposed"; readonly waitingFor: readonly PublicKey[] }
  /** Another installation makes the checkpoints, or none may be made here. */
  | { readonly state: "elsewhere" };
