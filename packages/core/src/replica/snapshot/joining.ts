/**
 * Joining by a snapshot: how a replica that lacks much takes the state of a checkpoint instead of the deltas below it.
 *
 * While it is on, the log is taken without the payloads that a checkpoint stands for: such deltas prove themselves
 * (`dag/envelope.ts`), pass the same gate and are judged by the same rules, so who may write, which checkpoint is in
 * effect and what it covers are this replica's own findings. The cells meanwhile are those of the payloads that came,
 * and nobody is told a root of them. It ends in one commit, when every payload that is missing lies below a checkpoint
 * in effect whose pages are all here, or is here after all.
 *
 * Owns: no state is put in its place but that of a checkpoint in effect by this replica's own log, page for page as its
 * root says, joined with all deltas outside of it; and nothing is lost by stopping anywhere.
 */
import {
  bytesEqual,
  type ContextId,
  type DeltaId,
  err,
  idKey,
  must,
  ok,
  type Result,
  runLoaded,
  type WriteOperation,
} from "../../base/index.ts";
import { decodeStatePage, statePageHash, stateRoot } from "../../crdt/index.ts";
import { type Order, type SignedDelta, trustStored, verifyDelta } from "../../dag/index.ts";
import type { Admission } from "../admission.ts";
import type { Checkpoint } from "../checkpoint/checkpoints.ts";
import { type Cover, coverOf } from "../checkpoint/cover.ts";
import { deltaRows } from "../delta-rows.ts";
import type { ReplicaPorts } from "../ports.ts";
import type { PayloadIntake } from "./intake.ts";
import { beginRow, endRow, pageKey } from "./rows.ts";
import { eachHash, type ServedPages } from "./state-page.ts";

/** The pages of a checkpoint's state, by their hashes, end to end. */
export interface Snapshot {
  readonly checkpoint: DeltaId;
  readonly hashes: Uint8Array;
}

/** What is to be done next. */
export type JoiningStep =
  /** Nothing: the state is that of the deltas. */
  | "off"
  /** The log of a peer is to be pulled to its end. */
  | "pulling"
  /** Payloads that no checkpoint stands for are to be asked for, by id. */
  | "filling"
  /** The pages of a checkpoint are to be fetched. */
  | "fetching"
  /** Everything is here: `finish`. */
  | "ready";

export interface JoiningHost {
  readonly ports: Pick<ReplicaPorts, "store" | "crypto" | "log">;
  readonly context: ContextId;
  readonly admission: Admission;
  readonly committer: { mark(rows: readonly WriteOperation[]): void };
  /** See `ReplicaOptions`. */
  readonly joinsFrom: number | undefined;
  /** The checkpoint that the state begins with. */
  readonly applied: () => Checkpoint | undefined;
  /** What this replica serves itself. */
  readonly served: () => ServedPages | undefined;
  /** Puts the state in its place: of these pages, or of what is here. */
  readonly install: (snapshot: Snapshot | undefined) => Promise<Result<null>>;
  readonly onEnd: () => void;
}

export class Joining implements PayloadIntake {
  /** Called when the next step may be another. */
  onStep: () => void = () => {};
  readonly #host: JoiningHost;
  #isOn: boolean;
  /** Whether a delta may have come without its payload since it began. */
  #hasTaken: boolean;
  #isDrained = false;
  /** The pages are not to be had: all payloads are asked for. */
  #isByPayload = false;
  readonly #staged = new Set<string>();
  #gaps: { readonly key: string; readonly uncovered: Order[]; readonly unapplied: boolean } | undefined;
  #changes = 0;

