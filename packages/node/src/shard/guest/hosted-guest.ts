/**
 * A context whose application keeps its state itself. A call runs against the folded state and leaves nothing there: what
 * it did goes into the context's log as a record, and comes back through the fold, as it does on every other node.
 *
 * Calls of one context run one after another, each after the fold of those before. A call that neither committed nor
 * asked for anything makes no delta.
 */
import type { ApiErrorCode, ExecuteOutcome, ExecuteRequest } from "@dunlin/api";
import {
  type Err,
  err,
  type Failure,
  idKeyToBytes,
  idToText,
  type Log,
  ok,
  type Result,
  type Signer,
  textToId,
  utf8,
  utf8ToString,
} from "@dunlin/core/base";
import { logEntryKey, type Transaction } from "@dunlin/core/crdt";
import {
  type CallOutcome,
  type Commit,
  type Replica,
  type ReplicaPorts,
  type RunCall,
  tablePrefix,
} from "@dunlin/core/replica";
import {
  type ApplicationBlobs,
  type BlobReader,
  type ContextChange,
  type CrossCall,
  encodeRecord,
  type GuestEngine,
  type GuestHost,
  type GuestLimits,
  type GuestOutcome,
  type GuestRequest,
  type GuestResult,
  GuestState,
  guestLimits,
  type LocalWorld,
  limitChanges,
  recordGuest,
  rootAfter,
  signUserActions,
} from "@dunlin/runtime";
import { monotonicMs } from "../../messages.ts";
import type { CallRecorder } from "../../recordings/recorder.ts";
import type { Budget } from "../budget.ts";
import type { LoadedGuest } from "../engines.ts";
import { guestChanges } from "../limit-book.ts";
import { LOG_FIELD, writeProposals } from "./proposals.ts";

export interface GuestPorts {
  readonly replicaPorts: ReplicaPorts;
  readonly log: Log;
  readonly blobs: () => ApplicationBlobs;
  /** Marks what runs guest code, for the watchdog. */
  readonly watch: <T>(requestId: number, run: () => T) => T;
  /** What a call has asked to be done elsewhere, once it is durable. */
  readonly follow: (asked: Asked) => void;
  /** Keeps calls as they are made; undefined when none are to be kept. */
  readonly recorder: CallRecorder | undefined;
}

/** What a call of a context wants done to others. */
export interface Asked {
  readonly crossCalls: readonly CrossCall[];
  readonly contextChanges: readonly ContextChange[];
  readonly requestId: number;
  /** The contexts whose calls led to this: the last is that of the call which asks. */
  readonly via: readonly string[];
}

/** A call that ran and has not taken effect. */
interface Ran {
  readonly outcome: GuestOutcome;
  readonly output: unknown;
  /** As the log is to hold it; undefined when it changed no state. */
  readonly record: Uint8Array | undefined;
}

interface HostedParts {
  readonly application: Uint8Array;
  readonly engine: GuestEngine;
  readonly state: GuestState;
  readonly budget: Budget;
}

const SEED_BYTES = 32;

export class HostedGuest {
  readonly #ports: GuestPorts;
  readonly #replica: Replica;
  readonly #signer: Signer;
  readonly #engine: GuestEngine;
  readonly #state: GuestState;
  readonly #world: Omit<LocalWorld, "blobs">;
  readonly #budget: Budget;
  readonly #contextText: string;
  readonly #applicationText: string;
  #fresh: Uint8Array[] = [];
  /** True after a failure of this machine's, which may have left records out. */
  #isBehind = false;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #unsubscribe: () => void;

  private constructor(
    ports: GuestPorts,
    replica: Replica,
    signer: Signer,
    { application, engine, state, budget }: HostedParts,
  ) {
    this.#applicationText = idToText(application);
    this.#ports = ports;
    this.#budget = budget;
    this.#replica = replica;
    this.#signer = signer;
    this.#engine = engine;
    this.#state = state;
    this.#world = this.#createWorld();
    this.#contextText = idToText(replica.context);
    this.#unsubscribe = replica.onCommit((commit) => this.#onCommit(commit));
  }

  /** Brings the state to what the context's log says. */
  static async open(
    ports: GuestPorts,
    replica: Replica,
    signer: Signer,
    { id: application, engine }: LoadedGuest,
    budget: Budget,
  ): Promise<HostedGuest> {
    const { store, crypto } = ports.replicaPorts;
    const state = await GuestState.open({
      store,
      prefix: tablePrefix(replica.context, "g"),
      context: replica.context,
      engine,
      application,
      crypto,
      log: {
        keys: () => replica.document.field("log", LOG_FIELD).keys(),
        get: (key) => replica.document.field("log", LOG_FIELD).get(key),
      },
      monotonicMs,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    });
    const guest = new HostedGuest(ports, replica, signer, { application, engine, state, budget });
    // What was committed while the state was brought up, which nobody has told of.
    await guest.#inTurn(() => state.advance(replica.document.field("log", LOG_FIELD).keys()));
    return guest;
  }

