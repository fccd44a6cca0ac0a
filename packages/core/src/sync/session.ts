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
  type Failure,
  idKey,
  type PublicKey,
  type SendOutcome,
} from "../base/index.ts";
import type { AuthenticDelta, VersionVector } from "../dag/index.ts";
import type { AdmissionErrorCode, BatchOutcome } from "../replica/index.ts";
import type { Broadcast, Neighbour } from "./broadcast.ts";
import { headsDigest } from "./digest.ts";
import type { DeltasFrame, DigestEntry, Frame, PeerAddresses, StateFrame } from "./frames.ts";
import {
  DELTAS_PAGE_BYTES_SOFT,
  PULL_PAGES_MAX,
  STATE_HEADS_MAX,
  STATE_SPACING_MS,
  VECTOR_ACTORS_MAX,
} from "./limits.ts";
import { Puller, type PullerPorts } from "./puller.ts";
import { RangeSearch } from "./ranges/range-search.ts";
import type { RangeAnswer } from "./ranges/reconcile.ts";
import type { RouteChange } from "./routes.ts";
import type { SyncSettings } from "./settings.ts";
import { covers, lacking, restrict } from "./vector.ts";

/** What a session is at, in words for the status. */
export type SessionState =
  /** The peer offered the context and has not proved a member's key. */
  | "proving"
  /** It proved a key that is not (or not yet) a member's here. */
  | "not a member"
  /** Deltas are being pulled. */
  | "catching up"
  /** Everything that the peer last named is here. */
  | "in sync"
  /** The peer holds the same deltas and another state: a bug or damage on one side. */
  | "diverged";

export interface SessionProgress {
  readonly state: SessionState;
  /** Why it is at that, in words. */
  readonly reason: string;
  /** Whether each side is known to have flushed all that the other has. */
  readonly even: boolean;
  readonly lastSuccessMs: number | undefined;
}

export interface SessionPorts extends Omit<PullerPorts, "send" | "patience"> {
  readonly crypto: { sha256(bytes: Uint8Array): Uint8Array };
  readonly clock: Clock;
  readonly broadcast: Broadcast;
  /** What the two ends of the connection share, and nobody knew before. */
  readonly key: Uint8Array;
  readonly settings: SyncSettings;
  /** This node's channel for the context. */
  readonly channel: number;
  readonly send: (frame: Frame) => SendOutcome;
  /** The peer sent a delta that is refused. */
  readonly charge: (failure: Failure) => void;
  /** The peer has opened its side for the first time: frames on this channel reach it from now on. */
  readonly onReady: () => void;
  /** True for a member that is trusted before the context's access log is here: the redeemer of our invitation. */
  readonly trusts: (member: PublicKey) => boolean;
}

type SessionFrame = Exclude<Extract<Frame, { readonly channel: number }>, { readonly kind: "prove" | "blob" }>;

const NEWER: AdmissionErrorCode = "DELTA_UNSUPPORTED";

