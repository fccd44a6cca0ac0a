/** Runs recorded calls of a home again: in this process, with engines of its own, beside a running node or without one. */
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result, textToId } from "@dunlin/core/base";
import { type HostStep, type Recording, type ReplayDifference, type ReplayEngine, replay } from "@dunlin/runtime";
import { Home } from "../home.ts";
import { Engines } from "../shard/engines.ts";
import { readRecordings } from "./segments.ts";

export interface RecordedCall
  extends Pick<Recording, "call" | "atMs" | "contextId" | "applicationId" | "method" | "engine"> {
  /** What it came to: "ok", or a code. */
  readonly code: string;
  /** How often it asked the host. */
  readonly hostCalls: number;
}

export interface ReplayedCall extends RecordedCall {
  readonly steps: readonly HostStep[];
  /** The first place at which it went another way; absent for none. */
  readonly difference?: ReplayDifference;
}

export interface Verification {
  /** Those that came to the same twice. */
  readonly same: number;
  /** Those that cannot be run again, by why. */
  readonly passedOver: Readonly<Record<string, number>>;
  /** The first call that went another way. */
  readonly different?: Omit<ReplayedCall, "steps">;
}

export function recordedCalls(home: string): RecordedCall[] {
  return [...readRecordings(home)].map(told);
}

/** Runs one of them again, up to where it differs. */
export async function replayCall(home: string, call: number): Promise<Result<ReplayedCall>> {
  for (const recording of readRecordings(home)) {
    if (recording.call !== call) continue;
    const engine = await engineOf(new Engines(new Home(home)), recording.applicationId);
    if (!engine.ok) return engine;
    const replayed = replay(recording, engine.value);
    return replayed.ok ? ok({ ...told(recording), ...replayed.value }) : replayed;
  }
  return err<ApiErrorCode>("CALL_NOT_RECORDED", `no call ${call} is kept: "dunlin app replay" lists those that are`);
}

/** Runs each twice, of one application when it is named, and stops at the first that differs from what it came to. */
export async function verifyCalls(
  home: string,
  { application }: { readonly application?: string | undefined } = {},
): Promise<Result<Verification>> {
  const engines = new Engines(new Home(home));
  const passedOver: Record<string, number> = {};
  let same = 0;
  for (const recording of readRecordings(home)) {
    if (application !== undefined && recording.applicationId !== application) continue;
    const engine = await engineOf(engines, recording.applicationId);
    const difference = engine.ok ? twice(recording, engine.value) : engine;
    if (!difference.ok) passedOver[difference.error.code] = 1 + (passedOver[difference.error.code] ?? 0);
    else if (difference.value === undefined) same++;
    else return ok({ same, passedOver, different: { ...told(recording), difference: difference.value } });
  }
  return ok({ same, passedOver });
}

function twice(recording: Recording, engine: ReplayEngine): Result<ReplayDifference | undefined> {
  for (let run = 0; run < 2; run++) {
    const replayed = replay(recording, engine);
    if (!replayed.ok) return replayed;
    if (replayed.value.difference) return ok(replayed.value.difference);
  }
  return ok(undefined);
}

async function engineOf(engines: Engines, applicationId: string): Promise<Result<ReplayEngine>> {
  const id = textToId(applicationId);
  if (!id) return err<ApiErrorCode>("APPLICATION_NOT_FOUND", "the recording names no application");
  const loaded = await engines.get(id);
  return "ok" in loaded ? loaded : ok(loaded);
}

function told({
  call,
  atMs,
  contextId,
  applicationId,
  method,
  engine,
  outcome,
  sources,
  steps,
}: Recording): RecordedCall {
  const hostCalls = engine === "native" ? sources.length : steps.length;
  return { call, atMs, contextId, applicationId, method, engine, code: outcome["code"] ?? "", hostCalls };
}
