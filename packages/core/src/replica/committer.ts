/**
 * The one atomic commit of a context, and the group commit around it.
 *
 * Calls that ran gather in a group while a flush is under way; the group then shares one signed delta. A batch holds
 * everything: deltas, index, cells, heads, stamps. One batch is in flight at a time. After its flush calls are
 * acknowledged and listeners told, in that order. A failed flush fails every call since the last good one, and the
 * committer is dead: the context must be opened again.
 *
 * Owns: nothing is acknowledged or told before it is flushed; cells never hold a write whose delta is not in the same
 * or an earlier batch; a root is only ever told together with the heads that it is the root of (`roots.ts`).
 */
import {
  type DeltaId,
  type Failure,
  idKey,
  idToText,
  type Miss,
  must,
  type Stamp,
  StoreFailure,
  type WriteOperation,
} from "../base/index.ts";
import { type Order, REPLICA_ID_BYTES } from "../dag/index.ts";
import { StageMeter } from "../metrics/index.ts";
import { closedBy } from "./closing.ts";
import { type Commit, createCommit, createFrontier, type Frontier, type Staged } from "./commit.ts";
import { type CommitSource, commitRows, metaOperation } from "./commit-rows.ts";
import { cutGroup, type GroupCall, stampOf, takeBeside } from "./group.ts";
import { CALLS_PER_GROUP_MAX } from "./limits.ts";
import type { Admitted } from "./outcome.ts";
import type { StampedEntry } from "./own-actor.ts";
import type { Pace } from "./pace.ts";
import type { ReplicaPorts } from "./ports.ts";
import type { Reissues } from "./reissue.ts";
import { Roots } from "./roots.ts";
import type { Churn, HashedMark, MetaRow } from "./rows.ts";
import type { SealedBatch, SealedCall } from "./sealed-batch.ts";
import type { WaitingRows } from "./waiting-rows.ts";
import { writeOwn } from "./write-own.ts";

export interface CommitterState extends CommitSource {
  readonly waitingRows: WaitingRows;
  readonly reissues: Reissues;
  readonly pace: Pace;
  readonly acknowledged: number;
  readonly stampHigh: Stamp;
  readonly hashed: HashedMark | undefined;
  readonly churn: Churn;
  readonly keepsRoots: boolean;
  /** Whether the state is that of the checkpoint in effect: while it is not, it has no root. */
  readonly isSettled: () => boolean;
}

/** A delta as another opener of the store committed it. */
export type Adopted = Pick<Staged, "delta" | "entries">;

export class Committer {
  readonly #ports: ReplicaPorts;
  readonly #stored: StageMeter | undefined;
  readonly #state: CommitterState;
  readonly #onFlush: (commit: Commit) => void;
  readonly #roots: Roots;
  #group: GroupCall[] = [];
  #staged: Staged[] = [];
  /** Rows of the ledger that no delta brings. */
  #marks: WriteOperation[] = [];
  #flushed: Frontier;
  #stampHigh: Stamp;
  #acknowledged: number;
  /** The last delta that was written as the own actor. */
  #ownTip: Order | undefined;
  #churn: { written: number; deleted: number };
  #metaDirty = false;
  #restDue = false;
  #isBehind = false;
  #flushing = false;
  #pumpDue = false;
  /** Who waits for a moment of rest: no call is let in. */
  #holds = 0;
  #closed: Failure | undefined;
  #idle: (() => void)[] = [];

  /** `onFlush` is called after each flush, when there is room in the group again. */
  constructor(ports: ReplicaPorts, state: CommitterState, onFlush: (commit: Commit) => void) {
    this.#ports = ports;
    this.#stored = ports.metrics && new StageMeter(ports.metrics, "store_commit");
    this.#state = state;
    this.#onFlush = onFlush;
    this.#stampHigh = state.stampHigh;
    this.#acknowledged = state.acknowledged;
    this.#ownTip = state.admission.graph.tipOf(state.writer.actorKey);
    this.#churn = { ...state.churn };
    const load = (miss: Miss): Promise<void> => ports.store.load(miss);
    const roots = { ...state, load, onDamage: (failure: StoreFailure) => void this.dieOf(failure) };
    this.#roots = new Roots(roots, state.hashed, state.keepsRoots);
    this.#flushed = this.#frontier(undefined);
  }

