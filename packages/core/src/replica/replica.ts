/**
 * One context on one machine: calls, admission of others' deltas, and what peers may read.
 *
 * Calls run at once against the state in memory, which is that of exactly the admitted deltas plus the calls that wait
 * for their flush (`committer.ts`). The graph has one door, `admission.ts`.
 */
import type { Statement } from "../access/index.ts";
import {
  assert,
  type DeltaId,
  err,
  type Failure,
  must,
  ok,
  type PublicKey,
  type Result,
  runLoaded,
} from "../base/index.ts";
import type { Document } from "../crdt/index.ts";
import type { VersionVector } from "../dag/index.ts";
import {
  type Attempt,
  attempt,
  type CallHost,
  type CallMoment,
  type CallReason,
  type CallReceipt,
  type RunCall,
  refusalToWrite,
} from "./call.ts";
import { CallQueue, type Queued } from "./call-queue.ts";
import { catchUp } from "./catch-up.ts";
import { Compactor, type CompactorHost } from "./checkpoint/compactor.ts";
import { Chores } from "./chores.ts";
import { refusedAll, unlessDamaged } from "./closing.ts";
import type { Commit, Frontier } from "./commit.ts";
import { Committer } from "./committer.ts";
import { ContextView } from "./context-view.ts";
import { Handlers } from "./ledger/handlers.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { storedHashes } from "./load.ts";
import { type CountedAs, createMeters, type ReplicaMeters, timed, timedMerge } from "./meters.ts";
import { type Opened, openParts, type ReplicaOptions } from "./open.ts";
import { type AdmitOutcome, type BatchOutcome, NOTHING_TAKEN, outcomeOfOne } from "./outcome.ts";
import type { OwnActorWriter } from "./own-actor.ts";
import type { ReplicaPorts } from "./ports.ts";
import type { Reissues } from "./reissue.ts";
import { tablePrefix } from "./rows.ts";
import { Sayings } from "./sayings.ts";
import { Turn } from "./turn.ts";

export type ReplicaErrorCode =
  /** The member may not do this as things stand here. */
  | "ACCESS_DENIED"
  /** More calls wait than the replica takes: try again later. */
  | "CALLS_OVERLOADED"
  /** The flush failed or the context was closed: whether the call is durable is not known. */
  | "REPLICA_CLOSED";

export class Replica extends ContextView {
  readonly member: PublicKey;
  /** The handlers that are to run here on events; undefined unless `keepsLedger`. */
  readonly handlers: Handlers | undefined;
  override readonly checkpoints: Compactor;
  readonly #meters: ReplicaMeters | undefined;
  readonly #document: Document;
  readonly #writer: OwnActorWriter;
  readonly #sayings: Sayings;
  readonly #host: CallHost;
  readonly #committer: Committer;
  readonly #chores: Chores;
  readonly #reissues: Reissues;
  readonly #parts: CompactorHost;
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #queue = new CallQueue();
  readonly #turn: Turn;
  /** What needs the turn and is not in the committer: calls that wait for a page, and work. */
  #underWay = 0;
  #newsCount = 0;

