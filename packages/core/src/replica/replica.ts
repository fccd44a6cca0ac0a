/**
 * One context on one machine: calls, admission of others' deltas, and what peers may read.
 *
 * Calls run at once against the state in memory, which is that of exactly the admitted deltas plus the calls that wait
 * for their flush (`committer.ts`). The graph has one door, `admission.ts`.
 */

import {
  ACTORS_PER_MEMBER_MAX,
  type AccessState,
  encodeStatement,
  type Role,
  type Statement,
} from "../access/index.ts";
import {
  type ApplicationId,
  assert,
  type ContextId,
  type DeltaId,
  err,
  type Failure,
  idKey,
  Miss,
  must,
  nextStamp,
  ok,
  type PublicKey,
  type Result,
  runLoaded,
  type Signer,
  STAMP_ZERO,
  type Stamp,
  StoreFailure,
} from "../base/index.ts";
import { type Derivation, type Document, type DocumentOptions, type Transaction, WriteRefused } from "../crdt/index.ts";
import { type GraphReader, type Order, REPLICA_ID_BYTES, type VersionVector } from "../dag/index.ts";
import type { Admission, AdmitOutcome } from "./admission.ts";
import { catchUp } from "./catch-up.ts";
import { type Commit, Committer, type Frontier } from "./committer.ts";
import { CALLS_QUEUED_MAX, ENTRY_BYTES_MAX } from "./limits.ts";
import { load, storedHashes } from "./load.ts";
import { type CountedAs, createMeters, type ReplicaMeters, timed, timedMerge, timedStage } from "./meters.ts";
import { OwnActorWriter, type StampedEntry } from "./own-actor.ts";
import type { EntryEvent } from "./payload.ts";
import type { ReplicaPorts } from "./ports.ts";
import { type HashedMark, orderKey, tablePrefix } from "./rows.ts";
import { Turn } from "./turn.ts";

export type ReplicaErrorCode =
  /** The member may not do this as things stand here. */
  | "ACCESS_DENIED"
  /** More calls wait than the replica takes: try again later. */
  | "CALLS_OVERLOADED"
  /** The flush failed or the context was closed: whether the call is durable is not known. */
  | "REPLICA_CLOSED";

/** What is derived from the state has its rows written in the same batch as the cells. */
export interface ReplicaOptions extends Omit<DocumentOptions, "hashes"> {
  readonly context: ContextId;
  /** The member that this installation writes as. */
  readonly signer: Signer;
  /** Names where the store is; another place means another actor. */
  readonly place: string;
}

/** What a call did: its events when it is to be kept, or the failure that takes it back. */
export type CallOutcome<T> =
  | { readonly ok: true; readonly value: T; readonly events: readonly EntryEvent[] }
  | { readonly ok: false; readonly error: Failure };

export interface CallMeta {
  readonly stamp: Stamp;
  readonly wallMs: number;
}

export type RunCall<T> = (transaction: Transaction, meta: CallMeta) => CallOutcome<T>;

export interface CallReceipt<T> {
  readonly value: T;
  /** The delta that holds what the call wrote; undefined when it wrote nothing. */
  readonly delta: DeltaId | undefined;
}

/** Deltas as on the wire; `more` when a limit cut them short. */
export interface DeltaPage {
  readonly deltas: readonly Uint8Array[];
  readonly more: boolean;
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T; readonly entry: StampedEntry | undefined }
  | { readonly ok: false; readonly error: Failure };

interface Queued {
  readonly run: () => void;
  readonly fail: (failure: Failure) => void;
}

interface Opened {
  readonly document: Document;
  readonly admission: Admission;
  readonly writer: OwnActorWriter;
  readonly acknowledged: number;
  readonly stampHigh: Stamp;
  readonly hashed: HashedMark | undefined;
}

