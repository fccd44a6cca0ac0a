/**
 * A replica's part in checkpoints: it goes over to each that takes effect, derives those that others propose and signs
 * them or says what it derived instead, and proposes its own when asked, or when enough was deleted since the last.
 *
 * One proposes after the other: the actor that made the last checkpoint makes the next, so that members do not sign
 * against each other; before the first it is the founder's first. `takeOver` is for when that installation is gone.
 * Signing waits for no clock; everything here can stop at any time and goes on when the context is opened again.
 */
import {
  bytesEqual,
  compareBytes,
  type DeltaId,
  err,
  type Failure,
  idKey,
  idKeyToBytes,
  idToText,
  must,
  ok,
  publicKey,
  type Result,
} from "../../base/index.ts";
import type { Order } from "../../dag/index.ts";
import { type CallHost, refusalToWrite } from "../call.ts";
import type { Commit } from "../commit.ts";
import type { Committer } from "../committer.ts";
import type { Opened } from "../open.ts";
import type { ReplicaPorts } from "../ports.ts";
import { type InstallTarget, install } from "../snapshot/install.ts";
import { Joining, type Snapshot } from "../snapshot/joining.ts";
import { ServedPages } from "../snapshot/state-page.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { type Cover, coveredSince, coverOf } from "./cover.ts";
import { type Derived, deriveState } from "./derive.ts";
import { CHECKPOINT_HEADS_MAX, DELETED_SHARE, JOINS_PER_CHECKPOINT } from "./limits.ts";
import { Mending } from "./mending.ts";
import { isProposer } from "./proposer.ts";
import { type RebaseHost, rebase } from "./rebase.ts";
import type { CompactOptions, CompactReport } from "./report.ts";
import type { BaseRow } from "./rows.ts";
import { encodeCheckpointStatement } from "./statement.ts";

export type CheckpointErrorCode =
  /** The checkpoint that a majority signed is not the state of its deltas here: this store or program is damaged. */
  | "CHECKPOINT_CONTRADICTED"
  /** More heads than a checkpoint may name: try again once a write has merged them. */
  | "CHECKPOINT_TOO_WIDE";

export interface CompactorHost extends RebaseHost, CallHost {
  readonly ports: Pick<ReplicaPorts, "store" | "crypto" | "pause" | "log" | "clock">;
  readonly committer: Pick<Committer, "replaceState" | "flushed" | "settled" | "closed" | "churn" | "mark">;
  /** Writes a delta that says this. */
  readonly say: (statement: Uint8Array) => Promise<Result<DeltaId>>;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Deletions since the last checkpoint from which the next may be made unasked; undefined for never. */
  readonly compactAfter: number | undefined;
  /** See `ReplicaOptions`. */
  readonly joinsFrom: number | undefined;
}

interface Cached {
  readonly predecessor: string | undefined;
  readonly heads: string;
  readonly derived: Derived;
}

export class Compactor {
  /** How the state is taken from others when much of the log is lacking here. */
  readonly joining: Joining;
  /** How the state is made again that a peer has otherwise. */
  readonly mending: Mending;
  readonly #host: CompactorHost;
  /** `idKey` of the checkpoint that the stored state begins with. */
  #applied: string | undefined;
  #cached: Cached | undefined;
  /** The last derivation's checkpoint that was not what it says: it is not tried again. */
  #failure: Failure | undefined;
  #revision: number;
  #working: Promise<unknown> = Promise.resolve();
  /** What is to be derived next is not flushed yet: the next commit is looked at again. */
  #isPutOff = false;
  #isClosed = false;
  #served: ServedPages | undefined;
  #cover: Cover | undefined;

