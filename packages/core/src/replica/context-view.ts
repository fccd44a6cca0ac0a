/** What may be read of one context by those who do not write: its members, what is held here, and pages for peers. */
import type { AccessState, Role } from "../access/index.ts";
import {
  type ApplicationId,
  bytesToHex,
  type ContextId,
  type DeltaId,
  type Failure,
  idToText,
  type PublicKey,
  type Result,
} from "../base/index.ts";
import type { GraphReader, VersionVector } from "../dag/index.ts";
import type { Admission } from "./admission.ts";
import type { Compactor } from "./checkpoint/compactor.ts";
import type { Frontier } from "./commit.ts";
import {
  type DeltaForm,
  type DeltaPage,
  type MissingPage,
  type PageSource,
  readDeltas,
  readMissing,
} from "./delta-page.ts";
import { type EquivocationFound, equivocationsOf, proveEquivocation } from "./equivocations.ts";
import type { Opened, ReplicaOptions } from "./open.ts";
import type { ReplicaPorts } from "./ports.ts";
import { Receipts } from "./receipts/receipts.ts";

export abstract class ContextView {
  readonly context: ContextId;
  protected readonly ports: ReplicaPorts;
  protected readonly admission: Admission;

  /** How far writes have got, here and elsewhere. */
  readonly receipts: Receipts;
  #equivocationsTold: number;

  protected constructor(ports: ReplicaPorts, { context, signer }: ReplicaOptions, { admission, writer }: Opened) {
    this.ports = ports;
    this.context = context;
    this.admission = admission;
    const { graph, rights } = admission;
    const known = { context, crypto: ports.crypto, signer, writer, graph, rights };
    this.receipts = new Receipts({ ...known, flushed: () => this.flushed });
    this.#equivocationsTold = graph.equivocations.length;
  }

  /** The last flushed commit: the only state that anybody outside is told of. */
  abstract get flushed(): Frontier;

  /** What was made of tombstones, and makes of them. */
  abstract readonly checkpoints: Compactor;

  /** Why nothing is taken in any more; undefined while all is well. */
  abstract get closed(): Failure | undefined;

  get pendingSize(): number {
    return this.admission.pending.size;
  }

  /** The admitted deltas and what they follow, flushed or not. */
  get graph(): GraphReader {
    return this.admission.graph;
  }

  /** Whether deltas that are ready wait for a page of the state. */
  get isStalled(): boolean {
    return this.admission.isStalled;
  }

  /** Deltas that share actor and sequence with another. */
  get forks(): number {
    return this.admission.graph.forks.length;
  }

  /** Actors that were seen to write two deltas in one place: the operator is told, and others may be shown the proof. */
  equivocations(): EquivocationFound[] {
    return equivocationsOf(this.admission);
  }

  /** A proof of the one at `index`, which anybody can check: `verifyEquivocation`. */
  proveEquivocation(index: number): Result<Uint8Array> {
    return proveEquivocation(this.#pageSource("pruned"), index);
  }

  get application(): ApplicationId | undefined {
    return this.access().application as ApplicationId | undefined;
  }

  /** Those that it was and is, oldest first. */
  get applications(): readonly ApplicationId[] {
    return this.access().applications as readonly ApplicationId[];
  }

  /** Members and actors as all that is held here together has them. */
  access(): AccessState {
    return this.admission.rights.state;
  }

  roleOf(member: PublicKey): Role | undefined {
    return this.admission.rights.roleNow(member);
  }

  /** All keys of the context, sealed to a member who joins and needs them before the log that tells of them. */
  handOverKeys(member: PublicKey): Uint8Array {
    return this.admission.sealing.handOver(member);
  }

  has(key: string): boolean {
    return this.admission.graph.has(key);
  }

  /** True for what is admitted, and for what waits here. */
  holds(key: string): boolean {
    return this.has(key) || this.admission.pending.has(key);
  }

  /** Last sequences of what is admitted here, flushed or not. */
  vector(): VersionVector {
    return this.admission.graph.vector();
  }

  /** The same with what is proven and waits: what need not be asked for. What it waits for is asked for by id. */
  heldVector(): VersionVector {
    return this.admission.pending.extend(this.vector());
  }

  missingFrontier(limit: number): DeltaId[] {
    return this.admission.pending.missingFrontier(limit);
  }

  /** Flushed deltas that a peer with `vector` lacks, oldest first: up to `bytesMax`, but at least one. */
  missingFrom(vector: VersionVector, bytesMax: number, form: DeltaForm = "whole"): MissingPage {
    // After a failed flush the store answers nothing more.
    if (this.closed) return { deltas: [], more: false, isPruned: false, upTo: vector };
    return readMissing(this.#pageSource(form), vector, bytesMax);
  }

  /** The member who writes as this actor; undefined while its first delta is not here. */
  memberOf(actorKey: string): PublicKey | undefined {
    return this.admission.rights.memberOf(actorKey);
  }

  /** The named deltas that are here and flushed, oldest first, as far as `bytesMax` goes. */
  byKey(keys: readonly string[], bytesMax: number, form: DeltaForm = "whole"): DeltaPage {
    const orders = keys.flatMap((key) => this.admission.graph.orderOf(key) ?? []);
    if (this.closed) return { deltas: [], more: false, isPruned: false };
    return readDeltas(
      this.#pageSource(form),
      orders.sort((a, b) => a - b),
      bytesMax,
    );
  }

  /** Tells the operator of actors that were seen to write two deltas in one place since it was last called. */
  protected tellEquivocations(): void {
    const { length } = this.admission.graph.equivocations;
    if (length === this.#equivocationsTold) return;
    for (const { member, actor, deltas } of equivocationsOf(this.admission, this.#equivocationsTold)) {
      const fields = { member: idToText(member), actor: bytesToHex(actor), deltas: deltas.map(idToText) };
      this.ports.log.log("warn", "replica.equivocation", { context: idToText(this.context), ...fields });
    }
    this.#equivocationsTold = length;
  }

  #pageSource(form: DeltaForm): PageSource {
    const { store, crypto } = this.ports;
    const { context, admission } = this;
    return { store, crypto, context, admission, end: this.flushed.count, form };
  }
}
