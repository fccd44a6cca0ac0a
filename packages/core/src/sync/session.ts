/**
 * One context shared with one peer: what to send, and what to make of what comes. Sans-I/O: a session takes a frame, a
 * commit or a tick and sends frames through `send`; it never waits.
 *
 * Two paths bring deltas. Push is the context's broadcast, of which a session is one neighbour. Pull (`puller.ts`): who
 * sees that the other holds more asks for what lies beyond its own version vector, and for the missing frontier of all
 * that is pending. A session has succeeded when everything that the peer named is admitted here.
 *
 * Refuses: frames before the peer has proved a member's key, and everything from a key that is no member (it waits:
 * membership may arrive later, and is looked at again after each commit).
 */
import {
  bytesEqual,
  type Clock,
  type ContextId,
  type Log,
  type PeerId,
  type PublicKey,
  type SendOutcome,
} from "../base/index.ts";
import type { VersionVector } from "../dag/index.ts";
import type { AdmissionErrorCode, BatchOutcome, Commit } from "../replica/index.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { BesideDeltas, type BesidePorts } from "./beside-deltas.ts";
import type { Admitted, Broadcast, Neighbour } from "./broadcast.ts";
import { isPast } from "./clock.ts";
import { headsDigest } from "./digest.ts";
import { Divergence } from "./divergence.ts";
import type { DeltasFrame, DigestEntry, Frame, PeerAddresses, SessionFrame, StateFrame } from "./frames.ts";
import { Heartbeat } from "./heartbeat.ts";
import { STATE_HEADS_MAX, STATE_SPACING_MS } from "./limits.ts";
import { answerPull, pushPages } from "./pages.ts";
import { PeerMember, type PeerMemberPorts } from "./peer-member.ts";
import { Puller, type PullerPorts } from "./puller.ts";
import { RangeSearch } from "./ranges/range-search.ts";
import type { RangeAnswer } from "./ranges/reconcile.ts";
import { takenOf } from "./receive.ts";
import type { RouteChange } from "./routes.ts";
import { type SessionProgress, type SessionState, wordsOf } from "./session-state.ts";
import type { SyncSettings } from "./settings.ts";
import { Standing } from "./standing.ts";
import { covers } from "./vector.ts";

export interface SessionPorts extends Omit<PullerPorts, "send" | "patience">, PeerMemberPorts, BesidePorts {
  readonly crypto: { sha256(bytes: Uint8Array): Uint8Array };
  readonly clock: Clock;
  readonly log: Log;
  readonly peer: PeerId;
  readonly broadcast: Broadcast;
  /** What the two ends of the connection share, and nobody knew before. */
  readonly key: Uint8Array;
  readonly settings: SyncSettings;
  /** This node's channel for the context. */
  readonly channel: number;
  readonly send: (frame: Frame) => SendOutcome;
  /** The peer has opened its side for the first time: frames on this channel reach it from now on. */
  readonly onReady: () => void;
}

const NEWER: AdmissionErrorCode = "DELTA_UNSUPPORTED";

