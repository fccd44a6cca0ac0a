/** Runs a recorded call again, with the recording in place of the host, and says where it first goes another way. */
import { err, type Failure, ok, type Result } from "@dunlin/core/base";
import type { GuestEngine } from "../calimero/guest-engine.ts";
import type { Engine } from "../engine.ts";
import { playGuest, shownStep } from "./guest-call.ts";
import { playNative } from "./native-call.ts";
import type { HostStep, RecordedOutcome, Recording } from "./recording.ts";
import { type Difference, Divergence, Player } from "./tape.ts";

export type ReplayErrorCode =
  /** The call was ended by the clock of its machine, or the recording is of another kind of application. */
  "CALL_NOT_REPEATABLE";

export type ReplayEngine =
  | { readonly kind: "native"; readonly engine: Engine }
  | { readonly kind: "guest"; readonly engine: GuestEngine };

export interface Replay {
  /** The host calls up to the end, or to the one that differs. */
  readonly steps: readonly HostStep[];
  /** The first; absent when the call comes to what it came to. */
  readonly difference?: Difference;
}

/** Fails only when the call cannot come out the same by its nature. */
export function replay(recording: Recording, loaded: ReplayEngine): Result<Replay, Failure<ReplayErrorCode>> {
  if (recording.outcome["code"] === "TIME_LIMIT")
    return err("CALL_NOT_REPEATABLE", "the call was ended by the clock of its machine");
  if (recording.engine !== loaded.kind)
    return err("CALL_NOT_REPEATABLE", "the recording is of another kind of application");
  const player = new Player(recording.sources);
  const observed: HostStep[] = [];
  const steps = loaded.kind === "native" ? player.played : observed;
  const expected = loaded.kind === "native" ? recording.sources : recording.steps;
  try {
    const outcome =
      loaded.kind === "native"
        ? playNative(recording, loaded.engine, player)
        : playGuest(recording, loaded.engine, player, observed);
    const missing = expected[steps.length];
    if (missing)
      return ok({
        steps,
        difference: { step: steps.length + 1, expected: shownStep(missing), seen: "the end of the call" },
      });
    const difference = differenceOf(recording.outcome, outcome);
    return ok(difference ? { steps, difference: { step: steps.length + 1, ...difference } } : { steps });
  } catch (thrown) {
    if (thrown instanceof Divergence) return ok({ steps, difference: thrown.difference });
    throw thrown;
  }
}

function differenceOf(expected: RecordedOutcome, seen: RecordedOutcome): Omit<Difference, "step"> | undefined {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(seen)])) {
    const [before, now] = [expected[name], seen[name]].map((text) => `${name} ${text ?? "nothing"}`);
    if (before !== now) return { expected: before ?? "", seen: now ?? "" };
  }
  return undefined;
}
