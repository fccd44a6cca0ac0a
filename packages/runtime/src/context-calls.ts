/**
 * The calls of an application on one context of this machine: a query on the state in memory, a mutation in a
 * transaction of the context, and beside it what is this machine's own.
 *
 * A call that needs a blob which is not at hand, or that writes one, is taken back, the blob is brought or stored, and
 * the call runs again, at the same time and with the same seed: so a delta never refers to bytes that a crash may lose.
 */
import {
  assert,
  type Clock,
  type Err,
  err,
  type Failure,
  idKey,
  idToText,
  type KeyValueStore,
  ok,
  type Result,
  runLoaded,
  stampToMs,
} from "@dunlin/core/base";
import { blobIdOf } from "@dunlin/core/blobs";
import type { Crypto } from "@dunlin/core/crypto";
import type { CallReceipt, Replica, RunCall } from "@dunlin/core/replica";
import type { ApplicationBlobs } from "./application-blobs.ts";
import { referencesIn } from "./blob-references.ts";
import type { CrossCall } from "./calimero/host-call.ts";
import type { CallSuccess } from "./call.ts";
import { BlobMiss, type BlobReader, CallBlobs } from "./call-blobs.ts";
import type { CallEffects, CallPresence, CallWorld } from "./call-world.ts";
import type { Description } from "./description.ts";
import { CALL_BLOB_ROUNDS_MAX } from "./limits.ts";
import { LocalState } from "./local-state.ts";
import { entryEventOf } from "./outcome.ts";
import type { StateRoot } from "./state-root.ts";

export interface ContextCallsPorts {
  readonly replica: Replica;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly presence: PresencePort;
  readonly blobs: () => ApplicationBlobs;
  /** What a call's randomness follows from, drawn anew each time. */
  readonly seed: () => number;
  /** Told what a method logged, once it is to be kept. */
  readonly onLogs: (method: string, lines: readonly string[]) => void;
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
  readonly seed: number;
  readonly world: CallWorld | undefined;
}

/** One call of an engine, run as often as it has to be. */
export interface EngineCall {
  readonly method: string;
  /** Of its application: a handler of one that has no field for blobs may look at none. */
  readonly description: Pick<Description, "state" | "local">;
  readonly run: (moment: CallMoment, root: StateRoot) => Result<CallSuccess>;
}

/** What a mutation is run in: a call of the replica, or one that handles an event. */
export type WithinCall = <T>(run: RunCall<T>) => Promise<Result<CallReceipt<T>>>;

export interface MutateOptions {
  /** Of a handler: each run of it that fails is counted. */
  readonly within?: WithinCall;
  /** The contexts whose calls led to this one. */
  readonly via?: readonly string[];
}

/** What stays the same through the runs of one call. */
interface Runs {
  readonly call: EngineCall;
  readonly via: readonly string[];
  readonly reader: BlobReader;
  readonly seed: number;
  nowMs: number | undefined;
  /** Blobs that it wrote and that are stored. */
  readonly stored: Set<string>;
  /** It is only found out what it needs. */
  readonly isLooking: boolean;
}

/** How one run ended. */
interface Ended {
  readonly receipt: Result<CallReceipt<string | null>>;
  readonly effects: CallEffects | undefined;
  readonly missed: BlobMiss | undefined;
  /** It gave blobs to the context. */
  readonly usedBlobs: boolean;
  /** Blobs that it wrote and that are to be stored first. */
  readonly unstored: readonly Uint8Array[];
}

/** The end of a run that is made again, or that only looked. */
const AGAIN = "BLOBS_CHANGED";

