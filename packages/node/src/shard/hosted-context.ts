/**
 * One context as this node takes part in it: its replica, and the calls that run its application on it.
 *
 * A mutation runs inside the replica's transaction and is acknowledged after its flush. A query runs on the state in
 * memory, which shows calls before their flush. The application's code runs with no store transaction open.
 */
import type {
  ApiErrorCode,
  ContextEvent,
  ContextInfo,
  ExecuteOutcome,
  ExecuteRequest,
  UpgradeOutcome,
} from "@dunlin/api";
import { roleOfRank } from "@dunlin/core/access";
import {
  type ApplicationId,
  bytesEqual,
  err,
  idKeyToBytes,
  idToText,
  ok,
  type PublicKey,
  type Result,
  type Signer,
  utf8ToString,
} from "@dunlin/core/base";

import type { Commit, CommittedDelta, HandlerPolicy, Handlers, OpenEntry, Replica } from "@dunlin/core/replica";
import { Presence } from "@dunlin/core/sync";
import {
  ContextCalls,
  type CrossCall,
  type Description,
  type EngineCall,
  HandlerRunner,
  MIGRATION,
  type WithinCall,
} from "@dunlin/runtime";
import { HANDLER_RUN, monotonicMs } from "../messages.ts";
import { systemScheduler } from "../platform.ts";
import { Budget } from "./budget.ts";
import { applicationEvent, isEmptyObject, parseJson, parseOutput, writersOf } from "./context-values.ts";
import type { Engines, LoadedApplication, LoadedGuest, LoadedNative } from "./engines.ts";
import { type GuestPorts, HostedGuest } from "./guest/hosted-guest.ts";
import type { LimitBook } from "./limit-book.ts";
import { type Called, NativeCalls, type NativeCallsPorts } from "./native-calls.ts";
import { RunningApplication } from "./running-application.ts";
import type { Seeds } from "./seeds.ts";
import { storedBytes } from "./stored-bytes.ts";

export interface HostedPorts extends GuestPorts, Pick<NativeCallsPorts, "callTimeMs" | "profile"> {
  readonly seeds: Seeds;
  readonly engines: Engines;
  readonly limits: LimitBook;
}

export class HostedContext {
  readonly id: string;
  readonly replica: Replica;
  readonly signer: Signer;
  readonly presence: Presence;
  readonly budget: Budget;
  readonly #native: NativeCalls;
  readonly #calls: ContextCalls;
  readonly #ports: HostedPorts;
  readonly #memberText: string;
  readonly #runner: HandlerRunner | undefined;
  readonly #running: RunningApplication;
  /** The one that was last told of. */
  #application: ApplicationId | undefined;
  #guest: { readonly id: Uint8Array; readonly opened: Promise<HostedGuest> } | undefined;
  #guestRoot: (() => Uint8Array) | undefined;
  /** Of the application that was called last. */
  #described: Description | undefined;
  #refersAnew = true;
  #sequence: number;
  #underWay = 0;
  #usedMs: number;

