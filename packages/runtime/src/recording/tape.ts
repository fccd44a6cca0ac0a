/**
 * What lies between a call and the host. A recorder lets everything through and notes it; a player answers from what was
 * noted, and stops the call where it asks for something else.
 */
import { jsonToValue, must, StoreFailure, type Value, valueToJson } from "@dunlin/core/base";
import { CallAbort, type CallErrorCode } from "../call.ts";
import type { HostAnswer, HostStep } from "./recording.ts";

/** An operation of the host under way. */
export interface TapedOperation {
  readonly name: string;
  /** As they are shown. */
  readonly args: readonly string[];
  /** It follows from the call alone, so that a player may run it. */
  readonly isPure: boolean;
  readonly run: () => Value | undefined;
  /** What it has charged so far, and a way to charge as much in its place. */
  readonly charged: () => number;
  readonly charge: (fuel: number) => void;
}

export interface Tape {
  /** What the operation gives, or throws. */
  operate(operation: TapedOperation): Value | undefined;
}

export interface Difference {
  /** Which host call, from 1; one more than there are when it is what came of the call. */
  readonly step: number;
  readonly expected: string;
  readonly seen: string;
}

/** Thrown through the guest when a call does not ask for what was recorded. */
export class Divergence extends Error {
  readonly difference: Difference;
  constructor(difference: Difference) {
    super("the call does not ask for what was recorded");
    this.difference = difference;
  }
}

export class Recorder implements Tape {
  readonly steps: HostStep[] = [];

  operate({ name, args, run, charged }: TapedOperation): Value | undefined {
    const before = charged();
    const note = (answer: HostAnswer): void => {
      this.steps.push({ name, args, answer, fuel: charged() - before });
    };
    try {
      const value = run();
      note(value === undefined ? { kind: "value" } : { kind: "value", value: valueToJson(value) });
      return value;
    } catch (thrown) {
      const answer = answerOf(thrown);
      if (answer) note(answer);
      throw thrown;
    }
  }
}

export class Player implements Tape {
  /** Those that were asked for. */
  readonly played: HostStep[] = [];
  readonly #steps: readonly HostStep[];

  constructor(steps: readonly HostStep[]) {
    this.#steps = steps;
  }

  /** The first that was not asked for. */
  get next(): HostStep | undefined {
    return this.#steps[this.played.length];
  }

  operate(operation: TapedOperation): Value | undefined {
    const { name, args, isPure, run, charge } = operation;
    const { next } = this;
    const at = this.played.length + 1;
    const seen = shownCall({ name, args });
    if (next === undefined) throw new Divergence({ step: at, expected: "the end of the call", seen });
    if (shownCall(next) !== seen) throw new Divergence({ step: at, expected: shownCall(next), seen });
    this.played.push(next);
    if (isPure) return this.#check(at, next, run);
    charge(next.fuel);
    return given(next.answer);
  }

  #check(at: number, step: HostStep, run: () => Value | undefined): Value | undefined {
    const recorder = new Recorder();
    const { name, args } = step;
    try {
      return recorder.operate({ name, args, isPure: true, run, charged: () => 0, charge: () => {} });
    } finally {
      const [seen] = recorder.steps;
      const expected = shownAnswer(step.answer);
      if (seen && shownAnswer(seen.answer) !== expected)
        // biome-ignore lint/correctness/noUnsafeFinally: the difference is what ends the call, whatever it threw
        throw new Divergence({ step: at, expected, seen: shownAnswer(seen.answer) });
    }
  }
}

export function shownCall({ name, args }: Pick<HostStep, "name" | "args">): string {
  return `${name}(${args.join(", ")})`;
}

export function shownAnswer({ kind, value, code, message }: HostAnswer): string {
  if (kind !== "value") return `${kind} ${code}: ${message}`;
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** Undefined for what no application brought about: then there is nothing to record. */
function answerOf(thrown: unknown): HostAnswer | undefined {
  if (thrown instanceof CallAbort) return { kind: "abort", code: thrown.code, message: thrown.message };
  if (!(thrown instanceof Error) || thrown instanceof StoreFailure || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? { kind: "fault", code: thrown.code, message: thrown.message } : undefined;
}

function given({ kind, value, code = "", message = "" }: HostAnswer): Value | undefined {
  if (kind === "abort") throw new CallAbort(code as CallErrorCode, message);
  if (kind === "fault") throw Object.assign(new Error(message), { code });
  return value === undefined ? undefined : must(jsonToValue(value), "checked when it was read");
}