export class ContextCalls {
  readonly #ports: ContextCallsPorts;
  readonly #context: string;
  readonly #localState: LocalState;
  #referred: string | undefined;
  #referring: Promise<void> = Promise.resolve();

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
  query(call: EngineCall): Promise<Result<string | null>> {
    const { store, clock, crypto, replica, blobs } = this.#ports;
    const [nowMs, seed] = [clock.now(), this.#ports.seed()];
    let runs = 0;
    return blobs().run(replica.context, async (reader) => {
      runs++;
      const world = this.#world([], () => this.#localState.document, new CallBlobs(reader, crypto));
      const ran = await runLoaded(store, () => call.run({ nowMs, seed, world }, replica.document));
      if (!ran.ok) return ran;
      this.#ports.onLogs(call.method, ran.value.logs);
      // What was brought is noted while it is referred to, or it would not go with the last reference.
      if (runs > 1) await this.refer(call.description);
      return ok(ran.value.output);
    });
  }

  /** The answer as JSON, and the delta that holds what the call wrote; after its flush. */
  mutate(call: EngineCall, { within, via = [] }: MutateOptions = {}): Promise<Result<CallReceipt<string | null>>> {
    const { replica, blobs } = this.#ports;
    const seed = this.#ports.seed();
    const stored = new Set<string>();
    let nowMs: number | undefined;
    return blobs().run(replica.context, async (reader) => {
      const runs: Runs = { call, via, reader, seed, nowMs, stored, isLooking: false };
      // A handler that runs and then needs blobs has failed, so that is found out before.
      const looked =
        within && call.description.state.some(({ holdsBlobs }) => holdsBlobs)
          ? await this.#rounds({ ...runs, isLooking: true }, lookingAt(replica))
          : undefined;
      if (looked?.missed) throw looked.missed;
      const ended = await this.#rounds(runs, within ?? ((run) => replica.call(run)));
      nowMs = runs.nowMs;
      if (ended.missed && !within) throw ended.missed;
      if (ended.receipt.ok && ended.effects) this.#settle(ended.effects, via);
      if (ended.usedBlobs) await this.refer(call.description);
      return ended.receipt;
    });
  }

  /** A migration, which sees nothing of this machine. */
  migration(call: EngineCall): RunCall<string | null> {
    return (transaction, { stamp }) => {
      const ran = call.run({ nowMs: stampToMs(stamp), seed: this.#ports.seed(), world: undefined }, transaction);
      if (!ran.ok) return ran;
      this.#ports.onLogs(call.method, ran.value.logs);
      return { ok: true, value: ran.value.output, events: ran.value.events.map(entryEventOf) };
    };
  }

  /** Tells which blobs the fields refer to, if that is another set than before. Goes through those fields. */
  refer(fields: Pick<Description, "state" | "local">): Promise<void> {
    // One after the other, so that the last one tells what is so at its end.
    const told = this.#referring.then(() => this.#refer(fields));
    this.#referring = told.catch(() => undefined);
    return told;
  }

  async #refer({ state, local }: Pick<Description, "state" | "local">): Promise<void> {
    if (![...state, ...local].some(({ holdsBlobs }) => holdsBlobs)) return;
    const { store, replica, blobs } = this.#ports;
    const ids = await runLoaded(store, () => [
      ...referencesIn(replica.document, state),
      ...referencesIn(this.localState, local),
    ]);
    const referred = ids.map(idKey).sort().join();
    if (referred === this.#referred) return;
    await blobs().refer(replica.context, ids);
    this.#referred = referred;
  }

  /** Runs it until all that it writes is stored. */
  async #rounds(runs: Runs, within: WithinCall): Promise<Ended> {
    for (let round = 1; ; round++) {
      const ended = await this.#runOnce(runs, within);
      if (ended.unstored.length === 0) return ended;
      const { replica, crypto, blobs } = this.#ports;
      const kept = await blobs().keep(replica.context, { written: ended.unstored, announced: [] });
      if (!kept.ok) return { ...ended, receipt: kept };
      for (const bytes of ended.unstored) runs.stored.add(idKey(blobIdOf(crypto, bytes)));
      if (round < CALL_BLOB_ROUNDS_MAX) continue;
      const why = "the call wrote other blobs each time that it ran, as the state changed: call again";
      return { ...ended, receipt: err("BUSY", why) };
    }
  }

  async #runOnce(runs: Runs, within: WithinCall): Promise<Ended> {
    const { crypto, onLogs } = this.#ports;
    const { call, via, seed } = runs;
    let effects: CallEffects | undefined;
    let missed: BlobMiss | undefined;
    let unstored: readonly Uint8Array[] = [];
    let announced: CallBlobs["changes"]["announced"] = [];
    const receipt = await within<string | null>((transaction, { stamp }) => {
      runs.nowMs ??= stampToMs(stamp);
      const nowMs = runs.nowMs;
      const blobs = new CallBlobs(runs.reader, crypto);
      const { ran, beside } = this.#localState.during(stamp, (localState): Result<CallSuccess> => {
        try {
          const outcome = call.run({ nowMs, seed, world: this.#world(via, localState, blobs) }, transaction);
          if (outcome.ok) unstored = blobs.unstored(runs.stored);
          return unstored.length > 0 ? again() : outcome;
        } catch (thrown) {
          if (!(thrown instanceof BlobMiss)) throw thrown;
          missed = thrown;
          return again();
        }
      });
      if (!ran.ok) return ran;
      announced = blobs.changes.announced;
      ({ effects } = ran.value);
      const { output: value, events, logs } = ran.value;
      if (!runs.isLooking) onLogs(call.method, logs);
      return { ok: true, value, events: events.map(entryEventOf), ...(beside && { beside }) };
    });
    if (receipt.ok && announced.length > 0)
      await this.#ports.blobs().keep(this.#ports.replica.context, { written: [], announced });
    return { receipt, effects, missed, unstored, usedBlobs: receipt.ok && announced.length > 0 };
  }

  #world(via: readonly string[], localState: () => StateRoot, blobs: CallBlobs): CallWorld {
    return { context: this.#context, via, localState, presence: this.#ports.presence, blobs };
  }

  /** What follows once a call is durable. */
  #settle({ presence: shown, crossCalls }: CallEffects, via: readonly string[]): void {
    const { presence, follow } = this.#ports;
    if (shown) assert(presence.set(shown.data, shown.ttlMs).ok, "what was checked is shown");
    else if (shown === null) presence.leave();
    if (crossCalls.length > 0) follow(crossCalls, [...via, this.#context]);
  }
}

/** Runs it and takes it back. */
function lookingAt(replica: Pick<Replica, "call">): WithinCall {
  return (run) =>
    replica.call((transaction, meta) => {
      const outcome = run(transaction, meta);
      if (outcome.ok) outcome.beside?.drop();
      return outcome.ok ? again() : outcome;
    });
}

function again(): Err<Failure> {
  return err(AGAIN, "the call runs again");
}