  /** `connected`: the members of the context whose nodes are connected now; `sequence`: of its last event. */
  constructor(
    ports: HostedPorts,
    replica: Replica,
    signer: Signer,
    { connected, sequence }: { readonly connected: () => readonly PublicKey[]; readonly sequence: number },
  ) {
    this.id = idToText(replica.context);
    this.#sequence = sequence;
    this.#usedMs = ports.replicaPorts.clock.now();
    this.replica = replica;
    this.signer = signer;
    const { crypto, clock } = ports.replicaPorts;
    this.presence = new Presence({ replica, signer, crypto, clock, scheduler: systemScheduler });
    this.#ports = ports;
    const { metrics, store } = ports.replicaPorts;
    this.budget = new Budget({
      limits: () => ports.limits.of(replica.context),
      monotonicMs,
      measureBytes: () => storedBytes(store, replica.context),
      onRefused: (budget) => metrics?.counter("node.budget_refusals", { budget }).add(),
    });
    this.#memberText = idToText(signer.publicKey);
    const { context, caller } = { context: this.id, caller: this.#memberText };
    this.#native = new NativeCalls({ ...ports, context, caller, members: () => this.members(), budget: this.budget });
    const { presence } = this;
    const follow = (crossCalls: readonly CrossCall[], via: readonly string[]): void =>
      ports.follow({ requestId: HANDLER_RUN, via, crossCalls, contextChanges: [] });
    this.#calls = new ContextCalls({
      ...ports.replicaPorts,
      replica,
      presence,
      follow,
      blobs: ports.blobs,
      seed: () => ports.seeds.next(),
      onLogs: (method, lines) => {
        for (const line of lines) ports.log.log("info", "application.log", { context, method, line });
      },
    });
    this.#application = replica.application;
    const { engines } = ports;
    this.#running = new RunningApplication({
      engines,
      replica,
      signer,
      migration: (next, from) =>
        next.kind === "native"
          ? this.#calls.migration(
              this.#writing(HANDLER_RUN, next, { method: MIGRATION, kind: "migration", args: from }),
            )
          : undefined,
    });
    this.#runner = this.#createRunner(connected);
  }

  /** Of the last event. */
  get sequence(): number {
    return this.#sequence;
  }

  /** When the last call ended or the last commit came; undefined while a call is under way. */
  get idleSinceMs(): number | undefined {
    return this.#underWay > 0 ? undefined : this.#usedMs;
  }

  /** Whether nothing is lost when it is closed now: nothing waits or is shown, no handler is to run, and we are a member. */
  get isSettled(): boolean {
    const { backlog, pendingSize, handlers } = this.replica;
    const waiting = this.#underWay + backlog + pendingSize + (handlers?.counts.open ?? 0);
    const isAlone = this.presence.list().length === 0;
    return isAlone && waiting === 0 && this.replica.roleOf(this.signer.publicKey) !== undefined;
  }

  info(): ContextInfo {
    const { heads, root, count } = this.replica.flushed;
    const { application } = this.replica;
    return {
      id: this.id,
      applicationId: application ? idToText(application) : "",
      rootHash: root ? idToText(root) : "",
      ...(this.#guestRoot ? { guestRoot: idToText(this.#guestRoot()) } : {}),
      heads: heads.map(idToText),
      deltas: count,
      pending: this.replica.pendingSize,
      members: this.members(),
    };
  }

  members(): { readonly publicKey: string; readonly role: string }[] {
    return [...this.replica.access().rankByMember].map(([key, rank]) => ({
      publicKey: idToText(idKeyToBytes(key)),
      role: roleOfRank(rank) ?? "none",
    }));
  }

  /** `via`: the contexts of this node whose calls led to this one. */
  execute(requestId: number, request: ExecuteRequest, via: readonly string[] = []): Promise<Result<ExecuteOutcome>> {
    return this.during(this.#execute(requestId, request, via));
  }

  async #execute(requestId: number, request: ExecuteRequest, via: readonly string[]): Promise<Result<ExecuteOutcome>> {
    if (request.executor !== undefined && request.executor !== this.#memberText) {
      return err<ApiErrorCode>(
        "NOT_A_MEMBER",
        `this node takes part as ${this.#memberText}, not as ${request.executor}`,
      );
    }
    const found = this.#running.load();
    // The engine is there at once after the first call, and then a call takes no turn of the event loop to begin.
    const loaded = found instanceof Promise ? await found : found;
    return loaded.ok ? this.#run(requestId, loaded.value, request, via) : loaded;
  }

  /** Calls `init` of an application that keeps its state itself, and has one. Another takes no arguments for it. */
  initialize(requestId: number, args: unknown): Promise<Result<null>> {
    return this.during(this.#initialize(requestId, args));
  }

  async #initialize(requestId: number, args: unknown): Promise<Result<null>> {
    const loaded = await this.#running.load();
    if (!loaded.ok) return loaded;
    if (loaded.value.kind === "native") {
      const message = "initializationParams: call a method of the application after creating";
      return isEmptyObject(args) ? ok(null) : err<ApiErrorCode>("UNSUPPORTED", message);
    }
    if (!loaded.value.engine.methods.includes("init")) return ok(null);
    const called = await this.#run(requestId, loaded.value, { contextId: this.id, method: "init", args }, []);
    return called.ok ? ok(null) : called;
  }

  /** Keeps the context from resting until this has settled. */
  during<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    return work.finally(() => {
      this.#underWay--;
      this.#usedMs = this.#ports.replicaPorts.clock.now();
    });
  }

  /** Says that the context runs this application from here on. */
  upgradeTo(applicationId: string, options: { readonly dryRun: boolean }): Promise<Result<UpgradeOutcome>> {
    return this.#running.upgradeTo(applicationId, options);
  }

  /** After a commit: runs what is due. True when it has given the context another application, which is told of. */
  onCommit(): boolean {
    this.#refersAnew = true;
    this.#wakeHandlers();
    const { application } = this.replica;
    if (!application || (this.#application && bytesEqual(application, this.#application))) return false;
    const from = this.#application;
    this.#application = application;
    if (!from) return false;
    const { log } = this.#ports;
    const told = { context: this.id, application: idToText(application) };
    log.log("info", "context.upgraded", { ...told, from: idToText(from) });
    // Loaded at once: that it is missing here is told now, and not only to the next who calls.
    void Promise.resolve(this.#running.load()).then((loaded) => {
      if (!loaded.ok) log.log("warn", "context.calls_refused", { ...told, ...loaded.error });
    });
    return true;
  }

  /** The event that tells of a flushed commit's deltas. */
  eventOf(commit: Commit, deltas: readonly CommittedDelta[]): ContextEvent {
    this.#usedMs = this.#ports.replicaPorts.clock.now();
    const bytes = deltas.reduce((sum, { delta }) => sum + delta.bytes.length, 0);
    this.budget.spendCommit(deltas.filter(({ local }) => local).length, bytes);
    return {
      contextId: this.id,
      sequence: ++this.#sequence,
      newRoot: commit.root ? idToText(commit.root) : "",
      local: deltas.length > 0 && deltas.every((delta) => delta.local),
      deltas: deltas.map(({ delta }) => idToText(delta.id)),
      events: deltas.flatMap(({ events }) => events.map(applicationEvent)),
    };
  }

  #run(
    requestId: number,
    loaded: LoadedApplication,
    request: ExecuteRequest,
    via: readonly string[],
  ): Promise<Result<ExecuteOutcome>> {
    if (loaded.kind === "guest") return this.#hostGuest(loaded).then((guest) => guest.execute(requestId, request, via));
    const { mutations, exposes } = loaded.engine.description;
    const { method } = request;
    if (via.length > 0 && !exposes.includes(method)) return Promise.resolve(notExposed(method));
    return mutations.includes(method)
      ? this.#mutate(requestId, loaded, request, via)
      : this.#query(requestId, loaded, request);
  }

  #hostGuest(loaded: LoadedGuest): Promise<HostedGuest> {
    const before = this.#guest;
    if (before && bytesEqual(before.id, loaded.id)) return before.opened;
    const opened = this.#openGuest(loaded, before?.opened);
    this.#guest = { id: loaded.id, opened };
    return opened;
  }

  /** What the application before has begun is finished first: both keep their state in one place. */
  async #openGuest(loaded: LoadedGuest, before: Promise<HostedGuest> | undefined): Promise<HostedGuest> {
    await (await before)?.close();
    const guest = await HostedGuest.open(this.#ports, this.replica, this.signer, loaded, this.budget);
    this.#guestRoot = () => guest.root;
    return guest;
  }

  async #query(requestId: number, loaded: LoadedNative, request: ExecuteRequest): Promise<Result<ExecuteOutcome>> {
    const answer = await this.#calls.query(this.#reading(requestId, loaded, request));
    return answer.ok ? ok({ output: parseOutput(answer.value), deltaId: null }) : answer;
  }

  async #mutate(
    requestId: number,
    loaded: LoadedNative,
    request: ExecuteRequest,
    via: readonly string[],
  ): Promise<Result<ExecuteOutcome>> {
    const receipt = await this.#calls.mutate(this.#writing(requestId, loaded, request), { via });
    if (!receipt.ok) return receipt;
    const { value, delta } = receipt.value;
    return ok({ output: parseOutput(value), deltaId: delta ? idToText(delta) : null });
  }

  /** To be called every second or so. */
  tick(): void {
    this.#wakeHandlers();
    if (!this.#refersAnew || !this.#described) return;
    this.#refersAnew = false;
    void this.#calls.refer(this.#described).catch((thrown) => {
      this.#ports.log.log("warn", "application.references_not_noted", { context: this.id, reason: String(thrown) });
    });
  }

  /** Runs due handlers, if there are any; called after commits and by a timer. */
  #wakeHandlers(): void {
    this.#runner?.wake();
  }

  #createRunner(connected: () => readonly PublicKey[]): HandlerRunner | undefined {
    const { handlers } = this.replica;
    if (!handlers) return undefined;
    const { log, replicaPorts } = this.#ports;
    return new HandlerRunner({
      handlers,
      self: this.signer.publicKey,
      clock: replicaPorts.clock,
      log,
      writers: () => writersOf(this.replica),
      connected,
      policyOf: async (handler) => {
        // What is spent comes back, so the handler waits rather than fails.
        const granted = this.budget.refusalToWrite() ?? this.budget.grantFuel();
        if (!granted.ok) return granted;
        const loaded = await this.#running.load();
        if (!loaded.ok) return loaded;
        if (loaded.value.kind === "guest") return ok("receivers");
        const declared = loaded.value.engine.description.handlers.find(({ name }) => name === handler);
        return ok(declared?.policy ?? "receivers");
      },
      run: async (entry, policy) => {
        const metrics = this.#ports.replicaPorts.metrics;
        const begun = metrics?.clock.now() ?? 0;
        const ran = await this.#runHandler(handlers, entry, policy);
        metrics?.histogram("node.event_handler_duration").record(metrics.clock.now() - begun);
        metrics?.counter("node.events_executed").add();
        return ran;
      },
    });
  }

  async #runHandler(handlers: Handlers, entry: OpenEntry, policy: HandlerPolicy): Promise<Result<unknown>> {
    const loaded = await this.#running.load();
    if (!loaded.ok) return loaded;
    const within: WithinCall = (run) => handlers.run(entry, run, policy);
    if (loaded.value.kind === "native") return this.#handle(within, entry, loaded.value);
    const guest = await this.#hostGuest(loaded.value);
    return guest.handle(HANDLER_RUN, entry.payload, within);
  }

  /** The handler of an event, with the event's data as its arguments. Data of another member is foreign. */
  #handle(within: WithinCall, entry: OpenEntry, loaded: LoadedNative): Promise<Result<unknown>> {
    const { data, handler: method } = entry.payload;
    const text = utf8ToString(data);
    const args = text === undefined ? undefined : parseJson(text);
    if (args?.ok)
      return this.#calls.mutate(this.#writing(HANDLER_RUN, loaded, { method, args: args.value }), { within });
    return within(() => err<ApiErrorCode>("PARAMS_INVALID", "the event's data is not JSON"));
  }

  #writing(requestId: number, loaded: LoadedNative, called: Called): EngineCall {
    const { run, ...call } = this.#reading(requestId, loaded, called);
    return { ...call, run: (moment, state) => this.budget.refusalToWrite() ?? run(moment, state) };
  }

  #reading(requestId: number, loaded: LoadedNative, called: Called): EngineCall {
    const { description } = loaded.engine;
    this.#described = description;
    return {
      method: called.method,
      description,
      run: (moment, state) => this.#native.run(requestId, loaded, called, moment, state),
    };
  }
}

function notExposed(method: string): Result<never> {
  const why = "the application does not expose it to other contexts";
  return err<ApiErrorCode>("METHOD_NOT_FOUND", `${method.slice(0, 100)}: ${why}`);
}
