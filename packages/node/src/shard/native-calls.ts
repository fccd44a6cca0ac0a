/** Calls of an application whose state the host holds: what each is given, and what of the budgets it uses. */
import type { ExecuteRequest } from "@dunlin/api";
import { idToText, type Log, type Result } from "@dunlin/core/base";
import {
  type CallMember,
  type CallMoment,
  type CallOutcome,
  type CallRequest,
  type CallSuccess,
  type Engine,
  failureOfCall,
  recordNative,
  type StateRoot,
} from "@dunlin/runtime";
import { monotonicMs } from "../messages.ts";
import type { CallRecorder } from "../recordings/recorder.ts";
import type { Budget } from "./budget.ts";
import type { LoadedNative } from "./engines.ts";
import { profiled } from "./profile.ts";

/** A call of a method, or of the migration. */
export type Called = Pick<ExecuteRequest, "method" | "args"> & { readonly kind?: "migration" };

export interface NativeCallsPorts {
  readonly context: string;
  readonly caller: string;
  readonly members: () => readonly CallMember[];
  readonly budget: Budget;
  readonly callTimeMs: number;
  /** Whether each call's time and operations are told of in the log. */
  readonly profile: boolean;
  readonly log: Log;
  /** Keeps calls as they are made; undefined when none are to be kept. */
  readonly recorder: CallRecorder | undefined;
  readonly watch: <T>(requestId: number, run: () => T) => T;
}

export class NativeCalls {
  readonly #ports: NativeCallsPorts;

  constructor(ports: NativeCallsPorts) {
    this.#ports = ports;
  }

  /** Throws what the state threw for its caller: a `Miss`, which means to call again. */
  run(
    requestId: number,
    loaded: LoadedNative,
    called: Called,
    moment: CallMoment,
    state: StateRoot,
  ): Result<CallSuccess> {
    const { budget, log, context } = this.#ports;
    const granted = budget.grantFuel(budget.limits.callFuel);
    if (!granted.ok) return granted;
    const outcome = this.#kept(loaded, this.#request(called, moment, granted.value.fuel), (call) =>
      this.#call(requestId, loaded.engine, call, state),
    );
    budget.spendFuel(outcome.fuel);
    if (!outcome.ok) {
      const { code, message } = outcome.error;
      const told = { context, application: idToText(loaded.id), method: called.method };
      log.log("info", "application.call_failed", { ...told, code, message });
      if (granted.value.isCut && outcome.error.code === "FUEL_LIMIT") return budget.cutShort();
      return { ok: false, error: failureOfCall(outcome.error) };
    }
    return { ok: true, value: outcome };
  }

  #kept({ id }: LoadedNative, call: CallRequest, run: (call: CallRequest) => CallOutcome): CallOutcome {
    const { recorder, context: contextId } = this.#ports;
    if (!recorder) return run(call);
    const { outcome, recorded } = recordNative(call, run);
    recorder.add({ ...recorded, contextId, applicationId: idToText(id) });
    return outcome;
  }

  #call(requestId: number, engine: Engine, call: CallRequest, state: StateRoot): CallOutcome {
    const { watch, profile, log, context } = this.#ports;
    if (!profile) return watch(requestId, () => engine.call(call, state));
    const { outcome, ...told } = profiled((around) => watch(requestId, () => engine.call({ ...call, around }, state)));
    const fuel = outcome.ok ? outcome.fuel : undefined;
    log.log("debug", "application.profile", { context, method: call.method, fuel, ...told });
    return outcome;
  }

  #request(called: Called, { nowMs, seed, world }: CallMoment, fuel: number): CallRequest {
    const { caller, members, callTimeMs, budget } = this.#ports;
    return {
      method: called.method,
      ...(called.kind ? { kind: called.kind } : {}),
      args: called.args === undefined || called.args === null ? "" : JSON.stringify(called.args),
      caller,
      members,
      nowMs,
      seed,
      timeLimitMs: callTimeMs,
      fuel,
      limits: budget.limits,
      monotonicMs,
      ...(world ? { world } : {}),
    };
  }
}