export class Replica {
  readonly context: ContextId;
  readonly member: PublicKey;
  readonly #ports: ReplicaPorts;
  readonly #meters: ReplicaMeters | undefined;
  readonly #document: Document;
  readonly #admission: Admission;
  readonly #writer: OwnActorWriter;
  readonly #committer: Committer;
  readonly #derivation: Derivation | undefined;
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #queue: Queued[] = [];
  readonly #turn: Turn;
  /** What needs the turn and is not in the committer: calls that wait for a page, and work. */
  #underWay = 0;
  #newsCount = 0;

  private constructor(ports: ReplicaPorts, options: ReplicaOptions, opened: Opened) {
    this.context = options.context;
    this.member = options.signer.publicKey;
    this.#ports = ports;
    this.#meters = ports.metrics && createMeters(ports.metrics);
    this.#document = opened.document;
    this.#admission = opened.admission;
    this.#writer = opened.writer;
    const { context, place, derivation } = options;
    this.#derivation = derivation;
    const state = { ...opened, context, place, derivation };
    this.#committer = new Committer(ports, state, (commit) => this.#onFlush(commit));
    this.#turn = new Turn({
      turns: ports.store.turns,
      catchUp: () => this.#catchUp(),
      onBegin: () => this.#onTurn(),
      onNews: () => this.#onNews(),
      onFailure: (thrown) => this.#fail(thrown),
    });
  }

  /** Opens what the store holds of the context; empty when it holds nothing. Refuses a damaged one. */
  static async open(ports: ReplicaPorts, options: ReplicaOptions): Promise<Result<Replica>> {
    const loaded = await runLoaded(ports.store, () => load(ports, options.context, options));
    if (!loaded.ok) return loaded;
    const { document, admission, meta } = loaded.value;
    const member = idKey(options.signer.publicKey);
    const own =
      meta?.place === options.place && meta.actor && idKey(meta.actor.member) === member ? meta.actor : undefined;
    const writer = new OwnActorWriter(
      ports.crypto,
      options.signer,
      own?.replica ?? ports.random.bytes(REPLICA_ID_BYTES),
    );
    const stampHigh = meta?.stampHigh ?? STAMP_ZERO;
    const { hashed } = meta ?? {};
    const opened = { document, admission, writer, acknowledged: own?.acknowledged ?? 0, stampHigh, hashed };
    return ok(new Replica(ports, options, opened));
  }

  /** The last flushed commit: the only state that anybody outside is told of. */
  get flushed(): Frontier {
    return this.#committer.flushed;
  }

  /** Why nothing is taken in any more; undefined while all is well. */
  get closed(): Failure | undefined {
    return this.#committer.closed;
  }

  get pendingSize(): number {
    return this.#admission.pending.size;
  }

  /** The admitted deltas and what they follow, flushed or not. */
  get graph(): GraphReader {
    return this.#admission.graph;
  }

  /** Whether deltas that are ready wait for a page of the state. */
  get isStalled(): boolean {
    return this.#admission.isStalled;
  }

  /** Deltas that share actor and sequence with another: proofs of equivocation. */
  get forks(): number {
    return this.#admission.graph.forks.length;
  }

  /** Calls and deltas that wait for a flush or for a place in one. */
  get backlog(): number {
    return this.#committer.backlog + this.#queue.length;
  }

  /** The state, for reading: it shows calls before their flush. */
  get document(): Document {
    return this.#document;
  }

  get application(): ApplicationId | undefined {
    return this.access().application as ApplicationId | undefined;
  }

  /** Members and actors as all admitted deltas together have them. */
  access(): AccessState {
    return this.#admission.cuts.stateAt(this.#admission.headsCut());
  }

  roleOf(member: PublicKey): Role | undefined {
    return this.#admission.cuts.roleAt(this.#admission.headsCut(), member);
  }

  has(key: string): boolean {
    return this.#admission.graph.has(key);
  }

  /** True for what is admitted, and for what waits here. */
  holds(key: string): boolean {
    return this.has(key) || this.#admission.pending.has(key);
  }

  /** Last sequences of what is admitted here, flushed or not. */
  vector(): VersionVector {
    return this.#admission.graph.vector();
  }

  /** The same with what is proven and waits: what need not be asked for. What it waits for is asked for by id. */
  heldVector(): VersionVector {
    return this.#admission.pending.extend(this.vector());
  }

  missingFrontier(limit: number): DeltaId[] {
    return this.#admission.pending.missingFrontier(limit);
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs a call in a transaction of its own. A failed outcome, or a write that the state refuses, leaves no trace. The
   * receipt comes after the flush that covers what the call wrote and what it may have read.
   */
  call<T>(run: RunCall<T>, counted: CountedAs | undefined = this.#meters?.call): Promise<Result<CallReceipt<T>>> {
    return new Promise((settle) => {
      const resolve = timed(counted, settle);
      const fail = (failure: Failure): void => resolve({ ok: false, error: failure });
      const finish = (outcome: Attempt<T>): void => {
        if (!outcome.ok) return fail(outcome.error);
        const { value, entry } = outcome;
        if (!entry && !this.#committer.busy) return resolve(ok({ value, delta: undefined }));
        this.#committer.join({ entry, settle: (delta) => resolve(ok({ value, delta })), fail });
      };
      this.#enqueue({ run: () => this.#execute(run, finish), fail });
    });
  }

  /** Says something of membership; this node's member must be an admin. */
  declare(statement: Statement): Promise<Result<DeltaId>> {
    return new Promise((resolve) => {
      const fail = (failure: Failure): void => resolve({ ok: false, error: failure });
      const run = (): void => {
        if (this.roleOf(this.member) !== "admin") {
          return fail({ code: "ACCESS_DENIED", message: "only an admin of the context may change its members" });
        }
        const entry: StampedEntry = { kind: "access", statement: encodeStatement(statement) };
        const settle = (delta: DeltaId | undefined): void => resolve(ok(must(delta, "an access entry makes a delta")));
        this.#committer.join({ entry, settle, fail });
      };
      this.#enqueue({ run, fail });
    });
  }

  /** Whether others have the store open too: then `admit` needs `inTurn`. */
  get isShared(): boolean {
    return this.#ports.store.turns !== undefined;
  }

  /**
   * Runs `work` when this replica may write, having taken in what other openers of the store committed; nobody else
   * commits before it has ended. Needed around `admit`, and around commits to the store itself, where the
   * store has `turns`. Rejects when the replica is closed.
   */
  inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = ({ code, message }: Failure): void => reject(new Error(`${code}: ${message}`));
      const run = (): void => {
        this.#underWay++;
        const done = (async (): Promise<T> => work())();
        done.then(resolve, reject).finally(() => {
          this.#underWay--;
          this.#rest();
        });
      };
      this.#enqueue({ run, fail });
    });
  }

  /** Takes in a delta from a peer. What is admitted is committed behind this call; `settled` tells when. */
  admit(bytes: Uint8Array): AdmitOutcome {
    if (this.closed) return { kind: "refused", error: this.closed };
    assert(this.#turn.isMine, "a replica of a shared store admits in its turn: use `inTurn`");
    return timedMerge(this.#meters?.merge, () => this.#stage(this.#admission.admit(bytes, this.#ports.clock.now())));
  }

  /** Takes in what was stamped ahead of the clock and is no longer; in the next turn, when it is another's now. */
  releaseEarly(): AdmitOutcome {
    if (!this.#turn.isMine) return { kind: "admitted", admitted: [], refused: [] };
    return this.#stage(this.#admission.releaseEarly(this.#ports.clock.now()));
  }

  /** Flushed deltas that a peer with `vector` lacks, oldest first: up to `bytesMax`, but at least one. */
  missingFrom(vector: VersionVector, bytesMax: number): DeltaPage {
    return this.#read(this.#admission.graph.missingFrom(vector), bytesMax);
  }

  /** The named deltas that are here and flushed, oldest first, as far as `bytesMax` goes. */
  byKey(keys: readonly string[], bytesMax: number): DeltaPage {
    const orders = keys.flatMap((key) => this.#admission.graph.orderOf(key) ?? []);
    return this.#read(
      orders.sort((a, b) => a - b),
      bytesMax,
    );
  }

  /** Own deltas that no other member has said to have flushed: the outbox. */
  outboxSize(): number {
    return this.#ownSequence() - this.#committer.acknowledged;
  }

  /** Another member has flushed what `vector` says: own deltas that it covers leave the outbox. */
  acknowledge(vector: VersionVector): void {
    this.#committer.acknowledge(Math.min(vector.get(this.#writer.actorKey) ?? 0, this.#ownSequence()));
  }

  /** Resolves once everything accepted so far is flushed, or has failed. */
  settled(): Promise<void> {
    return this.#committer.settled();
  }

  /** Waits for what is under way, refuses what comes after. The store stays open: it is the caller's. */
  async close(): Promise<void> {
    await this.#committer.close({ code: "REPLICA_CLOSED", message: "the context was closed" }, this.#turn.isMine);
    this.#failQueue();
    this.#turn.close();
  }

  #enqueue(queued: Queued): void {
    if (this.closed) return queued.fail(this.closed);
    if (this.#queue.length >= CALLS_QUEUED_MAX) {
      return queued.fail({ code: "CALLS_OVERLOADED", message: `${CALLS_QUEUED_MAX} calls wait already; try later` });
    }
    if (this.#turn.isMine && this.#committer.hasRoom && this.#queue.length === 0) return queued.run();
    this.#queue.push(queued);
    this.#turn.ask();
  }

  #onTurn(): void {
    // What waited here for deltas that another opener admitted.
    this.#stage(this.#admission.resume());
    this.#stage(this.#admission.releaseEarly(this.#ports.clock.now()));
    this.#drain();
  }

  #drain(): void {
    while (this.#turn.isMine && this.#committer.hasRoom && this.#queue.length > 0) {
      must(this.#queue.shift(), "not empty").run();
    }
    this.#rest();
  }

  /** Gives the turn away when nothing is under way. */
  #rest(): void {
    if (this.#underWay === 0 && this.#queue.length === 0 && !this.#committer.busy) this.#turn.end();
  }

  #onNews(): void {
    this.#newsCount++;
    this.#committer.isBehind = true;
    this.#document.forgetHashes(undefined);
  }

  /** Where another opener of the store has committed: its deltas, told of like any others. */
  async #catchUp(): Promise<void> {
    const taken = this.#newsCount;
    const news = await catchUp(this.#ports, this.context, this.#document, this.#admission);
    if (!news.ok) throw new StoreFailure("STORE_CORRUPT", news.error.message);
    if (this.#newsCount === taken) this.#committer.isBehind = false;
    if (!news.value) return;
    const { hashed } = news.value.meta;
    this.#document.forgetHashes(hashed && storedHashes(this.#ports, this.context, hashed));
    // What these joins made of the cells, and what follows from it, is in the store already.
    this.#document.takeDirty();
    this.#derivation?.onForeign();
    const commit = this.#committer.adopt(news.value.meta, news.value.deltas);
    for (const listener of this.#listeners) listener(commit);
  }

  #fail(thrown: unknown): void {
    const message = `the store failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    this.#committer.die({ code: "REPLICA_CLOSED", message });
    this.#failQueue();
  }

  #failQueue(): void {
    const failure = must(this.closed, "a replica that takes nothing in is closed");
    for (const queued of this.#queue.splice(0)) queued.fail(failure);
  }

  #execute<T>(run: RunCall<T>, finish: (outcome: Attempt<T>) => void): void {
    const refusal = this.#mayNotWrite();
    if (refusal) return finish(err<ReplicaErrorCode>("ACCESS_DENIED", refusal));
    const attempt = runLoaded(this.#ports.store, () => this.#attempt(run));
    if (!(attempt instanceof Promise)) return finish(attempt);
    this.#underWay++;
    const loaded = (outcome: Attempt<T>): void => {
      this.#underWay--;
      finish(outcome);
      this.#rest();
    };
    attempt.then(loaded, (thrown) => loaded(err("REPLICA_CLOSED", String(thrown))));
  }

  /** Judged before anything runs, by what others will judge the delta by: no write is made that they would refuse. */
  #mayNotWrite(): string | undefined {
    const cut = this.#admission.headsCut();
    const role = this.#admission.cuts.roleAt(cut, this.member);
    if (role !== "writer" && role !== "admin") return "this node's member may not write to the context";
    const enrols = this.#admission.cuts.mayEnrol(cut, this.member, this.#writer.actorKey);
    return enrols ? undefined : `this member writes from ${ACTORS_PER_MEMBER_MAX} installations already`;
  }

  /** One run in one transaction; a `Miss` passes through after the transaction has been taken back. */
  #attempt<T>(run: RunCall<T>): Attempt<T> {
    const wallMs = this.#ports.clock.now();
    // A call that changed nothing in the end has used up a stamp that no commit knows of.
    const stamp = nextStamp(Math.max(this.#committer.stampHigh, this.#document.lastStamp) as Stamp, wallMs);
    const transaction = this.#document.begin({ stamp, actor: this.#writer.actor, member: this.member });
    let committed = false;
    try {
      const outcome = run(transaction, { stamp, wallMs });
      if (!outcome.ok) return outcome;
      const joins = timedStage(this.#meters?.encode, () => transaction.commit(ENTRY_BYTES_MAX));
      committed = true;
      if (!joins && outcome.events.length === 0) return { ok: true, value: outcome.value, entry: undefined };
      const entry = { kind: "call", stamp, joins: joins ?? new Uint8Array(0), events: outcome.events } as const;
      return { ok: true, value: outcome.value, entry };
    } catch (thrown) {
      if (thrown instanceof WriteRefused) return err(thrown.code, thrown.message);
      if (thrown instanceof Miss) this.#meters?.call.meter.retry();
      throw thrown;
    } finally {
      if (!committed) transaction.rollback();
    }
  }

  #stage(outcome: AdmitOutcome): AdmitOutcome {
    if (outcome.kind !== "admitted") return outcome;
    this.#committer.stage(outcome.admitted);
    if (outcome.miss) {
      this.#underWay++;
      this.#ports.store.load(outcome.miss).then(
        () => {
          this.#underWay--;
          this.#stage(this.#admission.resume());
        },
        (thrown) => this.#fail(thrown),
      );
    }
    this.#rest();
    return outcome;
  }

  #onFlush(commit: Commit): void {
    if (commit.deltas.length > 0) for (const listener of this.#listeners) listener(commit);
    this.#drain();
  }

  #read(orders: readonly Order[], bytesMax: number): DeltaPage {
    // After a failed flush the store answers nothing more.
    if (this.closed) return { deltas: [], more: false };
    const log = tablePrefix(this.context, "d");
    const { count } = this.flushed;
    const deltas: Uint8Array[] = [];
    let bytes = 0;
    for (const order of orders) {
      if (order >= count) break;
      const delta = this.#stored(orderKey(log, order));
      if (!delta) return { deltas, more: true };
      if (deltas.length > 0 && bytes + delta.length > bytesMax) return { deltas, more: true };
      deltas.push(delta.slice());
      bytes += delta.length;
    }
    return { deltas, more: false };
  }

  /** A row that is there; undefined while its page is being loaded, which whoever asked will ask for again. */
  #stored(key: Uint8Array): Uint8Array | undefined {
    try {
      return must(this.#ports.store.get(key), "a flushed delta is in the store");
    } catch (thrown) {
      if (!(thrown instanceof Miss)) throw thrown;
      void this.#ports.store.load(thrown);
      return undefined;
    }
  }

  #ownSequence(): number {
    const { graph } = this.#admission;
    const tip = graph.tipOf(this.#writer.actorKey);
    return tip === undefined ? 0 : graph.sequenceOf(tip);
  }
}
