/**
 * The contexts of a shard: those that are open, and those that rest and cost a few bytes until somebody needs them.
 *
 * A context is opened by a call, by a peer who shares it, by who redeems an invitation of it, and at the start when
 * handlers wait in it. It rests again when for a while nobody called, nothing was committed and no handler waits, and
 * no connected peer shares it. One that cannot be opened is told of once, and its failure is the answer from then on.
 */
import type { ApiErrorCode, ContextInfo, ContextStatus } from "@dunlin/api";
import {
  type ContextId,
  err,
  type Failure,
  idToText,
  type KeyValueStore,
  type Log,
  ok,
  type PublicKey,
  type Result,
  StoreFailure,
} from "@dunlin/core/base";
import { peekContext } from "@dunlin/core/replica";
import type { RestingContext } from "@dunlin/core/sync";
import { type ContextRecord, readContexts, removeContext, writeContext } from "./directory.ts";
import type { HostedContext } from "./hosted-context.ts";
import { notFound } from "./not-found.ts";

export interface ContextSetPorts {
  readonly store: KeyValueStore;
  readonly log: Log;
  readonly nowMs: () => number;
  /** How long nobody must have needed a context before it rests. */
  readonly idleMs: number;
  /** Opens a context and shares it; `sequence` is that of its last event. */
  readonly host: (record: ContextRecord, sequence: number) => Promise<Result<HostedContext>>;
  /** Shares a context that is not open, in place of an open one. */
  readonly share: (resting: RestingContext) => void;
  readonly unshare: (context: ContextId) => void;
  /** Whether no peer would notice that it rests. */
  readonly mayRest: (context: ContextId) => boolean;
  /** A context is here no more. */
  readonly forgotten: (context: ContextId) => Promise<void>;
  readonly statusOf: (hosted: HostedContext) => ContextStatus;
  /** How the node that redeemed our invitation was reached then. */
  readonly hint: (addresses: readonly string[]) => void;
}

/** What is told of a context while it rests. */
interface Rest {
  readonly status: ContextStatus;
  /** Of its last opening; undefined before the first. */
  readonly info: ContextInfo | undefined;
  /** Of its last event. */
  readonly sequence: number;
}

export class ContextSet {
  readonly #ports: ContextSetPorts;
  readonly #records = new Map<string, ContextRecord>();
  readonly #open = new Map<string, HostedContext>();
  readonly #opening = new Map<string, Promise<Result<HostedContext>>>();
  readonly #closing = new Map<string, Promise<void>>();
  readonly #resting = new Map<string, Rest>();
  readonly #failed = new Map<string, Failure>();

  constructor(ports: ContextSetPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#records.size;
  }

