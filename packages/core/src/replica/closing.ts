/** A context whose rows turn out to be damaged, or whose store fails, closes itself; others in the store go on. */
import { type Failure, StoreFailure } from "../base/index.ts";
import { type BatchOutcome, NOTHING_TAKEN } from "./outcome.ts";

/** Of a context that takes nothing in. */
export function refusedAll(batch: readonly Uint8Array[], error: Failure): BatchOutcome {
  const refusal = { kind: "refused", error, isProof: false } as const;
  return { ...NOTHING_TAKEN, verdicts: batch.map(() => refusal) };
}

/** What `run` gives, or what is to be said of a store that is damaged where it was read, or has failed. */
export function unlessDamaged<T, U>(run: () => T, onDamage: (damage: StoreFailure) => U): T | U {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return onDamage(thrown);
    throw thrown;
  }
}