export class Session implements Neighbour {
  readonly #ports: SessionPorts;
  readonly #puller: Puller;
  readonly #ranges: RangeSearch;
  #member: PublicKey | undefined;
  #open = false;
  #theirs: StateFrame | undefined;
  /** What the peer says that it holds: its last state and what it announced since. */
  #claims: ReadonlyMap<string, number> = new Map();
  /** Since when something that the peer named is not here. */
  #unmetSinceMs: number | undefined;
  /** Something of it was asked for. */
  #hasPulled = false;
  /** A push did not fit the peer's queue: it is told the state instead and pulls. */
  #behind = false;
  /** Authors whose deltas were asked for because they had not come from elsewhere. */
  #late: ReadonlySet<string> = new Set();
  #mismatch: string | undefined;
  #stateSentMs = Number.NEGATIVE_INFINITY;
  #stateSentCount = -1;
  #digestSentMs = Number.NEGATIVE_INFINITY;
  #digestSentCount = -1;
  #beatSentMs = Number.NEGATIVE_INFINITY;
  #lastSuccessMs: number | undefined;
  /** What the peer has acknowledged beyond the vector of its last state. */
  readonly #acknowledged = new Map<string, number>();
  /** The last sequences of what the peer sent and has no acknowledgement for. */
  readonly #unacknowledged = new Map<string, number>();

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#puller = new Puller({ ...ports, patience: ports.broadcast.patience, send: (frame) => this.#send(frame) });
    this.#ranges = new RangeSearch({
      ...ports,
      ask: (claims) => this.#send({ kind: "ranges", claims }),
      answer: ({ ids, parts }) => this.#send({ kind: "parts", ids, parts }),
    });
  }

  get context(): ContextId {
    return this.#ports.replica.context;
  }

  get open(): boolean {
    return this.#open;
  }

  /** True when frames on this channel reach the peer: it has told its state. */
  get ready(): boolean {
    return this.#open && this.#theirs !== undefined;
  }

  /** This node's channel for the context. */
  get channel(): number {
    return this.#ports.channel;
  }

  get member(): PublicKey | undefined {
    return this.#member;
  }

  progress(): SessionProgress {
    const { state } = this;
    return { state, reason: this.#reason(state), even: this.#isEven(), lastSuccessMs: this.#lastSuccessMs };
  }

  get state(): SessionState {
    if (!this.#member) return "proving";
    if (!this.#open) return "not a member";
    if (this.#mismatch !== undefined) return "diverged";
    return this.#unmetSinceMs !== undefined || this.#puller.isPulling || !this.#theirs ? "catching up" : "in sync";
  }

  #reason(state: SessionState): string {
    switch (state) {
      case "proving":
        return "the peer offered this context and has not yet shown a member's key";
      case "not a member":
        return "the peer's key is not a member's in this node's view; it is looked at again after each commit";
      case "diverged":
        return this.#mismatch ?? "";
      case "catching up":
        return this.#theirs ? this.#puller.reason() : "the peer has not told its state yet";
      case "in sync":
        return this.#behind
          ? "all that the peer named is here; the peer reads too slowly and is left to pull"
          : "all that the peer named is here";
    }
  }

  #isEven(): boolean {
    const { replica } = this.#ports;
    if (!this.#theirs || this.state !== "in sync" || replica.backlog > 0) return false;
    for (const [actor, sequence] of replica.flushed.vector) {
      if (Math.max(this.#claims.get(actor) ?? 0, this.#acknowledged.get(actor) ?? 0) < sequence) return false;
    }
    return true;
  }

  /** The peer proved that it holds this member's key. */
  proved(member: PublicKey): void {
    this.#member = member;
    this.reconsider();
  }

  /** Membership may have changed: opens the session once the peer's key is a member's. */
  reconsider(): void {
    if (!this.#member || this.#open) return;
    if (!this.#ports.replica.roleOf(this.#member) && !this.#ports.trusts(this.#member)) return;
    this.#open = true;
    this.#ports.broadcast.add(this);
    this.#sendState();
  }

  close(): void {
    this.#puller.close();
    this.#ports.broadcast.remove(this);
  }

  onFrame(frame: SessionFrame): void {
    switch (frame.kind) {
      case "state":
        return this.#onState(frame);
      case "pull":
        return this.#onPull(frame);
      case "deltas":
        return this.#onDeltas(frame);
      case "ack":
        return this.#onAck(frame.vector);
      case "have":
        return this.#onHave(frame.vector);
      case "route":
        return this.#ports.broadcast.onRoute(this, frame.change, frame.actors);
      case "ranges":
        return this.#ranges.onAsked(frame.claims);
      case "parts":
        return this.#onParts(frame);
      case "peers":
        return undefined;
    }
  }

  #onState(frame: StateFrame): void {
    const first = this.#theirs === undefined;
    this.#theirs = frame;
    this.#claims = frame.vector;
    if (first) this.#ports.onReady();
    // A state says what its sender has flushed: it makes good for acknowledgements that were lost.
    this.#ports.replica.acknowledge(frame.vector);
    this.#judge();
    // What others wrote may be under way from them: it is asked for if it is still missing a little later.
    if (this.#unmetSinceMs !== undefined && first) this.#pull();
    const { flushed } = this.#ports.replica;
    // What was told before the peer opened its side was not heard.
    if (first || (!covers(frame.vector, flushed.vector) && this.#stateSentCount !== flushed.count)) this.#sendState();
  }

  #onHave(vector: VersionVector): void {
    const claims = new Map(this.#claims);
    for (const [actor, sequence] of vector) {
      if (claims.size >= VECTOR_ACTORS_MAX && !claims.has(actor)) break;
      claims.set(actor, Math.max(sequence, claims.get(actor) ?? 0));
    }
    this.#claims = claims;
    this.#judge();
  }

  #onPull({ wanted, vector, pages }: Extract<Frame, { kind: "pull" }>): void {
    const { replica } = this.#ports;
    // What was named goes first, and alone, so that the largest delta still fits its frame.
    const named = replica.byKey(wanted.map(idKey), DELTAS_PAGE_BYTES_SOFT);
    if (named.deltas.length > 0 || !vector) {
      this.#send({
        kind: "deltas",
        answer: true,
        last: true,
        more: named.more || vector !== undefined,
        deltas: named.deltas,
      });
      return;
    }
    let from: VersionVector = vector;
    for (let sent = 1; ; sent++) {
      const page = replica.missingFrom(from, DELTAS_PAGE_BYTES_SOFT);
      const last = sent >= Math.min(pages, PULL_PAGES_MAX) || !page.more || page.deltas.length === 0;
      const outcome = this.#send({ kind: "deltas", answer: true, last, more: page.more, deltas: page.deltas });
      if (last || outcome !== "queued") return;
      from = page.upTo;
    }
  }

  #onDeltas(frame: DeltasFrame): void {
    // A context that failed to flush takes nothing in, which is nobody's fault but its own.
    const { replica, broadcast, meters } = this.#ports;
    if (replica.closed) return;
    const begun = meters?.begin() ?? 0;
    const outcome = replica.admitMany(frame.deltas);
    this.#note(outcome);
    const isNewByActor = new Map<string, boolean>();
    let pending = 0;
    for (const verdict of outcome.verdicts) {
      if (verdict.kind === "refused") continue;
      if (verdict.kind === "pending") pending++;
      const { kind, actorKey } = verdict;
      isNewByActor.set(actorKey, kind !== "duplicate" || isNewByActor.get(actorKey) === true);
    }
    const admitted = outcome.admitted.map(({ delta }) => delta);
    meters?.admitted(begun, frame.deltas.length, frame.answer ? [] : admitted);
    if (frame.answer) this.#onPulled(frame, admitted);
    else broadcast.onBatch(this, { isNewByActor, admitted });
    this.#judge();
    if (frame.answer) this.#puller.onAnswer(frame, admitted.length, this.#isUnmet, this.#unknownHeads());
    else if (pending > 0) this.#puller.missingSoon();
  }

  /** Who had what came late brings it from now on. */
  #onPulled({ more, last }: DeltasFrame, admitted: readonly AuthenticDelta[]): void {
    const { broadcast } = this.#ports;
    broadcast.onPulled(this, admitted, more || !last || this.#lastSuccessMs === undefined);
    const late = new Set(admitted.map(({ actorKey }) => actorKey).filter((actorKey) => this.#late.has(actorKey)));
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
    for (const { delta } of admitted) {
      const { actorKey, sequence } = delta;
      this.#unacknowledged.set(actorKey, Math.max(sequence, this.#unacknowledged.get(actorKey) ?? 0));
    }
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
  }

  #onAck(vector: VersionVector): void {
    for (const [actor, sequence] of vector) {
      // Only what is held here is of interest, so a peer cannot make this grow.
      if (this.#ports.replica.flushed.vector.has(actor)) this.#acknowledged.set(actor, sequence);
    }
    this.#ports.replica.acknowledge(vector);
  }

  /** A commit was flushed here. */
  onCommit(): void {
    this.reconsider();
    if (!this.#open) return;
    if (this.#unacknowledged.size > 0) this.#ports.broadcast.onAcknowledgeable();
    this.#judge();
    this.#puller.onRoom(this.#unknownHeads());
  }

  tick(): void {
    this.reconsider();
    if (!this.#open) return;
    const now = this.#ports.clock.now();
    this.#puller.tick();
    this.#ranges.tick();
    this.#judge();
    if (this.#isForked()) this.#ranges.begin();
    if (this.#unmetSinceMs !== undefined && now - this.#unmetSinceMs >= this.#ports.broadcast.patience.ms)
      this.#turnAndPull();
    else this.#puller.pullMissing();
    if (this.#behind || this.#stateSentCount < 0) this.#sendState();
  }

  /** Asks for everything that differs, now. */
  syncNow(): void {
    if (!this.#open) return;
    this.#sendState();
    this.#judge();
    if (this.#isUnmet) this.#pull();
  }

  /** What the periodic message says of this context; undefined when there is nothing to say. */
  digestDue(isRound: boolean): DigestEntry | undefined {
    if (!this.ready) return undefined;
    const { replica, settings } = this.#ports;
    const now = this.#ports.clock.now();
    const isBeat = isPast(now, this.#beatSentMs, settings.heartbeatMs);
    const isChanged = replica.flushed.count !== this.#digestSentCount;
    const isDue = isRound && isChanged && isPast(now, this.#digestSentMs, settings.intervalMs);
    if (!isBeat && !isDue) return undefined;
    // Not known while calls are under way: then the next heartbeat has it.
    const root = isBeat ? replica.flushed.root : undefined;
    if (isBeat) this.#beatSentMs = now;
    this.#digestSentMs = now;
    this.#digestSentCount = replica.flushed.count;
    return { channel: this.#ports.channel, heads: headsDigest(this.#ports.crypto, replica.flushed), root };
  }

  /** The periodic message names this context. */
  onDigest({ heads, root }: DigestEntry): void {
    const { replica, count } = this.#ports;
    if (!bytesEqual(heads, headsDigest(this.#ports.crypto, replica.flushed))) {
      this.#mismatch = undefined;
      count("sync.digests_unequal");
      // It answers with its own when it sees that it holds more.
      if (isPast(this.#ports.clock.now(), this.#stateSentMs, STATE_SPACING_MS)) this.#sendState();
      return;
    }
    count("sync.digests_equal");
    this.#lastSuccessMs = this.#ports.clock.now();
    // It has flushed what is flushed here: that makes good for what was lost.
    this.#claims = replica.flushed.vector;
    replica.acknowledge(replica.flushed.vector);
    const ours = root && replica.flushed.root;
    if (!ours || !root) return;
    if (bytesEqual(ours, root)) this.#mismatch = undefined;
    else this.#onMismatch();
  }

  #onMismatch(): void {
    this.#ports.count("sync.root_mismatch");
    this.#mismatch = "the peer holds the same deltas and another state: a bug, or damage on one side";
  }

  get #isUnmet(): boolean {
    return this.#unmetSinceMs !== undefined;
  }

  /** Whether what the peer last named is all here. */
  #judge(): void {
    if (!this.#theirs) return;
    const { replica } = this.#ports;
    const isUnmet = !covers(replica.vector(), this.#claims) || this.#theirs.heads.some((id) => !replica.has(idKey(id)));
    const now = this.#ports.clock.now();
    if (isUnmet) {
      this.#unmetSinceMs ??= now;
      return;
    }
    if (this.#unmetSinceMs !== undefined) {
      const tookMs = now - this.#unmetSinceMs;
      if (this.#hasPulled) this.#ports.meters?.synced(tookMs);
      else this.#ports.broadcast.patience.note(tookMs);
    }
    this.#hasPulled = false;
    this.#unmetSinceMs = undefined;
    this.#lastSuccessMs = now;
  }

  /** What was announced did not come from elsewhere: it is pulled. */
  #turnAndPull(): void {
    const late = lacking(this.#ports.replica.heldVector(), this.#claims);
    if (this.#pull()) this.#late = new Set(late);
  }

  #pull(): boolean {
    const isAsked = this.#puller.pull(this.#unknownHeads());
    this.#hasPulled ||= isAsked;
    return isAsked;
  }

  /** The peer holds branches of actors of whom, by its vector, everything is here. */
  #isForked(): boolean {
    const sinceMs = this.#unmetSinceMs;
    const isPatient = sinceMs !== undefined && this.#ports.clock.now() - sinceMs >= this.#ports.broadcast.patience.ms;
    return isPatient && this.#ports.replica.backlog === 0 && this.#forkedHeads().length > 0;
  }

  #forkedHeads(): StateFrame["heads"] {
    const { replica } = this.#ports;
    if (!this.#theirs || !covers(replica.heldVector(), this.#claims)) return [];
    return this.#theirs.heads.filter((head) => !replica.has(idKey(head)));
  }

  /** Heads of the peer that a vector cannot tell of: the branches of a fork. */
  #unknownHeads(): StateFrame["heads"] {
    const { replica } = this.#ports;
    if (!this.#theirs || !covers(replica.heldVector(), this.#claims)) return [];
    return this.#theirs.heads.filter((head) => !replica.holds(idKey(head)));
  }

  acknowledge(of: "its own" | "all"): void {
    if (this.#unacknowledged.size === 0) return;
    const flushed = this.#ports.replica.flushed.vector;
    const isDue = ([actor, sequence]: readonly [string, number]): boolean =>
      (flushed.get(actor) ?? 0) >= sequence && (of === "all" || this.isAuthor(actor));
    const due = [...this.#unacknowledged].filter(isDue);
    if (due.length === 0) return;
    const actors = due.map(([actor]) => actor);
    if (this.#send({ kind: "ack", vector: restrict(flushed, actors) }) !== "queued") return;
    for (const actor of actors) this.#unacknowledged.delete(actor);
  }

  push(deltas: readonly Uint8Array[]): boolean {
    let page: Uint8Array[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (page.length === 0 || this.#behind) return;
      if (this.#send({ kind: "deltas", answer: false, last: true, more: false, deltas: page }) === "full")
        this.#behind = true;
      page = [];
      bytes = 0;
    };
    for (const delta of deltas) {
      if (bytes > 0 && bytes + delta.length > DELTAS_PAGE_BYTES_SOFT) flush();
      page.push(delta);
      bytes += delta.length;
    }
    flush();
    return !this.#behind;
  }

  announce(vector: VersionVector): void {
    if (this.ready) this.#send({ kind: "have", vector });
  }

  route(change: RouteChange, actors: readonly string[]): void {
    this.#send({ kind: "route", change, actors });
  }

  isAuthor(actorKey: string): boolean {
    const member = this.#ports.replica.memberOf(actorKey);
    return member !== undefined && this.#member !== undefined && idKey(member) === idKey(this.#member);
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

  #send(frame: WithoutChannel<SessionFrame>): SendOutcome {
    return this.#ports.send({ ...frame, channel: this.#ports.channel } as Frame);
  }
}

/** A clock that was set back counts as past. */
function isPast(now: number, sinceMs: number, durationMs: number): boolean {
  return now - sinceMs >= durationMs || now < sinceMs;
}

export type WithoutChannel<F> = F extends { readonly channel: number } ? Omit<F, "channel"> : never;
