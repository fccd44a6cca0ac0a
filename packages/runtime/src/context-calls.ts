/**
 * The calls of an application on one context of this machine: a query on the state in memory, a mutation in a
 * transaction of the context, and beside it what is this machine's own.
 */
import { type Clock, type KeyValueStore, type Result, runLoaded, stampToMs } from "@dunlin/core/base";
import type { CallReceipt, Replica, RunCall } from "@dunlin/core/replica";
import type { CallOutcome } from "./call.ts";
import type { CallWorld } from "./call-world.ts";
import { LocalState } from "./local-state.ts";
import { entryEventOf, failureOfCall } from "./outcome.ts";
import type { StateRoot } from "./state-root.ts";

export interface ContextCallsPorts {
  readonly replica: Replica;
  readonly store: KeyValueStore;
  readonly clock: Clock;
}

/** When a call is made, and what it sees of this machine. */
export interface CallMoment {
  readonly nowMs: number;
  readonly world: CallWorld | undefined;
}

/** One call of an engine, as often as it has to be run. */
export type EngineCall = (moment: CallMoment, root: StateRoot) => CallOutcome;

/** What a mutation is run in: a call of the replica, or one that handles an event. */
export type WithinCall = <T>(run: RunCall<T>) => Promise<Result<CallReceipt<T>>>;

export class ContextCalls {
  readonly #ports: ContextCallsPorts;
  readonly #localState: LocalState;

  constructor(ports: ContextCallsPorts) {
    this.#ports = ports;
    const { context, member } = ports.replica;
    this.#localState = new LocalState(ports.store, context, member);
  }

  /** The fields that stay on this machine, for looking at. */
  get localState(): StateRoot {
    return this.#localState.document;
  }

  /** The answer as JSON. */
  async query(call: EngineCall): Promise<Result<string | null>> {
    const { store, clock, replica } = this.#ports;
    const world = { localState: () => this.#localState.document };
    const outcome = await runLoaded(store, () => call({ nowMs: clock.now(), world }, replica.document));
    return outcome.ok ? { ok: true, value: outcome.output } : { ok: false, error: failureOfCall(outcome.error) };
  }

  /** The answer as JSON, and the delta that holds what the call wrote; after its flush. */
  mutate(
    call: EngineCall,
    within: WithinCall = (run) => this.#ports.replica.call(run),
  ): Promise<Result<CallReceipt<string | null>>> {
    return within((transaction, { stamp }) => {
      const { outcome, beside } = this.#localState.during(stamp, (localState) =>
        call({ nowMs: stampToMs(stamp), world: { localState } }, transaction),
      );
      if (!outcome.ok) return { ok: false, error: failureOfCall(outcome.error) };
      const { output: value, events } = outcome;
      return { ok: true, value, events: events.map(entryEventOf), ...(beside && { beside }) };
    });
  }

  /** A migration, which sees nothing of this machine. */
  migration(call: EngineCall): RunCall<string | null> {
    return (transaction, { stamp }) => {
      const outcome = call({ nowMs: stampToMs(stamp), world: undefined }, transaction);
      if (!outcome.ok) return { ok: false, error: failureOfCall(outcome.error) };
      return { ok: true, value: outcome.output, events: outcome.events.map(entryEventOf) };
    };
  }
}