  constructor(host: JoiningHost, isOn: boolean) {
    this.#host = host;
    this.#isOn = isOn;
    this.#hasTaken = isOn;
    host.admission.intake = this;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** A peer holds so many deltas that are not here. */
  consider(lacking: number): void {
    const { joinsFrom, admission } = this.#host;
    if (joinsFrom !== undefined && lacking >= joinsFrom && lacking >= admission.graph.size) this.begin();
  }

  /** What is lacking here is not to be had with its payloads, or is too much. */
  begin(): void {
    const { joinsFrom, committer, context } = this.#host;
    if (this.#isOn || joinsFrom === undefined) return;
    this.#isOn = true;
    this.#hasTaken = false;
    this.#isDrained = false;
    this.#isByPayload = false;
    // Written before or with the first delta without its payload.
    committer.mark([beginRow(context)]);
  }

  /** A peer's log has been pulled to its end. */
  drained(): void {
    if (!this.#isOn) return;
    this.#isDrained = true;
    this.onStep();
  }

  /** The pages are not to be had. */
  giveUp(): void {
    this.#isByPayload = true;
    this.#changes++;
  }

  get step(): JoiningStep {
    if (!this.#isOn) return "off";
    if (!this.#isDrained) return "pulling";
    const { uncovered, unapplied } = this.#findGaps();
    if (uncovered.length > 0) return "filling";
    return unapplied ? "fetching" : "ready";
  }

  /** Deltas whose payloads are to be asked for by id, up to `limit`. */
  holes(limit: number): DeltaId[] {
    if (!this.#isOn || !this.#isDrained) return [];
    const { graph } = this.#host.admission;
    const orders = this.#isByPayload ? this.#prunedOutside(this.#coverOf(this.#host.applied())) : undefined;
    return (orders ?? this.#findGaps().uncovered).slice(0, limit).map((order) => graph.idOf(order));
  }

  /** Whether this checkpoint's state may be put in place here: in effect, and over all that came without its payload. */
  accepts(checkpoint: DeltaId, hashes: Uint8Array): "yes" | "not now" | "forged" {
    const { chain } = this.#host.admission.checkpoints;
    const named = chain.find(({ key }) => key === idKey(checkpoint));
    if (!named) return "not now";
    if (!bytesEqual(stateRoot(hashes), named.root)) return "forged";
    return this.#prunedOutside(this.#coverOf(named)).length > 0 ? "not now" : "yes";
  }

  /** The pages that are still to be fetched. Those that the state here has too are not. */
  async missing(hashes: Uint8Array): Promise<Uint8Array[]> {
    const { ports, context, served } = this.#host;
    const missing: Uint8Array[] = [];
    for (const hash of eachHash(hashes)) {
      const key = pageKey(context, hash);
      const isHere = this.#staged.has(idKey(hash)) || (await runLoaded(ports.store, () => ports.store.get(key)));
      if (isHere) continue;
      const own = await runLoaded(ports.store, () => served()?.read(ports.store, context, hash));
      if (own === undefined) missing.push(hash);
      else this.stage(hash, own);
    }
    return missing;
  }

  /** Keeps a page; false when it is not the one of this hash. */
  stage(hash: Uint8Array, page: Uint8Array): boolean {
    if (!bytesEqual(statePageHash(page), hash) || decodeStatePage(page) === undefined) return false;
    const { committer, context } = this.#host;
    this.#staged.add(idKey(hash));
    committer.mark([{ kind: "put", key: pageKey(context, hash), value: page.slice() }]);
    return true;
  }

  /** Puts the state of a snapshot in place whose pages are all staged, or that of what is here. */
  async finish(snapshot: Snapshot | undefined): Promise<Result<null>> {
    const { committer, context, install } = this.#host;
    if (snapshot === undefined && !this.#hasTaken) {
      committer.mark([endRow(context)]);
      this.ended();
      return ok(null);
    }
    if (snapshot && this.accepts(snapshot.checkpoint, snapshot.hashes) !== "yes") {
      return err("SNAPSHOT_DAMAGED", "the snapshot is of no checkpoint that is in effect here");
    }
    const done = await install(snapshot);
    // What is not what it was is asked for again.
    if (!done.ok) this.#staged.clear();
    return done;
  }

  /** The state is in its place. */
  ended(): void {
    this.#isOn = false;
    this.#staged.clear();
    this.#gaps = undefined;
    this.#host.onEnd();
  }

  /** The payload of a delta that had come without it: its id covers it, so only the signature is to be looked at. */
  onCopy(delta: SignedDelta): void {
    const { admission, committer, context, ports } = this.#host;
    const { graph, rights, sealing } = admission;
    const order = graph.orderOf(delta.key);
    if (!this.#isOn || delta.isPruned || order === undefined || !graph.isPruned(order)) return;
    const whole = trustStored(delta);
    if (graph.isSigned(order) && !verifyDelta(ports.crypto, whole, rights.memberOfProven(whole)).ok) return;
    const entries = sealing.read(whole);
    if (entries === undefined) return void sealing.waitFor(whole);
    graph.markPruned(order, false);
    this.#hasTaken = true;
    this.#changes++;
    committer.mark(deltaRows(context, graph, [{ delta: whole, entries, local: false }]));
  }

  /** What came without its payload, and is not covered by the last checkpoint in effect, or not by the state. */
  #findGaps(): { readonly uncovered: readonly Order[]; readonly unapplied: boolean } {
    const { admission, applied } = this.#host;
    const latest = admission.checkpoints.latest;
    const key = [admission.graph.size, this.#changes, latest?.key, applied()?.key].join();
    if (this.#gaps?.key === key) return this.#gaps;
    const uncovered = this.#prunedOutside(this.#coverOf(latest));
    const unapplied = this.#prunedOutside(this.#coverOf(applied())).length > 0;
    if (unapplied) this.#hasTaken = true;
    this.#gaps = { key, uncovered, unapplied };
    return this.#gaps;
  }

  #prunedOutside(cover: Cover | undefined): Order[] {
    const { graph } = this.#host.admission;
    const orders: Order[] = [];
    for (let order = 0; order < graph.size; order++) {
      if (graph.isPruned(order) && cover?.[order] !== 1) orders.push(order);
    }
    return orders;
  }

  #coverOf(checkpoint: Checkpoint | undefined): Cover | undefined {
    if (checkpoint === undefined) return undefined;
    const { graph } = this.#host.admission;
    const orders = checkpoint.heads.map((head) => must(graph.orderOf(idKey(head)), "in effect, so admitted"));
    return coverOf(graph, orders);
  }
}
