/**
 * The actor that this installation writes as, and the building of its deltas.
 *
 * An actor is drawn afresh for each installation and never speaks from two places: its sequence and last delta are read
 * from the graph, in the turn in which the next delta is signed, so it cannot fork itself.
 */
import {
  type ActorId,
  type ContextId,
  compareBytes,
  type DeltaId,
  EMPTY_BYTES,
  idKey,
  nextStamp,
  type Signer,
  type Stamp,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import {
  type AuthenticDelta,
  actorOf,
  type Cause,
  type Graph,
  type Order,
  type Place,
  signDelta,
} from "../dag/index.ts";
import { encodePayload, type PayloadEntry } from "./payload.ts";

/** An entry as it was executed, with the stamp that its joins were made with. */
export type StampedEntry =
  | {
      readonly kind: "call";
      readonly stamp: Stamp;
      readonly joins: Uint8Array;
      readonly events: EntryEvents;
      /** The event that a handler handled by it: such an entry has a delta of its own. */
      readonly cause?: Cause | undefined;
    }
  | { readonly kind: "access"; readonly statement: Uint8Array }
  /** Says nothing: it vouches for all that its delta follows. */
  | { readonly kind: "endorsement" };

type EntryEvents = Extract<PayloadEntry, { kind: "call" }>["events"];

export interface Written {
  readonly delta: AuthenticDelta;
  readonly place: Place;
  readonly entries: readonly PayloadEntry[];
}

export class OwnActorWriter {
  readonly signer: Signer;
  readonly #crypto: Pick<Crypto, "sha256">;
  #replica: Uint8Array;
  #actor: ActorId;
  #actorKey: string;

  constructor(crypto: Pick<Crypto, "sha256">, signer: Signer, replica: Uint8Array) {
    this.#crypto = crypto;
    this.signer = signer;
    this.#replica = replica;
    this.#actor = actorOf(crypto, signer.publicKey, replica);
    this.#actorKey = idKey(this.#actor);
  }

  get actor(): ActorId {
    return this.#actor;
  }

  get actorKey(): string {
    return this.#actorKey;
  }

  get replica(): Uint8Array {
    return this.#replica;
  }

  /** Speaks as another actor from now on: somebody else was seen to write as this one. */
  redraw(replica: Uint8Array): void {
    this.#replica = replica;
    this.#actor = actorOf(this.#crypto, this.signer.publicKey, replica);
    this.#actorKey = idKey(this.#actor);
  }

  /**
   * Signs a delta of these entries on `parents`, with the cause of the only one that has one. `wallMs` matters only if a
   * remote stamp is ahead of them.
   */
  write(
    graph: Graph,
    parents: readonly Order[],
    context: ContextId,
    entries: readonly StampedEntry[],
    wallMs: number,
  ): Written {
    const tip = graph.tipOf(this.actorKey);
    const stamp = this.#stampOver(graph, entries, wallMs);
    const payloadEntries = entries.flatMap((entry) => toPayloadEntry(entry, stamp));
    const author =
      tip === undefined
        ? ({ first: true, member: this.signer.publicKey, replica: this.replica } as const)
        : ({ first: false, actor: this.actor, sequence: graph.sequenceOf(tip) + 1, prev: graph.idOf(tip) } as const);
    const delta = signDelta(this.#crypto, this.signer, context, {
      author,
      stamp,
      parents: parents.map((order) => graph.idOf(order)).sort(compareBytes) as DeltaId[],
      epoch: undefined,
      cause: entries[0]?.kind === "call" ? entries[0].cause : undefined,
      applicationVersion: undefined,
      extensions: [],
      sealed: false,
      payload: payloadEntries.length > 0 ? encodePayload(payloadEntries) : EMPTY_BYTES,
    });
    return {
      delta,
      place: { parents, prev: tip, isSigned: true, isBare: payloadEntries.length === 0 },
      entries: payloadEntries,
    };
  }

  /** The last entry's stamp when it is above all that is admitted, else the next one above that. */
  #stampOver(graph: Graph, entries: readonly StampedEntry[], wallMs: number): Stamp {
    let last = 0 as Stamp;
    for (const entry of entries) if (entry.kind === "call" && entry.stamp > last) last = entry.stamp;
    return last > graph.stampMax ? last : nextStamp(graph.stampMax, wallMs);
  }
}

function toPayloadEntry(entry: StampedEntry, stamp: Stamp): PayloadEntry | [] {
  if (entry.kind === "endorsement") return [];
  if (entry.kind === "access") return entry;
  return { kind: "call", offset: stamp - entry.stamp, joins: entry.joins, events: entry.events };
}
