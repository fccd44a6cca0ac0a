/** Builds and runs the applications of `fixtures/` and of `examples/`, for tests. */
import { fileURLToPath } from "node:url";
import { must } from "@dunlin/core/base";
import { buildApplication } from "../build.ts";
import type { ApplicationBundle } from "../bundle.ts";
import type { CallOutcome, CallRequest } from "../call.ts";
import { createEngine, type Engine } from "../engine.ts";
import { TestState } from "./test-state.ts";

export const HOSTILE_PATH: string = fileURLToPath(new URL("../../fixtures/hostile.ts", import.meta.url));
export const EVERYTHING_PATH: string = fileURLToPath(new URL("../../fixtures/everything.ts", import.meta.url));
export const HOLE_PATH: string = fileURLToPath(new URL("../../fixtures/hole.ts", import.meta.url));
export const NOTES_PATH: string = fileURLToPath(new URL("../../../../examples/notes/app.ts", import.meta.url));

export async function bundleOf(path: string): Promise<ApplicationBundle> {
  const built = await buildApplication(path);
  return must(built.ok ? built.value : undefined, built.ok ? "" : built.error.message);
}

export async function engineOf(path: string): Promise<Engine> {
  const engine = await createEngine(await bundleOf(path));
  return must(engine.ok ? engine.value : undefined, engine.ok ? "" : engine.error.message);
}

/** A request with a clock that advances a millisecond at each look, so that a time limit counts polls, not time. */
export function request(method: string, args: unknown = {}, more: Partial<CallRequest> = {}): CallRequest {
  let nowMs = 0;
  const monotonicMs = (): number => nowMs++;
  const members = () => [{ publicKey: "alice", role: "writer" }];
  const base = { caller: "alice", members, nowMs: 1_700_000_000_123, seed: 7, timeLimitMs: 200, monotonicMs };
  return { method, args: JSON.stringify(args), ...base, ...more };
}

/** Runs a method on a state, or on an empty one of its own. */
export function run(
  engine: Engine,
  method: string,
  args: unknown = {},
  state: TestState = new TestState(),
): CallOutcome {
  return state.call(engine, request(method, args));
}

/** The answer of a call that must succeed. */
export function answer(outcome: CallOutcome): unknown {
  const output = must(outcome.ok ? outcome : undefined, outcome.ok ? "" : JSON.stringify(outcome.error)).output;
  return output === null ? null : JSON.parse(output);
}

/** The code of a call that must fail. */
export function failureOf(outcome: CallOutcome): string {
  return outcome.ok ? `answered ${outcome.output}` : outcome.error.code;
}