  constructor(host: CompactorHost, { base, isJoining }: Pick<Opened, "base" | "isJoining">) {
    this.#host = host;
    this.#applied = base && idKey(base.checkpoint);
    this.#served = base && new ServedPages(this.#host, base);
    this.#revision = host.admission.checkpoints.revision;
    const { ports, context, admission, committer, joinsFrom } = host;
    const parts = { ports, context, admission, committer, joinsFrom };
    const install = (snapshot: Snapshot | undefined) => this.#inTurn(() => this.#install(snapshot));
    const applied = () => this.applied;
    const onEnd = () => this.#run(() => this.#advance());
    this.joining = new Joining({ ...parts, applied, served: () => this.#served, install, onEnd }, isJoining);
    const start = () => ({ checkpoint: this.applied, cover: this.cover });
    this.mending = new Mending({
      ...host,
      inTurn: (work) => this.#inTurn(work),
      isSettled: () => this.isSettled,
      start,
    });
  }

  /** Goes on with what was left when the context was closed. */
  start(): void {
    if (!this.isSettled || this.#host.admission.checkpoints.proposed.length > 0) this.#run(() => this.#advance());
  }

  /** Whether the state is that of the checkpoint in effect. */
  get isSettled(): boolean {
    return !this.mending.isOn && !this.joining.isOn && this.#host.admission.checkpoints.latest?.key === this.#applied;
  }

  /** The checkpoint that the state begins with. */
  get applied(): Checkpoint | undefined {
    return this.#applied === undefined ? undefined : this.#host.admission.checkpoints.find(this.#applied);
  }

  /** By order, what it covers: always the same of one checkpoint. */
  get cover(): Cover | undefined {
    const { applied } = this;
    this.#cover ??= applied && coverOf(this.#host.admission.graph, this.#ordersOf(applied.heads));
    return this.#cover;
  }

  /** The pages of its state. */
  get served(): ServedPages | undefined {
    return this.#served;
  }

  /** All that are in effect, oldest first. */
  get chain(): readonly Checkpoint[] {
    return this.#host.admission.checkpoints.chain;
  }

  /** Those that would be the next, and are not signed by enough. */
  get proposed(): readonly Checkpoint[] {
    return this.#host.admission.checkpoints.proposed;
  }

  /** Why the checkpoint in effect cannot be gone over to; undefined while all is well. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /**
   * Drops the tombstones of all that is flushed, by a checkpoint: at once where this member writes alone, else when a
   * majority has signed. What was written elsewhere at the same time is joined as ever, whenever it comes.
   */
  compact(options: CompactOptions = {}): Promise<Result<CompactReport>> {
    return this.#inTurn(() => this.#compact(options));
  }

  /** Looks at what a commit has brought. */
  onCommit(commit: Pick<Commit, "deltas">): void {
    const { checkpoints } = this.#host.admission;
    const isNews = this.#isPutOff || this.#revision !== checkpoints.revision;
    this.#revision = checkpoints.revision;
    const isDue = commit.deltas.length > 0 && this.#isDue();
    if (this.#isClosed || (!isNews && !isDue)) return;
    this.#run(isDue ? () => this.#compact({}) : () => this.#advance());
  }

  /** Whether another opener of the store has gone over to a checkpoint, which the state then begins with. */
  adopt(base: BaseRow | undefined): boolean {
    const key = base && idKey(base.checkpoint);
    if (key === this.#applied) return false;
    this.#applied = key;
    this.#cover = undefined;
    this.#served = base && new ServedPages(this.#host, base);
    this.#cached = undefined;
    return true;
  }

  /** Resolves once nothing is under way. */
  async settled(): Promise<void> {
    for (let last = this.#working; ; last = this.#working) {
      await last;
      if (last === this.#working) return;
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
  }

  /** Unasked: a failure goes to the log. */
  #run(work: () => Promise<Result<unknown>>): void {
    void this.#inTurn<unknown>(work).then(
      (done) => !done.ok && this.#report(done.error),
      (thrown) => this.#report({ code: "REPLICA_CLOSED", message: String(thrown) }),
    );
  }

  /** One after the other, and in the replica's turn. */
  #inTurn<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    const next = this.#working.then(() => {
      if (this.#isClosed || this.#host.committer.closed !== undefined) return closed();
      return this.#host.inTurn(work);
    });
    this.#working = next.catch(() => {});
    return next;
  }

  async #compact({ takeOver = false }: CompactOptions): Promise<Result<CompactReport>> {
    const { admission, committer, member, say } = this.#host;
    const { checkpoints } = admission;
    let advanced = await this.#advance();
    while (advanced.ok && this.#isPutOff && committer.closed === undefined) {
      await committer.settled();
      advanced = await this.#advance();
    }
    if (!advanced.ok) return advanced;
    if (this.joining.isOn) return ok({ state: "elsewhere" });
    const heads = [...committer.flushed.heads];
    if (this.#writesBeyond(heads).length === 0) return ok({ state: "compacted", cells: advanced.value });
    const pending = checkpoints.proposed.find(({ signers }) => signers.has(idKey(member)));
    if (pending !== undefined) return ok(this.#proposed(pending));
    if (!this.#mayWrite() || !(takeOver || isProposer(this.#host, this.applied))) return ok({ state: "elsewhere" });
    if (heads.length > CHECKPOINT_HEADS_MAX) {
      return err<CheckpointErrorCode>("CHECKPOINT_TOO_WIDE", `${heads.length} heads, at most ${CHECKPOINT_HEADS_MAX}`);
    }
    const derived = await this.#derive(heads);
    if (!derived.ok) return derived;
    const { root } = derived.value;
    const predecessor = this.applied?.id;
    const said = await say(
      encodeCheckpointStatement({ kind: "checkpoint", predecessor, root, heads: sortedIds(heads) }),
    );
    if (!said.ok) return said;
    const after = await this.#advance();
    if (!after.ok) return after;
    const key = idKey(said.value);
    if (this.#applied === key) return ok({ state: "compacted", cells: advanced.value + after.value });
    return ok(this.#proposed(must(checkpoints.find(key), "it was said here")));
  }

  /** Goes over to what is in effect and signs what is proposed; gives how many cells it dropped. */
  async #advance(): Promise<Result<number>> {
    const { admission } = this.#host;
    // Nothing can be derived from a state that is still being taken from others.
    if (this.joining.isOn) return ok(0);
    let cells = 0;
    this.#isPutOff = false;
    for (;;) {
      const next = this.#next();
      if (next !== undefined) {
        if (this.#putsOff(next.heads)) return ok(cells);
        const done = await this.#goOver(next);
        if (!done.ok) return done;
        cells += done.value;
        continue;
      }
      const proposal = admission.checkpoints.proposed.find((proposed) => this.#isToSign(proposed));
      if (proposal === undefined || this.#putsOff(proposal.heads)) return ok(cells);
      const signed = await this.#sign(proposal);
      if (!signed.ok) return signed;
    }
  }

  /** Says whether a proposed checkpoint is what its deltas make here. */
  async #sign({ id: checkpoint, heads, root: proposed }: Checkpoint): Promise<Result<DeltaId>> {
    const derived = await this.#derive(heads);
    if (!derived.ok) return derived;
    const { root } = derived.value;
    const agrees = bytesEqual(root, proposed);
    if (!agrees)
      this.#host.ports.log.log("error", "replica.checkpoint_contradicted", { checkpoint: idToText(checkpoint) });
    return this.#host.say(
      encodeCheckpointStatement(
        agrees ? { kind: "countersign", checkpoint } : { kind: "contradict", checkpoint, root },
      ),
    );
  }

  /** Deltas are read from the store, where those of the last moment are not yet. */
  #putsOff(heads: readonly DeltaId[]): boolean {
    const { count } = this.#host.committer.flushed;
    this.#isPutOff = this.#ordersOf(heads).some((order) => order >= count);
    return this.#isPutOff;
  }

  async #goOver(checkpoint: Checkpoint): Promise<Result<number>> {
    const derived = await this.#derive(checkpoint.heads);
    if (!derived.ok) return derived;
    if (!bytesEqual(derived.value.root, checkpoint.root)) {
      const message = `the checkpoint ${idToText(checkpoint.id)} is not what its deltas make here: restore a backup`;
      this.#failure = { code: "CHECKPOINT_CONTRADICTED", message };
      return err<CheckpointErrorCode>("CHECKPOINT_CONTRADICTED", message);
    }
    const { id } = checkpoint;
    const cover = coverOf(this.#host.admission.graph, this.#ordersOf(checkpoint.heads));
    await rebase(this.#host, { id, cover, derived: derived.value }, () => this.#begins(checkpoint, derived.value));
    return ok([...derived.value.dropped.values()].filter((left) => left === undefined).length);
  }

  /** Puts a state in place that was taken from others, or is made of payloads that came late. */
  async #install(snapshot: Snapshot | undefined): Promise<Result<null>> {
    const { graph, checkpoints } = this.#host.admission;
    const at = snapshot && must(checkpoints.find(idKey(snapshot.checkpoint)), "it was accepted");
    const target: InstallTarget =
      snapshot && at
        ? { kind: "staged", checkpoint: at, hashes: snapshot.hashes, cover: coverOf(graph, this.#ordersOf(at.heads)) }
        : { kind: "here", base: this.#served?.base, cover: this.cover };
    return install(this.#host, target, (derived) => {
      this.joining.ended();
      if (at) this.#begins(at, derived);
    });
  }

  #begins({ id, key }: Checkpoint, { root, pages }: Derived): void {
    this.#applied = key;
    this.#cover = undefined;
    this.#cached = undefined;
    this.#served = new ServedPages(this.#host, { checkpoint: id, root, ...pages });
  }

  async #derive(heads: readonly DeltaId[]): Promise<Result<Derived>> {
    const name = sortedIds(heads).map(idKey).join("");
    const cached = this.#cached;
    if (cached?.predecessor === this.#applied && cached?.heads === name) return ok(cached.derived);
    const cover = coverOf(this.#host.admission.graph, this.#ordersOf(heads));
    const derived = await deriveState(this.#host, coveredSince(cover, this.cover));
    if (derived.ok) this.#cached = { predecessor: this.#applied, heads: name, derived: derived.value };
    return derived;
  }

  /** The checkpoint in effect that comes after the one here. */
  #next(): Checkpoint | undefined {
    const { chain } = this.#host.admission.checkpoints;
    if (this.#failure !== undefined) return undefined;
    if (this.#applied === undefined) return chain[0];
    const at = chain.findIndex(({ key }) => key === this.#applied);
    return at < 0 ? undefined : chain[at + 1];
  }

  #isToSign(proposal: Checkpoint): boolean {
    const { admission, member } = this.#host;
    const { checkpoints, graph } = admission;
    const name = idKey(member);
    if (!this.#mayWrite() || checkpoints.hasSigned(name, proposal.predecessor) || proposal.contradictedBy.has(name))
      return false;
    const before = this.applied?.heads ?? [];
    if (!proposal.heads.every((head) => graph.has(idKey(head)))) return false;
    const cover = before.length === 0 ? undefined : coverOf(graph, this.#ordersOf(proposal.heads));
    return this.#ordersOf(before).every((head) => cover?.[head] === 1);
  }

  #mayWrite(): boolean {
    return refusalToWrite(this.#host) === undefined;
  }

  #proposed(checkpoint: Checkpoint): CompactReport {
    const waitingFor = this.#host.admission.checkpoints.unsigned(checkpoint);
    return { state: "proposed", waitingFor: waitingFor.map((key) => publicKey(idKeyToBytes(key))) };
  }

  /** Enough was deleted, and enough of what was written, for the work to pay; or the log is long for who joins. */
  #isDue(): boolean {
    const { compactAfter, joinsFrom, admission, committer } = this.#host;
    if (compactAfter === undefined) return false;
    const { written, deleted } = committer.churn;
    const beyond = admission.graph.size - (this.applied?.order ?? 0);
    const isLong = joinsFrom !== undefined && beyond >= joinsFrom * JOINS_PER_CHECKPOINT;
    if (!isLong && (deleted < compactAfter || deleted * DELETED_SHARE < written)) return false;
    if (!this.isSettled || admission.checkpoints.proposed.length > 0) return false;
    return committer.closed === undefined && isProposer(this.#host, this.applied);
  }

  /** What these heads cover beyond the state's checkpoint, without what was only said of checkpoints. */
  #writesBeyond(heads: readonly DeltaId[]): Order[] {
    const { graph, checkpoints } = this.#host.admission;
    const cover = coverOf(graph, this.#ordersOf(heads));
    return coveredSince(cover, this.cover).filter((order) => !checkpoints.isStatement(order));
  }

  #ordersOf(heads: readonly DeltaId[]): Order[] {
    const { graph } = this.#host.admission;
    return heads.map((head) => must(graph.orderOf(idKey(head)), "the heads of a checkpoint are admitted"));
  }

  #report({ code, message }: Failure): void {
    if (!this.#isClosed) this.#host.ports.log.log("error", "replica.checkpoint_failed", { code, reason: message });
  }
}

function sortedIds(ids: readonly DeltaId[]): DeltaId[] {
  return [...ids].sort(compareBytes);
}

function closed(): Promise<Result<never>> {
  return Promise.resolve(err("REPLICA_CLOSED", "the context was closed"));
}