  get flushed(): Frontier {
    return this.#flushed;
  }

  get closed(): Failure | undefined {
    return this.#closed;
  }

  get hasRoom(): boolean {
    return this.#group.length < CALLS_PER_GROUP_MAX && this.#holds === 0;
  }

  /** Deltas and calls that wait for a flush. */
  get backlog(): number {
    return this.#group.length + this.#staged.length + this.#marks.length;
  }

  get busy(): boolean {
    return !this.#closed && (this.#flushing || this.#restDue || this.backlog > 0);
  }

  /** The greatest stamp given or seen. */
  get stampHigh(): Stamp {
    const { stampMax } = this.#state.admission.graph;
    return stampMax > this.#stampHigh ? stampMax : this.#stampHigh;
  }

  get churn(): Churn {
    return this.#churn;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Notes how far another member has flushed this actor's deltas; written with the next commit. */
  acknowledge(sequence: number): void {
    if (sequence <= this.#acknowledged) return;
    this.#acknowledged = sequence;
    this.#metaDirty = true;
  }

  /** Takes in a call that ran. */
  join(call: GroupCall): void {
    if (this.#closed) return call.fail(this.#closed);
    this.#stampHigh = Math.max(this.#stampHigh, stampOf(call) ?? 0) as Stamp;
    this.#group.push(call);
    this.#pumpSoon();
  }

  /** Takes in rows of the ledger, for the next commit. */
  mark(rows: readonly WriteOperation[]): void {
    if (this.#closed || rows.length === 0) return;
    this.#marks.push(...rows);
    this.#pumpSoon();
  }

  /** Takes in deltas that were admitted and applied. */
  stage(admitted: readonly Admitted[]): void {
    for (const { delta, entries } of admitted) {
      this.#staged.push({ delta, entries, local: false });
      this.#state.reissues.onAdmitted(delta.actorKey);
    }
    if (this.#state.admission.hasMetItself && this.#group.length === 0) this.#redraw();
    if (admitted.length > 0) this.#pumpSoon();
  }

  /** Writes soon what is otherwise written with the next commit: what waits. */
  writeRestSoon(): void {
    if (!this.#state.waitingRows.isDirty) return;
    this.#restDue = true;
    this.#pumpSoon();
  }

  /** Resolves once nothing waits for a flush. */
  settled(): Promise<void> {
    if (!this.busy) return Promise.resolve();
    this.#pumpSoon();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /**
   * Commits rows that make another state of the same deltas, in the first moment in which nothing waits for a flush.
   * `seal` gives the rows, and is pure when it throws, which passes through; `isAnew` as of a commit.
   */
  async replaceState(seal: () => readonly WriteOperation[], isAnew: boolean): Promise<void> {
    this.#holds++;
    try {
      while (this.busy) await this.settled();
      if (this.#closed) throw new StoreFailure("STORE_CLOSED", this.#closed.message);
      const rows = seal();
      this.#roots.adopt(undefined);
      this.#churn = { written: 0, deleted: 0 };
      this.#state.document.reset();
      this.#flushing = true;
      // As of now: what is admitted while this is under way is not in it.
      const frontier = this.#frontier(undefined);
      const done = this.#ports.store.commit([...rows, this.#metaOperation()]);
      await done.catch((thrown) => Promise.reject(new Error(this.dieOf(thrown).message, { cause: thrown })));
      this.#flushing = false;
      this.#flushed = frontier;
      if (isAnew) this.#onFlush({ deltas: [], root: undefined, isAnew });
    } finally {
      this.#holds--;
      if (!this.#closed) this.#onFlush({ deltas: [], root: undefined });
    }
    this.#pump();
  }

  /** Takes over what another opener of the store committed, which admission and document have taken in already. */
  adopt(meta: MetaRow, deltas: readonly Adopted[]): Commit {
    const { admission, writer, place } = this.#state;
    if (meta.stampHigh > this.#stampHigh) this.#stampHigh = meta.stampHigh;
    if (meta.actor && meta.place === place && idKey(meta.actor.member) === idKey(writer.signer.publicKey)) {
      writer.redraw(meta.actor.replica);
      admission.speakAs(writer.actorKey);
      this.#ownTip = admission.graph.tipOf(writer.actorKey);
      this.#acknowledged = Math.max(this.#acknowledged, meta.actor.acknowledged);
    }
    this.#roots.adopt(meta.hashed);
    this.#churn = { ...meta.churn };
    const frontier = this.#frontier(undefined);
    this.#flushed = frontier;
    return createCommit(
      deltas.map((adopted) => ({ ...adopted, local: false })),
      frontier,
    );
  }

  /** Whether the cells in the store are ahead of the deltas here: their root is then nobody's. */
  set isBehind(value: boolean) {
    this.#isBehind = value;
  }

  async close(failure: Failure, mayCommit: boolean): Promise<void> {
    await this.settled();
    if (mayCommit && !this.#closed) await this.#writeRest().catch(() => {});
    this.die(failure);
  }

  /** Fails all that waits; nothing is taken in any more. */
  die(failure: Failure): void {
    this.#closed ??= failure;
    for (const call of this.#group.splice(0)) call.fail(failure);
    this.#staged = [];
    this.#marks = [];
    this.#flushing = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** One turn of delay, so that calls of one turn share a commit. */
  #pumpSoon(): void {
    if (this.#pumpDue || this.#flushing) return;
    this.#pumpDue = true;
    void Promise.resolve().then(() => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#flushing || this.#closed) return;
    if (this.backlog === 0 && !this.#restDue) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const { pace } = this.#state;
    // Nothing but deltas of others, and nobody who waits for them.
    const isPatient = this.backlog === this.#staged.length && !this.#restDue && this.#idle.length === 0;
    if (isPatient && pace.gathers(this.#staged.length, () => this.#pump())) return;
    pace.begun();
    this.#flushing = true;
    const sealed = this.#seal();
    if (this.#closed) return this.#onFlushed(sealed);
    const begun = this.#stored?.begin() ?? 0;
    this.#ports.store.commit(sealed.batch).then(
      () => {
        this.#stored?.end(begun);
        this.#onFlushed(sealed);
      },
      (thrown) => {
        this.#stored?.fail(thrown instanceof StoreFailure ? thrown.code : "STORE_WRITE_FAILED");
        const failure = this.dieOf(thrown);
        for (const { call } of sealed.calls) call.fail(failure);
      },
    );
  }

  /** The store failed. */
  dieOf(thrown: unknown): Failure {
    const failure = closedBy(thrown);
    this.#ports.log.log("error", "replica.store_failed", { reason: failure.message });
    this.die(failure);
    return failure;
  }

  #onFlushed(sealed: SealedBatch): void {
    if (this.#closed) {
      for (const { call } of sealed.calls) call.fail(this.#closed);
      return;
    }
    this.#flushing = false;
    this.#flushed = sealed.frontier;
    for (const { call, delta } of sealed.calls) call.settle(delta);
    this.#onFlush(sealed.commit);
    this.#pump();
  }

  /** Turns group and staged deltas into one batch. Synchronous: heads are read and replaced in one turn. */
  #seal(): SealedBatch {
    const [group, marks] = [this.#group.splice(0), this.#marks.splice(0)];
    const isBeside = takeBeside(group, marks);
    const calls = this.#sealGroup(group);
    if (this.#state.admission.hasMetItself) this.#redraw();
    const staged = this.#staged.splice(0);
    this.#restDue = false;
    if (staged.length === 0) {
      if (isBeside) marks.push(this.#metaOperation());
      const batch = [...marks, ...this.#state.waitingRows.takeOperations()];
      return { calls, commit: { deltas: [], root: undefined }, frontier: this.#flushed, batch };
    }
    const root = this.#state.isSettled() ? this.#roots.atSeal() : undefined;
    const frontier = this.#frontier(root);
    const batch = [...marks, ...this.#batchOf(staged, frontier, root)];
    return { calls, commit: createCommit(staged, frontier), frontier, batch };
  }

  #sealGroup(group: readonly GroupCall[]): SealedCall[] {
    return cutGroup(group).flatMap((part) => {
      const entries = part.flatMap(({ entry }) => entry ?? []);
      const delta = entries.length > 0 ? this.#write(entries) : undefined;
      return part.map((call) => ({ call, delta: call.entry ? delta : undefined }));
    });
  }

  /**
   * A validly signed delta of this very actor came from elsewhere: the store was copied. The next call writes as a new
   * actor. Between groups, because what has run was joined as the old one.
   */
  #redraw(): void {
    this.#acknowledged = 0;
    const { admission, reissues, writer } = this.#state;
    if (this.#ownTip !== undefined) reissues.leave(writer.actorKey, this.#ownTip);
    this.#ownTip = undefined;
    writer.redraw(this.#ports.random.bytes(REPLICA_ID_BYTES));
    admission.speakAs(writer.actorKey);
    this.#ports.log.log("warn", "replica.actor_cloned", { context: idToText(this.#state.context) });
  }

  #write(entries: readonly StampedEntry[]): DeltaId {
    const { staged, tip } = writeOwn(this.#state, this.#ports, entries);
    this.#ownTip = tip;
    this.#staged.push(...staged);
    return must(staged.at(-1), "a delta was written").delta.id;
  }

  #batchOf(staged: readonly Staged[], frontier: Frontier, root: Uint8Array | undefined): WriteOperation[] {
    const batch = commitRows(this.#state, staged, frontier.count, this.#churn);
    this.#roots.addDuePages(batch, frontier.count, root);
    for (const operation of this.#state.waitingRows.takeOperations()) batch.push(operation);
    batch.push(this.#metaOperation(frontier));
    return batch;
  }

  #metaOperation(frontier: Frontier = this.#flushed): WriteOperation {
    this.#metaDirty = false;
    const { hashed } = this.#roots;
    const marks = { hashed, stampHigh: this.stampHigh, churn: this.#churn, acknowledged: this.#acknowledged };
    return metaOperation(this.#state, frontier, marks);
  }

  #frontier(known: Uint8Array | undefined): Frontier {
    return createFrontier(this.#state.admission.graph, known, (root, count) => {
      this.#roots.asked();
      return root ?? this.#rootNow(count);
    });
  }

  /** The root of the state in memory, when that is the one of the first `count` deltas and nothing else. */
  #rootNow(count: number): Uint8Array | undefined {
    const { admission, document } = this.#state;
    const isSame = admission.graph.size === count && !this.#flushing && this.backlog === 0 && document.isIdle;
    if (this.#isBehind || !this.#state.isSettled()) return undefined;
    return isSame && !this.#closed ? this.#roots.now() : undefined;
  }

  /** What was put off: pages of hashes, if there is a tree, what waits, and the last acknowledgement. */
  async #writeRest(): Promise<void> {
    const { document } = this.#state;
    const { count } = this.#flushed;
    const root = document.hasTree && count > 0 ? this.#roots.now() : undefined;
    while (root !== undefined && this.#roots.hashed?.count !== count) {
      const batch: WriteOperation[] = [];
      this.#roots.addPages(batch, count, root);
      batch.push(this.#metaOperation());
      await this.#ports.store.commit(batch);
    }
    const batch = this.#state.waitingRows.takeOperations();
    if (this.#metaDirty) batch.push(this.#metaOperation());
    if (batch.length > 0) await this.#ports.store.commit(batch);
  }
}