  private constructor(ports: ReplicaPorts, options: ReplicaOptions, opened: Opened) {
    super(ports, options, opened);
    this.member = options.signer.publicKey;
    this.#meters = ports.metrics && createMeters(ports.metrics);
    this.#document = opened.document;
    this.#writer = opened.writer;
    this.#reissues = opened.reissues;
    const { admission, writer } = opened;
    this.#host = { ...opened, member: this.member, meters: this.#meters };
    const { context, place, derivation, compactAfter, joinsFrom } = options;
    const isSettled = (): boolean => this.checkpoints.isSettled;
    const state = { ...opened, context, place, derivation, keepsRoots: options.keepsRoots === true, isSettled };
    this.#committer = new Committer(ports, state, (commit) => this.#onFlush(commit));
    const { clock, log, random } = ports;
    const { member, receipts } = this;
    this.#chores = new Chores({ clock, log, random, member, admission, writer, receipts, committer: this.#committer });
    this.handlers = opened.ledger && this.#handlersOf(opened.ledger);
    this.#turn = new Turn({
      turns: ports.store.turns,
      catchUp: () => this.#catchUp(),
      onBegin: () => this.#onTurn(),
      onNews: () => this.#onNews(),
      onFailure: (thrown) => this.#fail(thrown),
    });
    const enqueue = (queued: Queued): void => this.#enqueue(queued);
    this.#sayings = new Sayings({ admission, member, committer: this.#committer, enqueue });
    const say = (statement: Uint8Array): Promise<Result<DeltaId>> =>
      this.#sayings.say(
        () => [{ kind: "access", statement }],
        () => refusalToWrite(this.#host),
      );
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => this.inTurn(work);
    this.#parts = { ...this.#host, ...state, ports, committer: this.#committer, compactAfter, joinsFrom, say, inTurn };
    this.checkpoints = new Compactor(this.#parts, opened);
  }

  /** Opens what the store holds of the context; empty when it holds nothing. Refuses a damaged one. */
  static async open(ports: ReplicaPorts, options: ReplicaOptions): Promise<Result<Replica>> {
    const opened = await openParts(ports, options);
    if (!opened.ok) return opened;
    const replica = new Replica(ports, options, opened.value);
    if (replica.#turn.isMine) replica.#stage(() => replica.admission.resume());
    replica.checkpoints.start();
    return ok(replica);
  }

  override get flushed(): Frontier {
    return this.#committer.flushed;
  }

  override get closed(): Failure | undefined {
    return this.#committer.closed;
  }

  /** Calls and deltas that wait for a flush or for a place in one. */
  get backlog(): number {
    return this.#committer.backlog + this.#queue.length;
  }

  /** The state, for reading: it shows calls before their flush. */
  get document(): Document {
    return this.#document;
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
    return this.#call(run, { counted });
  }

  #handlersOf(ledger: Ledger): Handlers {
    return new Handlers(ledger, {
      clock: this.ports.clock,
      idOf: (order) => this.admission.graph.idOf(order),
      call: (run, cause, isTold) => this.#call(run, { counted: this.#meters?.call, cause, isTold }),
      mark: (rows) => this.#committer.mark(rows),
      settled: () => this.#committer.settled(),
      isClosed: () => this.closed !== undefined,
    });
  }

  #call<T>(run: RunCall<T>, why: CallReason): Promise<Result<CallReceipt<T>>> {
    return new Promise((settle) => {
      const resolve = timed(why.counted, settle);
      const fail = (failure: Failure): void => resolve({ ok: false, error: failure });
      const finish = (outcome: Attempt<T>): void => {
        if (!outcome.ok) return fail(outcome.error);
        const { value, entry, stamp, beside: wrote } = outcome;
        why.onDone?.();
        if (!entry && !wrote && !this.#committer.busy) return resolve(ok({ value, delta: undefined }));
        const beside = wrote && { wrote, stamp };
        this.#committer.join({ entry, beside, settle: (delta) => resolve(ok({ value, delta })), fail });
      };
      this.#enqueue({ run: () => this.#execute(run, why, finish), fail });
    });
  }

  /**
   * Says something of membership, if this node's member has the right to. Whoever is added is handed the keys in use in
   * the same delta.
   */
  declare(statement: Statement): Promise<Result<DeltaId>> {
    return this.#sayings.declare(statement);
  }

  /** What `handOverKeys` gave at the node of `sealer`: kept, and what waited for a key goes on. */
  async takeOverKeys(sealer: PublicKey, handed: Uint8Array): Promise<void> {
    const kept = this.admission.sealing.takeOver(sealer, handed);
    if (kept.length === 0) return;
    await this.ports.store.commit([{ kind: "put", key: tablePrefix(this.context, "s"), value: kept }]);
    if (!this.closed) this.#stage(() => this.admission.unlock());
  }

  /** Whether others have the store open too: then `admit` needs `inTurn`. */
  get isShared(): boolean {
    return this.ports.store.turns !== undefined;
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
        this.#during((async (): Promise<T> => work())().then(resolve, reject));
      };
      this.#enqueue({ run, fail });
    });
  }

  /** Takes in a delta from a peer. What is admitted is committed behind this call; `settled` tells when. */
  admit(bytes: Uint8Array): AdmitOutcome {
    return outcomeOfOne(this.admitMany([bytes]));
  }

  /** Takes in deltas that came together: one check of a signature for each of their actors, and one commit. */
  admitMany(batch: readonly Uint8Array[]): BatchOutcome {
    if (this.closed) return refusedAll(batch, this.closed);
    assert(this.#turn.isMine, "a replica of a shared store admits in its turn: use `inTurn`");
    const admit = () => this.#stage(() => this.admission.admitMany(batch, this.ports.clock.now()));
    const outcome = timedMerge(this.#meters?.merge, admit);
    return this.closed ? refusedAll(batch, this.closed) : outcome;
  }

  /** Takes in what was stamped ahead of the clock and is no longer; in the next turn, when it is another's now. */
  releaseEarly(): BatchOutcome {
    if (!this.#turn.isMine) return NOTHING_TAKEN;
    return this.#stage(() => this.admission.releaseEarly(this.ports.clock.now()));
  }

  /** What comes of time alone, to be called about once a second. */
  tick(): void {
    if (this.closed || !this.#turn.isMine) return;
    this.releaseEarly();
    this.#chores.tick();
    if (this.#reissues.isDue && refusalToWrite(this.#host) === undefined) this.#issueAgain();
  }

  /** What a copy of the store and this one wrote as one actor, and lost of it. */
  #issueAgain(): void {
    const { run, onDone } = this.#reissues.asCall(this.#document, (call) => this.#committer.join(call));
    void this.#call(run, { counted: this.#meters?.call, onDone }).then(({ ok }) => this.#reissues.settle(ok));
  }

  /** The actor as which this copy writes. */
  get actorKey(): string {
    return this.#writer.actorKey;
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
    await this.checkpoints.close();
    await this.#committer.close({ code: "REPLICA_CLOSED", message: "the context was closed" }, this.#turn.isMine);
    this.#failQueue();
    this.#turn.close();
    this.receipts.close(must(this.closed, "a closed replica says why"));
  }

  #enqueue(queued: Queued): void {
    if (this.closed) return queued.fail(this.closed);
    if (this.#turn.isMine && this.#committer.hasRoom && this.#queue.length === 0) return queued.run();
    if (this.#queue.push(queued)) this.#turn.ask();
  }

  #onTurn(): void {
    // What waited here for deltas that another opener admitted.
    this.#stage(() => this.admission.resume());
    this.#stage(() => this.admission.releaseEarly(this.ports.clock.now()));
    this.#drain();
  }

  #drain(): void {
    while (this.#turn.isMine && this.#committer.hasRoom && this.#queue.length > 0) {
      this.#queue.next().run();
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
    const news = await catchUp(this.#parts, this.checkpoints);
    if (this.#newsCount === taken) this.#committer.isBehind = false;
    if (!news) return;
    const { hashed } = news.meta;
    this.#document.forgetHashes(
      hashed && storedHashes(this.ports, this.context, hashed, (delta) => this.admission.sealing.read(delta) ?? []),
    );
    // What these joins made of the cells, and what follows from it, is in the store already.
    this.#document.takeDirty();
    await this.#parts.derivation?.onForeign();
    const commit = this.#committer.adopt(news.meta, news.deltas);
    for (const listener of this.#listeners) listener(commit);
  }

  #fail(thrown: unknown): void {
    this.#committer.dieOf(thrown);
    this.#failQueue();
  }

  #failQueue(): void {
    this.#queue.fail(must(this.closed, "a replica that takes nothing in is closed"));
  }

  #execute<T>(run: RunCall<T>, why: CallReason, finish: (outcome: Attempt<T>) => void): void {
    const refusal = refusalToWrite(this.#host);
    if (refusal) return finish({ ok: false, error: refusal });
    // Told in the turn of its transaction: a commit in between would hold the cells of a write and not its delta.
    const { store, clock } = this.ports;
    const moment = (): CallMoment => ({ ...why, stampHigh: this.#committer.stampHigh, wallMs: clock.now() });
    const loading = runLoaded(store, () => finish(attempt(this.#host, run, moment())));
    if (!(loading instanceof Promise)) return;
    this.#during(loading.catch((thrown) => finish(err("REPLICA_CLOSED", String(thrown)))));
  }

  /** Keeps the turn until this has settled. */
  #during(work: Promise<unknown>): void {
    this.#underWay++;
    const rest = (): void => {
      this.#underWay--;
      this.#rest();
    };
    work.then(rest, rest);
  }

  #stage(admit: () => BatchOutcome): BatchOutcome {
    const outcome = unlessDamaged(admit, (damage) => this.#fail(damage));
    if (!outcome) return NOTHING_TAKEN;
    this.#committer.stage(outcome.admitted);
    this.tellEquivocations();
    if (outcome.miss) {
      this.#underWay++;
      this.ports.store.load(outcome.miss).then(
        () => {
          this.#underWay--;
          this.#stage(() => this.admission.resume());
        },
        (thrown) => this.#fail(thrown),
      );
    }
    this.#rest();
    return outcome;
  }

  #onFlush(commit: Commit): void {
    this.receipts.onFlush();
    if (commit.deltas.length > 0 || commit.isAnew) for (const listener of this.#listeners) listener(commit);
    this.checkpoints.onCommit(commit);
    this.#drain();
  }

  #ownSequence(): number {
    const { graph } = this.admission;
    const tip = graph.tipOf(this.#writer.actorKey);
    return tip === undefined ? 0 : graph.sequenceOf(tip);
  }
}
