/** A group and what was admitted, closed and ready for one batch of the store. */
import type { DeltaId, WriteOperation } from "../base/index.ts";
import type { Commit, Frontier } from "./commit.ts";
import type { GroupCall } from "./group.ts";

export interface SealedCall {
  readonly call: GroupCall;
  readonly delta: DeltaId | undefined;
}

/** What one flush brings about. */
export interface SealedBatch {
  readonly calls: readonly SealedCall[];
  readonly commit: Commit;
  readonly frontier: Frontier;
  readonly batch: readonly WriteOperation[];
}
