/** Calls of an application on one replica, as a node makes them: queries on the document, mutations as calls of it. */
import { roleOfRank } from "@dunlin/core/access";
import {
  type Clock,
  type Failure,
  idKeyToBytes,
  idToText,
  type KeyValueStore,
  ok,
  type Prng,
  type PublicKey,
  publicKey,
  type Result,
  runLoaded,
  silentLog,
  stampToMs,
  utf8ToString,
} from "@dunlin/core/base";
import type { Replica, RunCall } from "@dunlin/core/replica";
import {
  type CallError,
  type CallMember,
  type CallOutcome,
  type CallRequest,
  type Engine,
  entryEventOf,
  failureOfCall,
  HandlerRunner,
} from "@dunlin/runtime";
import { CALL_TIME_MS } from "./limits.ts";

export interface AppCallsPorts {
  readonly engine: Engine;
  readonly replica: Replica;
  readonly store: KeyValueStore;
  readonly member: PublicKey;
  readonly clock: Clock;
  /** Seeds what calls draw. */
  readonly prng: Prng;
  /** Members whose nodes are connected. */
  readonly connected: () => readonly PublicKey[];
  /** Told what an application logs. */
  readonly onLog: (line: string) => void;
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
  readonly #runner: HandlerRunner | undefined;

  constructor(ports: AppCallsPorts) {
    this.#ports = ports;
    this.#runner = this.#createRunner();
  }

  /** `args` is JSON. */
  async call(method: string, args: string): Promise<Answer> {
    const { engine, replica, store, clock } = this.#ports;
    let refused: CallError | undefined;
    const keep = (outcome: CallOutcome): CallOutcome => {
      refused = outcome.ok ? undefined : outcome.error;
      return outcome;
    };
    const query = (): CallOutcome => keep(engine.call(this.#request(method, args, clock.now()), replica.document));
    const ran = engine.description.mutations.includes(method)
      ? await this.#mutate(this.#mutation(method, args, keep))
      : this.#toResult(await runLoaded(store, query));
    if (ran.ok) return { ok: true, output: ran.value };
    return { ok: false, error: { ...ran.error, applicationCode: refused?.applicationCode } };
  }

  /** Runs the handlers that are due. */
  wakeHandlers(): void {
    this.#runner?.wake();
  }

  /** Whether a handler is still to run here. */
  get hasOpenHandlers(): boolean {
    return this.#ports.replica.handlers?.nextDueMs !== undefined;
  }

  async #mutate(run: RunCall<string | null>): Promise<Result<string | null>> {
    const receipt = await this.#ports.replica.call(run);
    return receipt.ok ? ok(receipt.value.value) : receipt;
  }

  #mutation(method: string, args: string, keep: (outcome: CallOutcome) => CallOutcome): RunCall<string | null> {
    return (transaction, { stamp }) => {
      const outcome = keep(this.#ports.engine.call(this.#request(method, args, stampToMs(stamp)), transaction));
      if (!outcome.ok) return { ok: false, error: failureOfCall(outcome.error) };
      this.#tellLogs(outcome.logs);
      return { ok: true, value: outcome.output, events: outcome.events.map(entryEventOf) };
    };
  }

  #toResult(outcome: CallOutcome): Result<string | null> {
    if (!outcome.ok) return { ok: false, error: failureOfCall(outcome.error) };
    this.#tellLogs(outcome.logs);
    return ok(outcome.output);
  }

  #tellLogs(lines: readonly string[]): void {
    for (const line of lines) this.#ports.onLog(line);
  }

  #request(method: string, args: string, nowMs: number): CallRequest {
    const { member, prng } = this.#ports;
    return {
      method,
      args,
      caller: idToText(member),
      members: () => this.#members(),
      nowMs,
      seed: prng.u32(),
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
        return handlers.run(
          entry,
          this.#mutation(handler, utf8ToString(data) ?? "?", (outcome) => outcome),
          policy,
        );
      },
    });
  }
}
