/** Calls of an application on one replica, as a node makes them: queries on the document, mutations as calls of it. */
import { roleOfRank } from "@dunlin/core/access";
import {
  type Failure,
  idKeyToBytes,
  idToText,
  ok,
  type PublicKey,
  publicKey,
  silentLog,
  utf8ToString,
} from "@dunlin/core/base";
import {
  type CallError,
  type CallMember,
  type CallMoment,
  type CallOutcome,
  type CallRequest,
  ContextCalls,
  type ContextCallsPorts,
  type CrossCall,
  type Engine,
  type EngineCall,
  failureOfCall,
  HandlerRunner,
  type StateRoot,
} from "@dunlin/runtime";
import { CALL_TIME_MS } from "./limits.ts";

export interface AppCallsPorts extends ContextCallsPorts {
  readonly engine: Engine;
  readonly member: PublicKey;
  /** Members whose nodes are connected. */
  readonly connected: () => readonly PublicKey[];
}

/** A call that failed; `applicationCode` is that of what the application threw. */
export interface CallFailure extends Failure {
  readonly applicationCode: string | undefined;
}

export type Answer =
  | { readonly ok: true; readonly output: string | null }
  | { readonly ok: false; readonly error: CallFailure };

export class AppCalls {
  readonly #ports: AppCallsPorts;
  readonly #calls: ContextCalls;
  readonly #runner: HandlerRunner | undefined;

  constructor(ports: AppCallsPorts) {
    this.#ports = ports;
    this.#calls = new ContextCalls(ports);
    this.#runner = this.#createRunner();
  }

  /** The fields that stay on this node. */
  get localState(): StateRoot {
    return this.#calls.localState;
  }

  /** `args` is JSON. */
  call(method: string, args: string): Promise<Answer> {
    return this.#call(method, args, []);
  }

  /** A call that one of another context asked for. */
  async callFrom(via: readonly string[], { method, params }: CrossCall): Promise<Answer> {
    if (this.#ports.engine.description.exposes.includes(method))
      return this.#call(method, utf8ToString(params) ?? "", via);
    const message = `${method}: the application does not expose it to other contexts`;
    return { ok: false, error: { code: "METHOD_NOT_FOUND", message, applicationCode: undefined } };
  }

  async #call(method: string, args: string, via: readonly string[]): Promise<Answer> {
    let refused: CallError | undefined;
    const call = this.#engineCall(method, args, (outcome) => {
      refused = outcome.ok ? undefined : outcome.error;
    });
    const ran = this.#ports.engine.description.mutations.includes(method)
      ? await this.#calls.mutate(call, { via })
      : await this.#calls.query(call);
    if (!ran.ok) return { ok: false, error: { ...ran.error, applicationCode: refused?.applicationCode } };
    const { value } = ran;
    return { ok: true, output: typeof value === "object" && value !== null ? value.value : value };
  }

  /** To be called every second or so. */
  tick(): void {
    this.wakeHandlers();
    void this.#calls.refer(this.#ports.engine.description);
  }

  /** Runs the handlers that are due. */
  wakeHandlers(): void {
    this.#runner?.wake();
  }

  /** Whether a handler is still to run here, or runs now. */
  get hasOpenHandlers(): boolean {
    return (this.#ports.replica.handlers?.counts.open ?? 0) > 0;
  }

  #engineCall(method: string, args: string, onOutcome?: (outcome: CallOutcome) => void): EngineCall {
    const { engine } = this.#ports;
    const run: EngineCall["run"] = (moment, root) => {
      const outcome = engine.call(this.#request(method, args, moment), root);
      onOutcome?.(outcome);
      return outcome.ok ? ok(outcome) : { ok: false, error: failureOfCall(outcome.error) };
    };
    return { method, description: engine.description, run };
  }

  #request(method: string, args: string, { nowMs, seed, world }: CallMoment): CallRequest {
    const { member } = this.#ports;
    return {
      method,
      args,
      caller: idToText(member),
      members: () => this.#members(),
      nowMs,
      seed,
      ...(world && { world }),
      timeLimitMs: CALL_TIME_MS,
      monotonicMs: () => performance.now(),
    };
  }

  #members(): CallMember[] {
    return [...this.#ports.replica.access().rankByMember].map(([key, rank]) => ({
      publicKey: idToText(idKeyToBytes(key)),
      role: roleOfRank(rank) ?? "none",
    }));
  }

  #createRunner(): HandlerRunner | undefined {
    const { engine, replica, member, clock, connected } = this.#ports;
    const { handlers } = replica;
    if (handlers === undefined) return undefined;
    return new HandlerRunner({
      handlers,
      self: member,
      clock,
      log: silentLog,
      writers: () =>
        [...replica.access().rankByMember]
          .filter(([, rank]) => roleOfRank(rank) === "writer" || roleOfRank(rank) === "admin")
          .map(([key]) => publicKey(idKeyToBytes(key))),
      connected,
      policyOf: async (handler) =>
        ok(engine.description.handlers.find(({ name }) => name === handler)?.policy ?? "receivers"),
      run: (entry, policy) => {
        const { handler, data } = entry.payload;
        // Another member's data may be no text, which is no JSON either.
        const call = this.#engineCall(handler, utf8ToString(data) ?? "?");
        return this.#calls.mutate(call, { within: (run) => handlers.run(entry, run, policy) });
      },
    });
  }
}