export class Session implements Neighbour {
  readonly #ports: SessionPorts;
  readonly #puller: Puller;
  readonly #ranges: RangeSearch;
  readonly #member: PeerMember;
  #open = false;
  readonly #standing: Standing;
  /** A push did not fit the peer's queue: it is told the state instead and pulls. */
  #behind = false;
  /** Authors whose deltas were asked for because they had not come from elsewhere. */
  #late: ReadonlySet<string> = new Set();
  readonly #divergence: Divergence;
  readonly #heartbeat: Heartbeat;
  #stateSentMs = Number.NEGATIVE_INFINITY;
  #stateSentCount = -1;
  readonly #acknowledgements = new Acknowledgements();
  readonly #beside: BesideDeltas;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#member = new PeerMember(ports);
    this.#beside = new BesideDeltas({ ...ports, member: this.#member, send: (frame) => this.#send(frame) });
    this.#puller = new Puller({ ...ports, patience: ports.broadcast.patience, send: (frame) => this.#send(frame) });
    this.#ranges = new RangeSearch({
      ...ports,
      ask: (claims) => this.#send({ kind: "ranges", claims }),
      answer: ({ ids, parts }) => this.#send({ kind: "parts", ids, parts }),
    });
    this.#standing = new Standing({ ...ports, patience: ports.broadcast.patience });
    const { crypto, replica } = ports;
    const heads = (): Uint8Array => headsDigest(crypto, replica.flushed);
    const tell = (branches: readonly (Uint8Array | undefined)[]): void =>
      void this.#send({ kind: "branches", heads: heads(), branches });
    this.#heartbeat = new Heartbeat(ports);
    this.#divergence = new Divergence({ ...ports, tell });
  }

  get context(): ContextId {
    return this.#ports.replica.context;
  }

  get open(): boolean {
    return this.#open;
  }

  /** True when frames on this channel reach the peer: it has told its state. */
  get ready(): boolean {
    return this.#open && this.#standing.isTold;
  }

  /** This node's channel for the context. */
  get channel(): number {
    return this.#ports.channel;
  }

  get member(): PublicKey | undefined {
    return this.#member.key;
  }

  progress(): SessionProgress {
    const { state } = this;
    return { state, reason: this.#reason(state), even: this.#isEven(), lastSuccessMs: this.#standing.lastSuccessMs };
  }

  get state(): SessionState {
    if (!this.#member.key) return "proving";
    if (!this.#open) return "not a member";
    if (this.#divergence.reason !== undefined) return "diverged";
    const { isTold, isUnmet } = this.#standing;
    return isUnmet || this.#puller.isPulling || !isTold ? "catching up" : "in sync";
  }

  #reason(state: SessionState): string {
    if (state === "diverged") return this.#divergence.reason ?? "";
    if (state === "catching up" && this.#standing.isTold && !this.#standing.isHeld) return this.#puller.reason();
    return wordsOf(state, { isBehind: this.#behind, isTold: this.#standing.isTold });
  }

  #isEven(): boolean {
    const { replica } = this.#ports;
    if (this.state !== "in sync" || replica.backlog > 0) return false;
    return this.#acknowledgements.covers(replica.flushed.vector, this.#standing.claims);
  }

  /** The peer proved that it holds this member's key. */
  proved(member: PublicKey): void {
    this.#member.proved(member);
    this.reconsider();
  }

  /** Membership may have changed: opens the session once the peer's key is a member's. */
  reconsider(): void {
    if (this.#open || !this.#member.mayStay) return;
    this.#open = true;
    this.#beside.open(this.#standing.isTold);
    this.#ports.broadcast.add(this);
    this.#sendState();
  }

  close(): void {
    this.#puller.close();
    this.#beside.close();
    this.#ports.broadcast.remove(this);
  }

  onFrame(frame: SessionFrame): void {
    if (!this.#member.mayStay) return;
    this.#puller.revive();
    switch (frame.kind) {
      case "state":
        return this.#onState(frame);
      case "pull":
        return answerPull(this.#ports.replica, frame, (page) => this.#send(page));
      case "deltas":
        return this.#onDeltas(frame);
      case "ack":
        return this.#onAck(frame.vector);
      case "have":
        return this.#standing.announced(frame.vector);
      case "route":
        return this.#ports.broadcast.onRoute(this, frame.change, frame.actors);
      case "ranges":
        return this.#ranges.onAsked(frame.claims);
      case "parts":
        return this.#onParts(frame);
      case "branches":
        if (!bytesEqual(frame.heads, headsDigest(this.#ports.crypto, this.#ports.replica.flushed))) return undefined;
        return this.#divergence.onBranches(frame.branches);
      case "receipts":
      case "presence":
        return this.#beside.onFrame(frame);
      case "peers":
        return undefined;
    }
  }

  #onState(frame: StateFrame): void {
    const isFirst = this.#standing.told(frame);
    if (isFirst) {
      this.#beside.ready();
      this.#ports.onReady();
    }
    // A state says what its sender has flushed: it makes good for acknowledgements that were lost.
    this.#ports.replica.acknowledge(frame.vector);
    // What others wrote may be under way from them: it is asked for if it is still missing a little later.
    if (this.#standing.isUnmet && isFirst) this.#pull();
    const { flushed } = this.#ports.replica;
    // What was told before the peer opened its side was not heard.
    if (isFirst || (!covers(frame.vector, flushed.vector) && this.#stateSentCount !== flushed.count)) this.#sendState();
  }

  #onDeltas(frame: DeltasFrame): void {
    // A context that failed to flush takes nothing in, which is nobody's fault but its own.
    const { replica, broadcast, meters } = this.#ports;
    const begun = meters?.begin() ?? 0;
    const outcome = replica.admitMany(frame.deltas);
    if (replica.closed) return;
    this.#note(outcome);
    const taken = takenOf(outcome);
    const { deltas, admitted, pending } = taken;
    meters?.admitted(begun, frame.deltas.length, frame.answer ? [] : deltas);
    if (frame.answer) this.#onPulled(frame, admitted);
    else broadcast.onBatch(this, taken);
    this.#standing.judge();
    if (frame.answer)
      this.#puller.onAnswer(frame, deltas.length, this.#standing.isUnmet, this.#standing.unknownHeads());
    else if (pending > 0) this.#puller.missingSoon();
  }

  /** Who had what came late brings it from now on. */
  #onPulled({ more, last }: DeltasFrame, admitted: Admitted): void {
    const { broadcast } = this.#ports;
    broadcast.onPulled(this, admitted, more || !last || this.#standing.lastSuccessMs === undefined);
    const all = [...admitted.brought, ...admitted.released].map(({ actorKey }) => actorKey);
    const late = new Set(all.filter((actorKey) => this.#late.has(actorKey)));
    if (late.size === 0) return;
    this.#late = new Set();
    broadcast.turnTo(this, [...late]);
  }

  #note({ verdicts, admitted, refused }: BatchOutcome): void {
    for (const verdict of verdicts) {
      this.#ports.count(`sync.deltas_${verdict.kind}`);
      if (verdict.kind !== "refused" || verdict.isProof) continue;
      // What a newer version writes is no fault of the peer: it is this node that must be updated.
      if (verdict.error.code !== NEWER) this.#ports.charge(verdict.error);
    }
    this.#acknowledgements.owe(admitted.map(({ delta }) => delta));
    // What had waited and is refused now came from somebody else: whoever completes it is not to blame.
    for (const { code } of refused) this.#ports.count(`sync.waited_in_vain_${code}`);
  }

  /** Ids that the peer holds and that no vector tells of. */
  #onParts(frame: RangeAnswer): void {
    const found = this.#ranges.onAnswer(frame);
    if (!found) return;
    this.#ports.count("sync.range_searches");
    this.#puller.need(found);
    this.#pull();
  }

  /** A frame for the peer was dropped on its way: what it misses it will pull. */
  onDropped(): void {
    this.#behind = true;
    this.#beside.onDropped();
  }

  #onAck(vector: VersionVector): void {
    this.#acknowledgements.receive(vector, this.#ports.replica.flushed.vector);
    this.#ports.replica.acknowledge(vector);
  }

  /** A commit was flushed here. */
  onCommit(commit: Commit): void {
    this.reconsider();
    if (!this.#open) return;
    if (this.ready) this.#beside.onCommit(commit);
    if (this.#acknowledgements.isOwing) this.#ports.broadcast.onAcknowledgeable();
    this.#standing.judge();
    this.#puller.onRoom(this.#standing.unknownHeads());
  }

  tick(): void {
    this.reconsider();
    if (!this.#open) return;
    if (this.#member.hasToLeave()) {
      this.#open = false;
      return this.close();
    }
    if (this.#beside.isBusy && this.ready) this.#beside.tick();
    this.#puller.tick();
    this.#ranges.tick();
    this.#standing.judge();
    if (this.#standing.isForked) this.#ranges.begin();
    if (this.#standing.isLate && !this.#standing.isHeld) this.#pullLate();
    else this.#puller.pullMissing();
    if (this.#behind || this.#stateSentCount < 0) this.#sendState();
  }

  /** Asks for everything that differs, now. */
  syncNow(): void {
    if (!this.#open) return;
    this.#sendState();
    this.#standing.judge();
    if (this.#standing.isUnmet) this.#pull();
  }

  /** What the periodic message says of this context; undefined when there is nothing to say. */
  digestDue(isRound: boolean): DigestEntry | undefined {
    return this.ready ? this.#heartbeat.due(isRound) : undefined;
  }

  /** The periodic message names this context. */
  onDigest({ heads, root }: DigestEntry): void {
    const { replica, count } = this.#ports;
    if (!bytesEqual(heads, headsDigest(this.#ports.crypto, replica.flushed))) {
      this.#divergence.clear();
      count("sync.digests_unequal");
      // It answers with its own when it sees that it holds more.
      if (isPast(this.#ports.clock.now(), this.#stateSentMs, STATE_SPACING_MS)) this.#sendState();
      return;
    }
    count("sync.digests_equal");
    // It has flushed what is flushed here: that makes good for what was lost.
    this.#standing.agreed();
    replica.acknowledge(replica.flushed.vector);
    const ours = root && replica.flushed.root;
    if (!ours || !root) return;
    if (bytesEqual(ours, root)) this.#divergence.clear();
    else this.#divergence.found();
  }

  /** What was announced did not come from elsewhere: it is pulled. */
  #pullLate(): void {
    const late = this.#standing.lateActors();
    if (this.#pull()) this.#late = new Set(late);
  }

  #pull(): boolean {
    const isAsked = this.#puller.pull(this.#standing.unknownHeads());
    if (isAsked) this.#standing.pulled();
    return isAsked;
  }

  acknowledge(of: "its own" | "all"): void {
    const isDue = (actorKey: string): boolean => of === "all" || this.isAuthor(actorKey);
    const tell = (vector: VersionVector): boolean => this.#send({ kind: "ack", vector }) === "queued";
    this.#acknowledgements.pay(this.#ports.replica.flushed.vector, isDue, tell);
  }

  push(deltas: readonly Uint8Array[]): boolean {
    this.#behind ||= !pushPages(deltas, (page) => this.#send(page));
    return !this.#behind;
  }

  announce(vector: VersionVector): void {
    if (this.ready) this.#send({ kind: "have", vector });
  }

  route(change: RouteChange, actors: readonly string[]): void {
    this.#send({ kind: "route", change, actors });
  }

  isAuthor(actorKey: string): boolean {
    return this.#member.isAuthor(actorKey);
  }

  #sendState(): void {
    const { heads, vector, count } = this.#ports.replica.flushed;
    if (this.#send({ kind: "state", heads: heads.slice(-STATE_HEADS_MAX), vector }) !== "queued") return;
    this.#stateSentMs = this.#ports.clock.now();
    this.#stateSentCount = count;
    this.#behind = false;
  }

  /** Tells the peer how to reach these members' nodes. */
  sendPeers(peers: readonly PeerAddresses[]): void {
    if (peers.length > 0) this.#send({ kind: "peers", peers });
  }

  #send(frame: WithoutChannel<Frame>): SendOutcome {
    return this.#ports.send({ ...frame, channel: this.#ports.channel } as Frame);
  }
}

export type WithoutChannel<F> = F extends { readonly channel: number } ? Omit<F, "channel"> : never;
