/** What a replica tells the registry of its operations and their stages; nothing where the host has none. */
import type { Result } from "../base/index.ts";
import { type Metrics, OperationMeter, StageMeter } from "../metrics/index.ts";
import type { BatchOutcome } from "./outcome.ts";

export interface ReplicaMeters {
  /** From its start to the flush that covers it. */
  readonly call: CountedAs;
  /** A delta from elsewhere: decoded, verified, applied. */
  readonly merge: OperationMeter;
  readonly encode: StageMeter;
}

export function createMeters(metrics: Metrics): ReplicaMeters {
  return {
    call: { meter: new OperationMeter(metrics, "call"), items: 1 },
    merge: new OperationMeter(metrics, "merge"),
    encode: new StageMeter(metrics, "encode"),
  };
}

/** What a call is counted as, when it is more than a call to whoever makes it. */
export interface CountedAs {
  readonly meter: OperationMeter;
  readonly items: number;
}

/** Begins now; gives a way to settle that tells the meter first. */
export function timed<T>(
  counted: CountedAs | undefined,
  settle: (result: Result<T>) => void,
): (result: Result<T>) => void {
  if (!counted) return settle;
  const { meter, items } = counted;
  const begun = meter.begin();
  return (result) => {
    if (result.ok) meter.end(begun, items);
    else meter.fail(begun, result.error.code);
    settle(result);
  };
}

/** Deltas that wait or are known already are well received, and merge nothing. */
export function timedMerge(meter: OperationMeter | undefined, admit: () => BatchOutcome): BatchOutcome {
  if (!meter) return admit();
  const begun = meter.begin();
  const outcome = admit();
  const refused = outcome.verdicts.find((verdict) => verdict.kind === "refused");
  if (refused) meter.fail(begun, refused.error.code);
  else meter.end(begun, outcome.admitted.length);
  return outcome;
}

export function timedStage<T>(meter: StageMeter | undefined, work: () => T): T {
  if (!meter) return work();
  const begun = meter.begin();
  const result = work();
  meter.end(begun);
  return result;
}