  /** Those that are open. */
  opened(): Iterable<HostedContext> {
    return this.#open.values();
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  /** The context if it is open. */
  get(id: string): HostedContext | undefined {
    return this.#open.get(id);
  }

  /** Takes in what the store holds. What is damaged is told of and left out; the others go on. */
  async load(): Promise<void> {
    const { records, damaged } = readContexts(this.#ports.store);
    for (const context of damaged)
      this.#fail(idToText(context), { code: "CONTEXT_DAMAGED", message: "the row of the context does not decode" });
    for (const record of records) await this.#take(record);
  }

  async #take(record: ContextRecord): Promise<void> {
    const { store, hint } = this.#ports;
    const id = idToText(record.context);
    const summary = peek(store, record.context);
    if (!summary.ok) return this.#fail(id, summary.error);
    // Created here, and the process ended before the first delta was flushed: nobody was told of it.
    if (!summary.value && !record.redeemer) return removeContext(store, record.context);
    this.#records.set(id, record);
    const { deltas = 0, heads = 0, hasHandlers = false } = summary.value ?? {};
    const status = { contextId: id, deltas, heads, pending: 0, equivocations: [], syncs: [] };
    this.#share(id, record, { status, info: undefined, sequence: 0 });
    hint(record.addresses);
    if (hasHandlers) await this.open(id);
  }

  /** The context, opened when it rests. */
  open(id: string): Promise<Result<HostedContext>> {
    const open = this.#open.get(id);
    if (open) return Promise.resolve(ok(open));
    const failed = this.#failed.get(id);
    if (failed) return Promise.resolve({ ok: false, error: failed });
    const record = this.#records.get(id);
    if (!record) return Promise.resolve(notFound(id));
    const opening = this.#opening.get(id) ?? this.#openNow(id, record).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  /** A context that was not here before, open. */
  async add(record: ContextRecord): Promise<Result<HostedContext>> {
    const id = idToText(record.context);
    await writeContext(this.#ports.store, record);
    this.#failed.delete(id);
    this.#records.set(id, record);
    return this.open(id);
  }

  /** As whom this node takes part. */
  memberOf(id: string): PublicKey | undefined {
    return this.#records.get(id)?.member;
  }

  async forget({ id, replica }: HostedContext): Promise<void> {
    this.#ports.unshare(replica.context);
    this.#open.delete(id);
    this.#records.delete(id);
    await replica.close();
    await removeContext(this.#ports.store, replica.context);
    await this.#ports.forgotten(replica.context);
  }

  async info(id: string): Promise<Result<ContextInfo>> {
    const known = this.#resting.get(id)?.info;
    if (known) return ok(known);
    const wasOpen = this.#open.has(id) || this.#opening.has(id);
    const opened = await this.open(id);
    if (!opened.ok) return opened;
    const info = opened.value.info();
    if (!wasOpen) setImmediate(() => this.#lookedAt(opened.value, opened.value.idleSinceMs));
    return ok(info);
  }

  /** Opened to be looked at only: a list of a thousand does not hold a thousand. Whoever came meanwhile keeps it open. */
  #lookedAt(hosted: HostedContext, sinceMs: number | undefined): void {
    const isUnused = this.#open.get(hosted.id) === hosted && hosted.idleSinceMs === sinceMs;
    if (isUnused && sinceMs !== undefined && this.#mayRest(hosted)) this.#rest(hosted);
  }

  /** One after the other. Those that cannot be opened are left out. */
  async infos(): Promise<readonly ContextInfo[]> {
    const infos: ContextInfo[] = [];
    for (const id of [...this.#records.keys()]) {
      const info = await this.info(id);
      if (info.ok) infos.push(info.value);
      await new Promise(setImmediate);
    }
    return infos;
  }

  statuses(): readonly ContextStatus[] {
    const { statusOf } = this.#ports;
    return [...this.#records.keys()].flatMap((id) => {
      const open = this.#open.get(id);
      return open ? statusOf(open) : (this.#resting.get(id)?.status ?? []);
    });
  }

  /** To be called every second or so: wakes handlers that are due, and lets rest what nobody needs. */
  tick(): void {
    const before = this.#ports.nowMs() - this.#ports.idleMs;
    for (const hosted of [...this.#open.values()]) {
      hosted.tick();
      if ((hosted.idleSinceMs ?? Number.POSITIVE_INFINITY) <= before && this.#mayRest(hosted)) this.#rest(hosted);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#opening.values(), ...this.#closing.values()]);
    for (const hosted of this.#open.values()) await hosted.replica.close();
  }

  async #openNow(id: string, record: ContextRecord): Promise<Result<HostedContext>> {
    await this.#closing.get(id);
    const hosted = await this.#ports.host(record, this.#resting.get(id)?.sequence ?? 0);
    if (hosted.ok) {
      this.#resting.delete(id);
      this.#open.set(id, hosted.value);
      return hosted;
    }
    const { code, message } = hosted.error as Failure;
    this.#fail(id, { code, message });
    this.#ports.unshare(record.context);
    return hosted;
  }

  #mayRest(hosted: HostedContext): boolean {
    return hosted.isSettled && this.#ports.mayRest(hosted.replica.context);
  }

  #rest(hosted: HostedContext): void {
    const record = this.#records.get(hosted.id);
    if (!record) return;
    const { id, sequence } = hosted;
    this.#open.delete(id);
    this.#share(id, record, { status: { ...this.#ports.statusOf(hosted), syncs: [] }, info: hosted.info(), sequence });
    this.#closing.set(
      id,
      hosted.replica.close().finally(() => this.#closing.delete(id)),
    );
  }

  #share(id: string, { context }: ContextRecord, rest: Rest): void {
    this.#resting.set(id, rest);
    this.#ports.share({ context, wake: () => void this.open(id) });
  }

  #fail(id: string, failure: Failure): void {
    this.#failed.set(id, failure);
    this.#records.delete(id);
    this.#resting.delete(id);
    const { code, message } = failure;
    this.#ports.log.log("error", "shard.context_not_opened", { context: id, code, message });
  }
}

function peek(store: KeyValueStore, context: ContextId): ReturnType<typeof peekContext> {
  try {
    return peekContext(store, context);
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return err<ApiErrorCode>("CONTEXT_DAMAGED", thrown.message);
    throw thrown;
  }
}
