/**
 * The calls of an application on one context of this machine: a query on the state in memory, a mutation in a
 * transaction of the context, and beside it what is this machine's own.
 */
import {
  assert,
  type Clock,
  idToText,
  type KeyValueStore,
  ok,
  type Result,
  runLoaded,
  stampToMs,
} from "@dunlin/core/base";
import type { CallReceipt, Replica, RunCall } from "@dunlin/core/replica";
import type { CrossCall } from "./calimero/host-call.ts";
import type { CallSuccess } from "./call.ts";
import type { CallEffects, CallPresence, CallWorld } from "./call-world.ts";
import { LocalState } from "./local-state.ts";
import { entryEventOf } from "./outcome.ts";
import type { StateRoot } from "./state-root.ts";

export interface ContextCallsPorts {
  readonly replica: Replica;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly presence: PresencePort;
  /** Calls that are to be made of other contexts of this machine, `via` those that led to them. Waits for nothing. */
  readonly follow: (calls: readonly CrossCall[], via: readonly string[]) => void;
}

/** What the node shows, and others. */
export interface PresencePort extends CallPresence {
  set(data: Uint8Array, ttlMs: number): Result<null>;
  leave(): void;
}

/** When a call is made, and what it sees of this machine. */
export interface CallMoment {
  readonly nowMs: number;
  readonly world: CallWorld | undefined;
}

/** One call of an engine, as often as it has to be run. */
export type EngineCall = (moment: CallMoment, root: StateRoot) => Result<CallSuccess>;

/** What a mutation is run in: a call of the replica, or one that handles an event. */
export type WithinCall = <T>(run: RunCall<T>) => Promise<Result<CallReceipt<T>>>;

export interface MutateOptions {
  readonly within?: WithinCall;
  /** The contexts whose calls led to this one. */
  readonly via?: readonly string[];
}

export class ContextCalls {
  readonly #ports: ContextCallsPorts;
  readonly #context: string;
  readonly #localState: LocalState;

  constructor(ports: ContextCallsPorts) {
    this.#ports = ports;
    const { context, member } = ports.replica;
    this.#context = idToText(context);
    this.#localState = new LocalState(ports.store, context, member);
  }

  /** The fields that stay on this machine, for looking at. */
  get localState(): StateRoot {
    return this.#localState.document;
  }

  /** The answer as JSON. */
  async query(call: EngineCall): Promise<Result<string | null>> {
    const { store, clock, replica } = this.#ports;
    const world = this.#world([], () => this.#localState.document);
    const ran = await runLoaded(store, () => call({ nowMs: clock.now(), world }, replica.document));
    return ran.ok ? ok(ran.value.output) : ran;
  }

  /** The answer as JSON, and the delta that holds what the call wrote; after its flush. */
  async mutate(call: EngineCall, options: MutateOptions = {}): Promise<Result<CallReceipt<string | null>>> {
    const { within = (run) => this.#ports.replica.call(run), via = [] } = options;
    let effects: CallEffects | undefined;
    const receipt = await within<string | null>((transaction, { stamp }) => {
      const { ran, beside } = this.#localState.during(stamp, (localState) =>
        call({ nowMs: stampToMs(stamp), world: this.#world(via, localState) }, transaction),
      );
      if (!ran.ok) return ran;
      effects = ran.value.effects;
      const { output: value, events } = ran.value;
      return { ok: true, value, events: events.map(entryEventOf), ...(beside && { beside }) };
    });
    if (receipt.ok && effects) this.#settle(effects, via);
    return receipt;
  }

  /** A migration, which sees nothing of this machine. */
  migration(call: EngineCall): RunCall<string | null> {
    return (transaction, { stamp }) => {
      const ran = call({ nowMs: stampToMs(stamp), world: undefined }, transaction);
      return ran.ok ? { ok: true, value: ran.value.output, events: ran.value.events.map(entryEventOf) } : ran;
    };
  }

  #world(via: readonly string[], localState: () => StateRoot): CallWorld {
    return { context: this.#context, via, localState, presence: this.#ports.presence };
  }

  /** What follows once a call is durable. */
  #settle({ presence: shown, crossCalls }: CallEffects, via: readonly string[]): void {
    const { presence, follow } = this.#ports;
    if (shown) assert(presence.set(shown.data, shown.ttlMs).ok, "what was checked is shown");
    else if (shown === null) presence.leave();
    if (crossCalls.length > 0) follow(crossCalls, [...via, this.#context]);
  }
}