  /** Takes in nothing more; resolves when what was begun is done. */
  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#tail;
  }

  /** The guest's own root, which a guest that merges wrongly has another of than the context's. */
  get root(): Uint8Array {
    return this.#state.root;
  }

  /** `via`: the contexts whose calls led to this one. */
  execute(requestId: number, request: ExecuteRequest, via: readonly string[] = []): Promise<Result<ExecuteOutcome>> {
    const refused = this.#refusal(request.method);
    if (refused) return Promise.resolve(refused);
    const input = utf8(JSON.stringify(request.args ?? {}));
    return this.#inTurn(async () => {
      await this.#fold();
      const ran = await this.#run(requestId, request.method, input);
      if (!ran.ok) return ran;
      const kept = await this.#keep(ran.value);
      if (!kept.ok) return kept;
      await this.#settle(requestId, ran.value.outcome, via);
      return ok({ output: ran.value.output, deltaId: kept.value });
    });
  }

  /** Runs a handler on an event, whose effects are those of the call that `within` makes for it. */
  handle<T>(
    requestId: number,
    { handler, data }: { readonly handler: string; readonly data: Uint8Array },
    within: (run: RunCall<unknown>) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const refused = this.#refusal(handler);
    return this.#inTurn(async () => {
      await this.#fold();
      const ran = refused ?? (await this.#run(requestId, handler, data));
      const done = await within((transaction) => (ran.ok ? write(transaction, ran.value) : ran));
      if (done.ok && ran.ok) await this.#settle(requestId, ran.value.outcome, []);
      return done;
    });
  }

  #refusal(method: string): Err<Failure> | undefined {
    const { methods } = this.#engine;
    if (!methods.includes(method)) {
      return err<ApiErrorCode>("METHOD_NOT_FOUND", `the application has no method ${method.slice(0, 100)}`);
    }
    if (method === "init" || !methods.includes("init") || this.#state.size > 0 || this.#fresh.length > 0)
      return undefined;
    const message = "the application was not initialised yet: call init, or wait for the state of its members";
    return err<ApiErrorCode>("CONTEXT_UNINITIALIZED", message);
  }

  /** Runs a method, again for each blob that has to be brought; blobs that it wrote are durable then. */
  async #run(requestId: number, method: string, input: Uint8Array): Promise<Result<Ran>> {
    const request = this.#request(method, input);
    const blobs = this.#ports.blobs();
    const { context } = this.#replica;
    const ran = await blobs.run(context, (reader) => this.#runOnce(requestId, request, reader));
    if (!ran.ok) return ran;
    const kept = await blobs.keep(context, ran.value.outcome.blobs);
    return kept.ok ? ran : kept;
  }

  #runOnce(requestId: number, request: GuestRequest, blobs: BlobReader): Result<Ran> {
    const { method } = request;
    const rootBefore = this.#state.root;
    const changes = guestChanges(this.#budget.limits);
    const granted = this.#budget.grantFuel(Number(guestLimits(changes).fuel));
    if (!granted.ok) return granted;
    const limits = guestLimits({ ...changes, fuel: granted.value.fuel });
    const host = { storage: this.#state.storage, local: { ...this.#world, blobs } };
    const outcome = this.#ports.watch(requestId, () => this.#call(request, host, limits));
    this.#budget.spendFuel(outcome.fuel);
    for (const line of outcome.logs) {
      this.#ports.log.log("info", "application.log", { context: this.#contextText, method, line });
    }
    if (!outcome.ok) {
      const { code, message } = outcome.error;
      const told = { context: this.#contextText, application: this.#applicationText, method };
      this.#ports.log.log("info", "application.call_failed", { ...told, code, message });
      if (granted.value.isCut && outcome.error.code === "FUEL_LIMIT") return this.#budget.cutShort();
      return err(outcome.error.code as ApiErrorCode, outcome.error.message);
    }
    const output = parseOutput(outcome.returned);
    if (!output.ok) return output;
    return ok({ outcome, output: output.value, record: this.#record(request, outcome, rootBefore, limits) });
  }

  #call(request: GuestRequest, host: GuestHost, limits: GuestLimits): GuestResult {
    const { recorder } = this.#ports;
    if (!recorder) return this.#engine.call(request, host, limits);
    const changes = limitChanges(limits);
    const { outcome, recorded } = recordGuest(this.#engine, request, host, { limits, changes });
    recorder.add({ ...recorded, contextId: this.#contextText, applicationId: this.#applicationText });
    return outcome;
  }

  #record(
    request: GuestRequest,
    outcome: GuestOutcome,
    rootBefore: Uint8Array,
    limits: GuestLimits,
  ): Uint8Array | undefined {
    const { committed, writes, usedLocal } = outcome;
    if (this.#engine.commits ? !committed : writes.length === 0) return undefined;
    const { crypto } = this.#ports.replicaPorts;
    const artifact = committed ? signUserActions(crypto, this.#signer, committed.artifact) : new Uint8Array(0);
    const root = rootAfter({ crypto, root: rootBefore }, outcome);
    const roots = { rootBefore, rootAfter: root };
    const how = { isRepeatable: !usedLocal, artifact, limits: limitChanges(limits) };
    const record = encodeRecord({ ...request, ...roots, ...how });
    if (!usedLocal) this.#state.foresee(record, { root, writes });
    return record;
  }

  /** Makes the delta of a call that is to have one. */
  async #keep(ran: Ran): Promise<Result<string | null>> {
    const { events, proposals } = ran.outcome;
    if (!ran.record && events.length === 0 && proposals.length === 0) return ok(null);
    const refused = this.#budget.refusalToWrite();
    if (refused) return refused;
    const receipt = await this.#replica.call((transaction) => write(transaction, ran));
    if (!receipt.ok) return receipt;
    const { delta } = receipt.value;
    return ok(delta ? idToText(delta) : null);
  }

  /** What follows once a call is durable. */
  async #settle(requestId: number, outcome: GuestOutcome, via: readonly string[]): Promise<void> {
    if (outcome.privateWrites.length > 0) await this.#state.writePrivate(outcome.privateWrites);
    await this.#fold();
    const { crossCalls, contextChanges } = outcome;
    if (crossCalls.length + contextChanges.length === 0) return;
    this.#ports.follow({ requestId, via: [...via, this.#contextText], crossCalls, contextChanges });
  }

  #request(method: string, input: Uint8Array): GuestRequest {
    const { clock, random } = this.#ports.replicaPorts;
    return {
      method,
      input,
      context: this.#replica.context,
      executor: this.#signer.publicKey,
      timeNs: BigInt(clock.now()) * 1_000_000n,
      seed: random.bytes(SEED_BYTES),
    };
  }

  #createWorld(): Omit<LocalWorld, "blobs"> {
    return {
      privateStorage: this.#state.privateStorage,
      members: () => [...this.#replica.access().rankByMember.keys()].map(idKeyToBytes),
      resolveAlias: (name) => textToId(name),
      hasContextAlias: () => false,
    };
  }

  /** Notes what a commit put into the log, for the next turn. */
  #onCommit(commit: Commit): void {
    const log = this.#replica.document.field("log", LOG_FIELD);
    for (const { delta, entries } of commit.deltas) {
      for (const entry of entries) {
        if (entry.kind !== "call" || entry.joins.length === 0 || entry.offset >= delta.stamp) continue;
        const origin = { stamp: (delta.stamp - entry.offset) as typeof delta.stamp, actor: delta.actor };
        for (let number = 0; ; number++) {
          const key = logEntryKey(origin, number);
          if (!log.get(key)) break;
          this.#fresh.push(key);
        }
      }
    }
    // A state that was taken as a whole says nothing of what is new in its log.
    if (commit.isAnew) this.#isBehind = true;
    if (this.#fresh.length > 0 || commit.isAnew)
      void this.#inTurn(() => this.#fold()).catch((thrown) => this.#failed(thrown));
  }

  async #fold(): Promise<void> {
    const keys = this.#isBehind ? this.#replica.document.field("log", LOG_FIELD).keys() : this.#fresh;
    if (keys.length === 0) return;
    this.#fresh = [];
    this.#isBehind = true;
    await this.#state.advance(keys);
    this.#isBehind = false;
  }

  #failed(thrown: unknown): void {
    this.#ports.log.log("error", "guest.fold_failed", {
      context: this.#contextText,
      reason: String(thrown),
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

/** Puts into a transaction what a call is to leave. */
function write(transaction: Transaction, { outcome, output, record }: Ran): CallOutcome<unknown> {
  if (record) transaction.field("log", LOG_FIELD).append(record);
  writeProposals(transaction, outcome.proposals);
  const events = outcome.events.map(({ kind, data, handler }) => ({ kind, data, handler: handler ?? "" }));
  return { ok: true, value: output, events };
}

/** What a method returned: JSON, or nothing. */
function parseOutput(returned: Uint8Array | undefined): Result<unknown> {
  if (returned === undefined) return ok(null);
  const text = utf8ToString(returned);
  try {
    if (text !== undefined) return ok(JSON.parse(text));
  } catch {
    // Told below: the bytes are the application's.
  }
  return err<ApiErrorCode>("APPLICATION_ERROR", `the method returned ${returned.length} bytes that are no JSON`);
}
