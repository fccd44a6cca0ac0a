/**
 * A member that does as it pleases. Its node runs the real code, so it knows what a member knows and is let in like one;
 * between its engine and the network stands this, which keeps deltas back, makes frames false, and sends what the plan
 * has it write by hand.
 */

import { createPrng, idKey, type PeerId, type Prng, type SendOutcome, type Signer } from "@dunlin/core/base";
import type { Replica } from "@dunlin/core/replica";
import { type Counts, mix, mixUnit } from "@dunlin/core/simulation";
import { decodeFrame, encodeFrame, type Frame } from "@dunlin/core/sync";
import { memoCrypto } from "../memo-crypto.ts";
import type { Traitor as TraitorPlan } from "../plan.ts";
import { FalseSnapshots } from "./false-snapshots.ts";
import { Forger } from "./forger.ts";
import { lie } from "./lies.ts";

const SNAPSHOT_FRAME = 20;

/** What its node has at the moment. */
export interface Means {
  readonly replica: Replica;
  readonly wallMs: number;
  readonly peers: readonly PeerId[];
  /** Past its own lies. */
  readonly send: (peer: PeerId, frame: Uint8Array) => SendOutcome;
}

type ChannelFrame = Extract<Frame, { readonly channel: number }>;
export type Said = ChannelFrame extends infer F ? (F extends ChannelFrame ? Omit<F, "channel"> : never) : never;

export class Traitor {
  readonly forger: Forger;
  readonly snapshots: FalseSnapshots;
  readonly #plan: TraitorPlan;
  readonly #seed: number;
  readonly #channelByPeer = new Map<PeerId, number>();
  #said = 0;
  #snapshotsSaid = 0;
  /** From then on it does nothing new, and goes on with what it has always done. */
  isSpent = false;

  constructor(seed: number, signer: Signer, plan: TraitorPlan, counts: Counts) {
    this.#plan = plan;
    this.#seed = mix(seed, 9, plan.node);
    this.forger = new Forger(signer, createPrng(this.#seed));
    this.snapshots = new FalseSnapshots(counts);
  }

  get leaves(): boolean {
    return this.#plan.leaves;
  }

  /** Sends what it makes of a frame of its engine; `replica` is its node's. */
  send(
    peer: PeerId,
    honest: Uint8Array,
    send: (bytes: Uint8Array) => SendOutcome,
    replica: Replica | undefined,
  ): SendOutcome {
    const bytes = this.#poisoned(honest, replica);
    const frame = decodeFrame(bytes);
    if (frame?.kind === "prove") this.#channelByPeer.set(peer, frame.channel);
    if (frame?.kind === "hello") this.#channelByPeer.delete(peer);
    if (!frame || ["hello", "offer", "prove", "redeem", "redeemed"].includes(frame.kind)) return send(bytes);
    const told = this.#withheld(peer, frame);
    if (!told) return "queued";
    const draw = createPrng(mix(this.#seed, this.#said++));
    // What is kept back once and told later would go round when all have come to rest.
    const mayLie = !this.isSpent || frame.kind !== "deltas";
    if (!mayLie || !draw.chance(this.#plan.lies)) return send(told === frame ? bytes : encodeFrame(told));
    let outcome: SendOutcome = "queued";
    for (const said of lie(draw, told)) outcome = send(said);
    return outcome;
  }

  /** Says something on the channel of the context, where the peer has got so far. */
  say(means: Means, peer: PeerId, said: Said): void {
    const channel = this.#channelByPeer.get(peer);
    if (channel !== undefined) means.send(peer, encodeFrame({ ...said, channel } as Frame));
  }

  push(means: Means, peers: readonly PeerId[], deltas: readonly Uint8Array[]): void {
    for (const peer of peers) this.say(means, peer, { kind: "deltas", answer: false, more: false, last: true, deltas });
  }

  draw(seed: number): Prng {
    return createPrng(mix(this.#seed, 1, seed));
  }

  #poisoned(bytes: Uint8Array, replica: Replica | undefined): Uint8Array {
    const frame = bytes[0] === SNAPSHOT_FRAME ? decodeFrame(bytes) : undefined;
    if (frame?.kind !== "snapshot") return bytes;
    const draw = createPrng(mix(this.#seed, 3, this.#snapshotsSaid++));
    const said = this.snapshots.tell(draw, frame.said, replica, draw.chance(this.#plan.poisons));
    return said === frame.said ? bytes : encodeFrame({ ...frame, said });
  }

  /** The same deltas from the same peers, always: undefined when nothing is left. */
  #withheld(peer: PeerId, frame: Frame): Frame | undefined {
    const { withholds } = this.#plan;
    if (frame.kind !== "deltas" || withholds === 0) return frame;
    const deltas = frame.deltas.filter((bytes) => !this.#isWithheld(peer, bytes));
    if (deltas.length === frame.deltas.length) return frame;
    return deltas.length > 0 || frame.answer ? { ...frame, deltas } : undefined;
  }

  #isWithheld(peer: PeerId, bytes: Uint8Array): boolean {
    const name = idKey(memoCrypto.sha256(bytes));
    let number = 0;
    for (let i = 0; i < 8; i++) number = Math.imul(number, 31) + name.charCodeAt(i);
    return mixUnit(this.#seed, 2, number, Number(peer.slice(1))) < this.#plan.withholds;
  }
}
