/**
 * Joining by a snapshot: how a replica that lacks much takes the state of a checkpoint instead of the payloads below it.
 *
 * While it is on, the deltas that a checkpoint covers may come without their payloads. Which ones is found by going
 * through a log without any (`probe.ts`); they prove themselves (`dag/envelope.ts`) and pass the same gate as all others.
 * The cells meanwhile are those of the payloads that came, and nobody is told a root of them. It ends in one commit,
 * when every payload that is missing lies below a checkpoint in effect whose pages are all here, or has come after all.
 *
 * Owns: no state is put in its place but that of a checkpoint in effect by this replica's own log, page for page as its
 * root says, joined with all deltas outside of it; nothing comes without its payload but what a checkpoint in effect
 * covers; and nothing is lost by stopping anywhere.
 */
import {
  bytesEqual,
  type ContextId,
  concatBytes,
  type DeltaId,
  err,
  idKey,
  must,
  type Result,
  runLoaded,
  utf8,
  type WriteOperation,
} from "../../base/index.ts";
import { decodeStatePage, statePageHash, stateRoot } from "../../crdt/index.ts";
import { type Order, type SignedDelta, trustStored, verifyDelta } from "../../dag/index.ts";
import type { Admission } from "../admission.ts";
import type { Checkpoint } from "../checkpoint/checkpoints.ts";
import { type Cover, coverOf } from "../checkpoint/cover.ts";
import { deltaRows } from "../delta-rows.ts";
import type { ReplicaPorts } from "../ports.ts";
import type { InstallErrorCode } from "./install.ts";
import type { PayloadIntake } from "./intake.ts";
import { Probe } from "./probe.ts";
import { beginRow, endRow, pageKey } from "./rows.ts";
import { eachHash, type ServedPages } from "./state-page.ts";

const PAGE_DOMAIN = utf8("dunlin/snapshot-page/1");

/** The pages of a checkpoint's state, by their hashes, end to end. */
export interface Snapshot {
  readonly checkpoint: DeltaId;
  readonly hashes: Uint8Array;
}

