/**
 * One context as this node takes part in it: its replica, and the calls that run its application on it.
 *
 * A mutation runs inside the replica's transaction and is acknowledged after its flush. A query runs on the state in
 * memory, which shows calls before their flush. The application's code runs with no store transaction open.
 */
import type {
  ApiErrorCode,
  ApplicationEvent,
  ContextEvent,
  ContextInfo,
  ExecuteOutcome,
  ExecuteRequest,
} from "@dunlin/api";
import { roleOfRank } from "@dunlin/core/access";
import {
  err,
  idKeyToBytes,
  idToText,
  type Log,
  ok,
  type Result,
  runLoaded,
  type Signer,
  stampToMs,
  utf8,
  utf8ToString,
} from "@dunlin/core/base";
import type {
  CallMeta,
  CallOutcome,
  Commit,
  CommittedDelta,
  EntryEvent,
  Replica,
  ReplicaPorts,
} from "@dunlin/core/replica";
import type { CallError, CallRequest, Engine, GuestBlobs, CallOutcome as GuestOutcome } from "@dunlin/runtime";
import { monotonicMs } from "../messages.ts";
import { ApplicationState } from "./application-state.ts";
import type { Engines, LoadedApplication } from "./engines.ts";
import { HostedGuest } from "./guest/hosted-guest.ts";
import type { Seeds } from "./seeds.ts";

export interface HostedPorts {
  readonly replicaPorts: ReplicaPorts;
  readonly engines: Engines;
  readonly seeds: Seeds;
  readonly log: Log;
  readonly callTimeMs: number;
  readonly blobs: GuestBlobs;
  /** Marks what runs guest code, for the watchdog. */
  readonly watch: <T>(requestId: number, run: () => T) => T;
}

export class HostedContext {
  readonly id: string;
  readonly replica: Replica;
  readonly signer: Signer;
  readonly #ports: HostedPorts;
  readonly #memberText: string;
  #guest: Promise<HostedGuest> | undefined;
  #sequence = 0;

  constructor(ports: HostedPorts, replica: Replica, signer: Signer) {
    this.id = idToText(replica.context);
    this.replica = replica;
    this.signer = signer;
    this.#ports = ports;
    this.#memberText = idToText(signer.publicKey);
  }

  info(): ContextInfo {
    const { heads, root, count } = this.replica.flushed;
    const { application } = this.replica;
    return {
      id: this.id,
      applicationId: application ? idToText(application) : "",
      rootHash: root ? idToText(root) : "",
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

  async execute(requestId: number, request: ExecuteRequest): Promise<Result<ExecuteOutcome>> {
    if (request.executor !== undefined && request.executor !== this.#memberText) {
      return err<ApiErrorCode>(
        "NOT_A_MEMBER",
        `this node takes part as ${this.#memberText}, not as ${request.executor}`,
      );
    }
    const { application } = this.replica;
    if (!application)
      return err<ApiErrorCode>("CONTEXT_UNINITIALIZED", "the context's first delta has not arrived yet");
    const found = this.#ports.engines.get(application);
    // The engine is there at once after the first call, and then a call takes no turn of the event loop to begin.
    if (!(found instanceof Promise)) return this.#run(requestId, found, request);
    const loaded = await found;
    return loaded.ok ? this.#run(requestId, loaded.value, request) : loaded;
  }

  /** The event that tells of a flushed commit's deltas. */
  eventOf(commit: Commit, deltas: readonly CommittedDelta[]): ContextEvent {
    return {
      contextId: this.id,
      sequence: ++this.#sequence,
      newRoot: commit.root ? idToText(commit.root) : "",
      local: deltas.every((delta) => delta.local),
      deltas: deltas.map(({ delta }) => idToText(delta.id)),
      events: deltas.flatMap(({ events }) => events.map(applicationEvent)),
    };
  }

  async #run(requestId: number, loaded: LoadedApplication, request: ExecuteRequest): Promise<Result<ExecuteOutcome>> {
    if (loaded.kind === "guest") {
      this.#guest ??= HostedGuest.open(this.#ports, this.replica, this.signer, loaded.engine);
      return (await this.#guest).execute(requestId, request);
    }
    const { engine } = loaded;
    return engine.description.mutations.includes(request.method)
      ? this.#mutate(requestId, engine, request)
      : this.#query(requestId, engine, request);
  }

  async #query(requestId: number, engine: Engine, request: ExecuteRequest): Promise<Result<ExecuteOutcome>> {
    const call = this.#callRequest(request, this.#ports.replicaPorts.clock.now());
    const outcome = await runLoaded(this.#ports.replicaPorts.store, () =>
      this.#ports.watch(requestId, () => engine.call(call, new ApplicationState(this.replica.document, false))),
    );
    if (!outcome.ok) return { ok: false, error: describe(outcome.error) };
    this.#tellLogs(request.method, outcome);
    return ok({ output: parseOutput(outcome.output), deltaId: null });
  }

  async #mutate(requestId: number, engine: Engine, request: ExecuteRequest): Promise<Result<ExecuteOutcome>> {
    const receipt = await this.replica.call<unknown>((transaction, meta: CallMeta): CallOutcome<unknown> => {
      const call = this.#callRequest(request, stampToMs(meta.stamp));
      const state = new ApplicationState(transaction, true);
      const outcome = this.#ports.watch(requestId, () => engine.call(call, state));
      if (!outcome.ok) return { ok: false, error: describe(outcome.error) };
      this.#tellLogs(request.method, outcome);
      return { ok: true, value: parseOutput(outcome.output), events: outcome.events.map(entryEvent) };
    });
    if (!receipt.ok) return receipt;
    const { value, delta } = receipt.value;
    return ok({ output: value, deltaId: delta ? idToText(delta) : null });
  }

  #callRequest(request: ExecuteRequest, nowMs: number): CallRequest {
    return {
      method: request.method,
      args: request.args === undefined || request.args === null ? "" : JSON.stringify(request.args),
      caller: this.#memberText,
      nowMs,
      seed: this.#ports.seeds.next(),
      timeLimitMs: this.#ports.callTimeMs,
      monotonicMs,
    };
  }

  #tellLogs(method: string, outcome: Extract<GuestOutcome, { ok: true }>): void {
    for (const line of outcome.logs) this.#ports.log.log("info", "application.log", { context: this.id, method, line });
  }
}

function entryEvent(event: { readonly kind: string; readonly data: string; readonly handler?: string }): EntryEvent {
  return { kind: event.kind, data: utf8(event.data), handler: event.handler ?? "" };
}

/** Events of other members are foreign: data that is no text is shown as none. */
function applicationEvent(event: EntryEvent): ApplicationEvent {
  return { kind: event.kind, data: utf8ToString(event.data) ?? "null", handler: event.handler || null };
}

function parseOutput(output: string | null): unknown {
  return output === null ? null : JSON.parse(output);
}

/** An application's failure with the author's file and line, innermost first. */
function describe(error: CallError): { readonly code: string; readonly message: string } {
  const [at] = error.stack;
  const place = at ? ` (${at.file}:${at.line}:${at.column})` : "";
  return { code: error.code, message: `${error.message}${place}` };
}
