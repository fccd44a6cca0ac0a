/** Calls of applications in TypeScript, recorded and run again: every operation on the state goes over the tape. */
import type { Json } from "@dunlin/core/base";
import { Document } from "@dunlin/core/crdt";
import type { CallLimits, CallOutcome, CallRequest, MethodKind } from "../call.ts";
import type { Engine } from "../engine.ts";
import type { RecordedOutcome, Recording } from "./recording.ts";
import { type Player, Recorder } from "./tape.ts";

export type Recorded = Pick<Recording, "engine" | "method" | "inputs" | "sources" | "steps" | "outcome">;

/** Makes a call and gives with its outcome what is needed to make it again. Throws as the engine does. */
export function recordNative(
  request: CallRequest,
  run: (request: CallRequest) => CallOutcome,
): { readonly outcome: CallOutcome; readonly recorded: Recorded } {
  const recorder = new Recorder();
  const outcome = run({ ...request, tape: recorder });
  const { method, kind, args, caller, nowMs, seed, fuel, limits = {} } = request;
  const inputs: { [name: string]: Json } = { args, caller, nowMs, seed, limits: limitsOf(limits) };
  if (kind !== undefined) inputs["kind"] = kind;
  if (fuel !== undefined) inputs["fuel"] = fuel;
  const recorded: Recorded = {
    engine: "native",
    method,
    inputs,
    sources: recorder.steps,
    steps: [],
    outcome: outcomeOf(outcome),
  };
  return { outcome, recorded };
}

/** Makes a recorded call again. Throws a `Divergence`. */
export function playNative(recording: Recording, engine: Engine, player: Player): RecordedOutcome {
  const { method, inputs } = recording;
  const text = (name: string): string => (typeof inputs[name] === "string" ? (inputs[name] as string) : "");
  const number = (name: string): number => (typeof inputs[name] === "number" ? (inputs[name] as number) : 0);
  const request: CallRequest = {
    method,
    ...(inputs["kind"] === undefined ? {} : { kind: text("kind") as MethodKind }),
    args: text("args"),
    caller: text("caller"),
    members: () => [],
    nowMs: number("nowMs"),
    seed: number("seed") >>> 0,
    ...(inputs["fuel"] === undefined ? {} : { fuel: number("fuel") }),
    limits: limitsOf((inputs["limits"] ?? {}) as CallLimits),
    // Fuel ends it at the same place each time; time would not.
    timeLimitMs: Number.POSITIVE_INFINITY,
    monotonicMs: () => 0,
    tape: player,
  };
  return outcomeOf(engine.call(request, new Document({ get: () => undefined, range: () => [] })));
}

function limitsOf({ eventsMax, eventDataBytesMax, logsMax, logBytesMax, returnBytesMax }: CallLimits): {
  [name: string]: number;
} {
  const limits = { eventsMax, eventDataBytesMax, logsMax, logBytesMax, returnBytesMax };
  return Object.fromEntries(
    Object.entries(limits).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])),
  );
}

function outcomeOf(outcome: CallOutcome): RecordedOutcome {
  if (!outcome.ok) {
    const { code, message, applicationCode } = outcome.error;
    return { code, message, ...(applicationCode === undefined ? {} : { applicationCode }) };
  }
  const { output, events, logs, fuel } = outcome;
  const told = { output: output ?? "nothing", events: JSON.stringify(events), logs: JSON.stringify(logs) };
  return { code: "ok", ...told, fuel: `${fuel}` };
}