/** What became of a page that came: kept, not the one of its hash, or under a key that is not here yet. */
export type Staging = "kept" | "forged" | "no key";

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
  /** Called when it begins, and when more has come of what it waits for. */
  onStep: () => void = () => {};
  readonly #host: JoiningHost;
  #isOn: boolean;
  #isBehind: boolean;
  #isHolding: boolean;
  #isByPayload = false;
  /** It is begun once for what a peer claims to hold: such claims cost a peer nothing. */
  #hasBegun = false;
  /** What may come without its payload, by key. */
  #allowed: ReadonlySet<string> = new Set();
  readonly #staged = new Set<string>();

  constructor(host: JoiningHost, isOn: boolean) {
    this.#host = host;
    this.#isOn = isOn;
    this.#isBehind = isOn;
    this.#isHolding = isOn;
    host.admission.intake = this;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** While it is not known which payloads need not come, none are pulled. */
  get isHolding(): boolean {
    return this.#isOn && this.#isHolding;
  }

  /** Whether the cells may lack what deltas here wrote. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether the pages are not to be had, and all payloads are asked for. */
  get isByPayload(): boolean {
    return this.#isByPayload;
  }

  /** A peer holds so many deltas that are not here. */
  consider(lacking: number): void {
    const { joinsFrom, admission } = this.#host;
    if (joinsFrom === undefined || this.#isOn || this.#hasBegun) return;
    if (lacking >= joinsFrom && lacking >= admission.graph.size) {
      this.#hasBegun = true;
      this.begin();
    }
  }

  /** What is lacking here is too much, or is not to be had with its payloads. */
  begin(): void {
    const { joinsFrom, committer, context } = this.#host;
    if (joinsFrom === undefined || this.isHolding || this.#isByPayload) return;
    this.#isHolding = true;
    // Written before or with the first delta that comes without its payload.
    if (!this.#isOn) committer.mark([beginRow(context)]);
    this.#isOn = true;
    this.onStep();
  }

  /**
   * Nobody has a snapshot, or none can be had: what is lacking is pulled, and what came without its payload asked for.
   * Who was alone may begin again by what a peer claims.
   */
  giveUp(mayBeginAgain = false): void {
    this.#isHolding = false;
    if (mayBeginAgain) this.#hasBegun = false;
    if (this.#isBehind) this.#isByPayload = true;
    else this.#endUnchanged();
  }

  /** Whether all is here that `finish()` without a snapshot needs. */
  get hasAllPayloads(): boolean {
    return this.#missingPayloads().length === 0;
  }

  createProbe(): Probe {
    return new Probe(this.#host.ports.crypto, this.#host.context);
  }

  /** From now on these may come without their payloads. */
  allow(keys: Iterable<string>): void {
    this.#allowed = new Set(keys);
    this.#isBehind = true;
  }

  /** What was allowed has come: the rest is pulled. */
  release(): void {
    this.#isHolding = false;
  }

  takes(key: string): boolean {
    return this.#isOn && this.#allowed.has(key);
  }

  /** Deltas whose payloads are to be asked for by id, up to `limit`. */
  holes(limit: number): DeltaId[] {
    if (!this.#isOn || !this.#isByPayload) return [];
    const { graph } = this.#host.admission;
    return this.#missingPayloads()
      .slice(0, limit)
      .map((order) => graph.idOf(order));
  }

  /** Whether this checkpoint's state may be put in place here: in effect, and over all that came without its payload. */
  accepts({ checkpoint, hashes }: Snapshot): "yes" | "not now" | "forged" {
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
      const own = await served()?.load(hash);
      if (own === undefined) missing.push(hash);
      else this.#keep(hash, own);
    }
    return missing;
  }

  /** A page as it travels: nobody reads it who has no key of the context. */
  seal(hash: Uint8Array, page: Uint8Array): Uint8Array | undefined {
    return this.#host.admission.sealing.sealBeside(headerOf(hash), page);
  }

  /** Keeps a page as it travelled. */
  stage(hash: Uint8Array, sealed: Uint8Array): Staging {
    const { sealing } = this.#host.admission;
    // Its sender may know a key that this member is only to be handed: the page says nothing of who is wrong.
    if (!sealing.canOpenBeside(sealed)) return "no key";
    const page = sealing.openBeside(headerOf(hash), sealed);
    return page !== undefined && this.#keep(hash, page) ? "kept" : "forged";
  }

  #keep(hash: Uint8Array, page: Uint8Array): boolean {
    if (!bytesEqual(statePageHash(page), hash) || decodeStatePage(page) === undefined) return false;
    const { committer, context } = this.#host;
    this.#staged.add(idKey(hash));
    committer.mark([{ kind: "put", key: pageKey(context, hash), value: page.slice() }]);
    return true;
  }

  /** Puts the state of a snapshot in place whose pages are all staged, or that of what is here. */
  async finish(snapshot: Snapshot | undefined): Promise<Result<null>> {
    const isReady = snapshot ? this.accepts(snapshot) === "yes" : this.hasAllPayloads;
    if (!isReady) return err<InstallErrorCode>("SNAPSHOT_DAMAGED", "it is of no checkpoint that is in effect here");
    const done = await this.#host.install(snapshot);
    // What is not what it was is asked for again.
    if (!done.ok) this.#staged.clear();
    return done;
  }

  /** The state is in its place. */
  ended(): void {
    this.#isOn = false;
    this.#isBehind = false;
    this.#isByPayload = false;
    this.#allowed = new Set();
    this.#staged.clear();
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
    committer.mark(deltaRows(context, graph, [{ delta: whole, entries, local: false }]));
  }

  /** Nothing came without its payload, so the cells are what they are to be. */
  #endUnchanged(): void {
    this.#host.committer.mark([endRow(this.#host.context)]);
    this.ended();
  }

  #missingPayloads(): Order[] {
    return this.#prunedOutside(this.#coverOf(this.#host.applied()));
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

function headerOf(hash: Uint8Array): Uint8Array {
  return concatBytes(PAGE_DOMAIN, hash);
}
