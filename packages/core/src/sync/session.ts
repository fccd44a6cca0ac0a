/**
 * One context shared with one peer: what to send, and what to make of what comes. Sans-I/O: a session takes a frame, a
 * commit or a tick and sends frames through `send`; it has no timer and never waits.
 *
 * Two paths bring deltas. Push: own deltas go to every open session once they are flushed. Pull: whoever sees that the
 * other holds more asks for what lies beyond its own version vector, page by page, and for the missing frontier of
 * all that is pending. A session succeeds when everything that the peer's last state named is admitted here.
 *
 * Refuses: frames before the peer has proved a member's key, and everything from a key that is no member (it waits:
 * membership may arrive later, and is looked at again after each commit).
 */
import { bytesEqual, type DeltaId, type Failure, idKey, type PublicKey, type SendOutcome } from "../base/index.ts";
import type { VersionVector } from "../dag/index.ts";
import type { Begun, StageMeter } from "../metrics/index.ts";
import type { AdmissionErrorCode, BatchOutcome, Commit, Replica } from "../replica/index.ts";
import type { DeltasFrame, Frame, PeerAddresses, StateFrame } from "./frames.ts";
import {
  DELTAS_PAGE_BYTES_SOFT,
  PULL_BACKLOG_MAX,
  PULL_TIMEOUT_MS,
  PULL_WANTED_MAX,
  STATE_HEADS_MAX,
} from "./limits.ts";
import { covers, restrict } from "./vector.ts";

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
  /** Whether each side is known to have flushed all that the other has. */
  readonly even: boolean;
  readonly lastSuccessMs: number | undefined;
}

export interface SessionPorts {
  readonly replica: Replica;
  /** This node's channel for the context. */
  readonly channel: number;
  readonly send: (frame: Frame) => SendOutcome;
  readonly now: () => number;
  /** How often the state is told although nothing changed. */
  readonly stateIntervalMs: number;
  readonly count: (name: string) => void;
  /** Told how long answers to pulls take. */
  readonly roundTrip: StageMeter | undefined;
  /** The peer sent a delta that is refused. */
  readonly charge: (failure: Failure) => void;
  /** The peer has opened its side for the first time: frames on this channel reach it from now on. */
  readonly onReady: () => void;
  /** True for a member that is trusted before the context's access log is here: the redeemer of our invitation. */
  readonly trusts: (member: PublicKey) => boolean;
}

const NEWER: AdmissionErrorCode = "DELTA_UNSUPPORTED";

export class Session {
  readonly #ports: SessionPorts;
  #member: PublicKey | undefined;
  #open = false;
  #theirs: StateFrame | undefined;
  #pullSinceMs: number | undefined;
  #pullBegun: Begun = 0;
  /** The peer's last state named something that is still not here. */
  #unmet = false;
  /** A page was put off for want of room. */
  #pullDue = false;
  /** A push did not fit the peer's queue: it is told the state instead and pulls. */
  #behind = false;
  #diverged = false;
  #stateSentMs = Number.NEGATIVE_INFINITY;
  #stateSentCount = -1;
  #lastSuccessMs: number | undefined;
  /** What the peer has acknowledged beyond the vector of its last state. */
  readonly #acknowledged = new Map<string, number>();
  /** Actors of whom the peer sent deltas that it has no acknowledgement for. */
  readonly #unacknowledged = new Set<string>();

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  get open(): boolean {
    return this.#open;
  }

  /** True when frames on this channel reach the peer: it has told its state. */
  get ready(): boolean {
    return this.#open && this.#theirs !== undefined;
  }

  get member(): PublicKey | undefined {
    return this.#member;
  }

  progress(): SessionProgress {
    return { state: this.state, even: this.#isEven(), lastSuccessMs: this.#lastSuccessMs };
  }

  #isEven(): boolean {
    const { replica } = this.#ports;
    if (!this.#theirs || this.state !== "in sync" || replica.backlog > 0) return false;
    const { vector } = this.#theirs;
    for (const [actor, sequence] of replica.flushed.vector) {
      if (Math.max(vector.get(actor) ?? 0, this.#acknowledged.get(actor) ?? 0) < sequence) return false;
    }
    return true;
  }

  get state(): SessionState {
    if (!this.#member) return "proving";
    if (!this.#open) return "not a member";
    if (this.#diverged) return "diverged";
    return this.#unmet || this.#pullSinceMs !== undefined || !this.#theirs ? "catching up" : "in sync";
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
    this.#sendState();
  }

  onState(frame: StateFrame): void {
    const first = this.#theirs === undefined;
    this.#theirs = frame;
    if (first) this.#ports.onReady();
    // A state says what its sender has flushed: it makes good for acknowledgements that were lost.
    this.#ports.replica.acknowledge(frame.vector);
    this.#compareRoots(frame);
    this.#judge();
    // What others wrote may be under way from them: it is asked for if it is still missing at the next tick.
    if (this.#unmet && first) this.#pull();
    const { flushed } = this.#ports.replica;
    if (!covers(frame.vector, flushed.vector) && this.#stateSentCount !== flushed.count) this.#sendState();
  }

  onPull(wanted: readonly Uint8Array[], vector: VersionVector | undefined): void {
    const { replica } = this.#ports;
    const named = replica.byKey(wanted.map(idKey), DELTAS_PAGE_BYTES_SOFT);
    // One page at a time, so that the largest delta still fits the frame: what was named goes first.
    const beyond = named.deltas.length === 0 && vector && replica.missingFrom(vector, DELTAS_PAGE_BYTES_SOFT);
    const page = beyond || { deltas: named.deltas, more: named.more || vector !== undefined };
    this.#send({ kind: "deltas", answer: true, more: page.more, deltas: page.deltas });
  }

  onDeltas(frame: DeltasFrame): void {
    const { replica } = this.#ports;
    // A context that failed to flush takes nothing in, which is nobody's fault but its own.
    if (replica.closed) return;
    const outcome = replica.admitMany(frame.deltas);
    this.#note(outcome);
    const progress = outcome.admitted.length;
    const pending = outcome.verdicts.filter(({ kind }) => kind === "pending").length;
    if (frame.answer) this.#answered();
    this.#judge();
    const goOn = frame.answer && progress > 0 && (frame.more || this.#unmet);
    // What is admitted and not flushed waits in memory: the next page comes once there is room for it.
    if (goOn && replica.backlog > PULL_BACKLOG_MAX) this.#pullDue = true;
    else if (goOn) this.#pull();
    else if (pending > 0 || (frame.answer && progress > 0)) this.#pullMissing();
  }

  #note({ verdicts, admitted, refused }: BatchOutcome): void {
    for (const verdict of verdicts) {
      this.#ports.count(`sync.deltas_${verdict.kind}`);
      if (verdict.kind !== "refused" || verdict.isProof) continue;
      // What a newer version writes is no fault of the peer: it is this node that must be updated.
      if (verdict.error.code !== NEWER) this.#ports.charge(verdict.error);
    }
    for (const { delta } of admitted) this.#unacknowledged.add(delta.actorKey);
    // What had waited and is refused now came from somebody else: whoever completes it is not to blame.
    for (const { code } of refused) this.#ports.count(`sync.waited_in_vain_${code}`);
  }

  /** A frame for the peer was dropped on its way: what it misses it will pull. */
  onDropped(): void {
    this.#behind = true;
  }

  onAck(vector: VersionVector): void {
    for (const [actor, sequence] of vector) {
      // Only what is held here is of interest, so a peer cannot make this grow.
      if (this.#ports.replica.flushed.vector.has(actor)) this.#acknowledged.set(actor, sequence);
    }
    this.#ports.replica.acknowledge(vector);
  }

  /** A commit was flushed here. */
  onCommit(commit: Commit): void {
    this.reconsider();
    if (!this.#open) return;
    this.#acknowledge();
    this.#push(commit);
    this.#judge();
    if (this.#pullDue && this.#ports.replica.backlog <= PULL_BACKLOG_MAX) this.#pull();
  }

  tick(): void {
    this.reconsider();
    if (!this.#open) return;
    const { stateIntervalMs } = this.#ports;
    const now = this.#ports.now();
    if (this.#pullSinceMs !== undefined && now - this.#pullSinceMs >= PULL_TIMEOUT_MS) {
      this.#pullSinceMs = undefined;
      this.#ports.count("sync.pull_timeouts");
      this.#ports.roundTrip?.fail("PULL_TIMEOUT");
    }
    this.#judge();
    if (this.#unmet) this.#pull();
    else this.#pullMissing();
    const changed = this.#ports.replica.flushed.count !== this.#stateSentCount;
    if (changed || this.#behind || now - this.#stateSentMs >= stateIntervalMs) this.#sendState();
  }

  /** Whether what the peer last named is all here. */
  #judge(): void {
    if (!this.#theirs) return;
    const { replica } = this.#ports;
    const { vector, heads } = this.#theirs;
    this.#unmet = !covers(replica.vector(), vector) || heads.some((head) => !replica.has(idKey(head)));
    if (!this.#unmet) this.#lastSuccessMs = this.#ports.now();
  }

  #compareRoots(frame: StateFrame): void {
    const { heads, root } = this.#ports.replica.flushed;
    // Not told while it is not known: the next state has it.
    if (root === undefined || heads.length !== frame.heads.length || heads.length > STATE_HEADS_MAX) return;
    const ours = new Set(heads.map(idKey));
    if (!frame.heads.every((head) => ours.has(idKey(head)))) return;
    this.#diverged = !bytesEqual(root, frame.root);
    if (this.#diverged) this.#ports.count("sync.root_mismatch");
  }

  #acknowledge(): void {
    const vector = restrict(this.#ports.replica.flushed.vector, this.#unacknowledged);
    if (vector.size === 0) return;
    if (this.#send({ kind: "ack", vector }) === "queued") this.#unacknowledged.clear();
  }

  #push(commit: Commit): void {
    if (this.#behind) return;
    let deltas: Uint8Array[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (deltas.length === 0) return;
      const outcome = this.#send({ kind: "deltas", answer: false, more: false, deltas });
      if (outcome === "full") this.#behind = true;
      deltas = [];
      bytes = 0;
    };
    for (const { delta, local } of commit.deltas) {
      if (!local) continue;
      if (bytes > 0 && bytes + delta.bytes.length > DELTAS_PAGE_BYTES_SOFT) flush();
      deltas.push(delta.bytes);
      bytes += delta.bytes.length;
    }
    flush();
  }

  #pullMissing(): void {
    const wanted = this.#ports.replica.missingFrontier(PULL_WANTED_MAX);
    if (wanted.length === 0 || this.#pullSinceMs !== undefined) return;
    this.#askFor({ kind: "pull", wanted, vector: undefined });
  }

  #pull(): void {
    this.#pullDue = false;
    if (this.#pullSinceMs !== undefined) return;
    const wanted = this.#wanted();
    const vector = this.#ports.replica.heldVector();
    this.#askFor({ kind: "pull", wanted, vector });
  }

  #askFor(pull: WithoutChannel<Extract<Frame, { kind: "pull" }>>): void {
    if (this.#send(pull) !== "queued") return;
    this.#pullSinceMs = this.#ports.now();
    this.#pullBegun = this.#ports.roundTrip?.begin() ?? 0;
  }

  #answered(): void {
    if (this.#pullSinceMs !== undefined) this.#ports.roundTrip?.end(this.#pullBegun);
    this.#pullSinceMs = undefined;
  }

  /** What waits here lacks, and heads of the peer that a vector cannot tell of: the branches of a fork. */
  #wanted(): DeltaId[] {
    const { replica } = this.#ports;
    const wanted = replica.missingFrontier(PULL_WANTED_MAX);
    if (!this.#theirs || !covers(replica.heldVector(), this.#theirs.vector)) return wanted;
    const unknown = this.#theirs.heads.filter((head) => !replica.holds(idKey(head)));
    const named = new Map([...wanted, ...unknown].map((id) => [idKey(id), id]));
    return [...named.values()].slice(0, PULL_WANTED_MAX);
  }

  #sendState(): void {
    const { heads, root, vector, count } = this.#ports.replica.flushed;
    if (root === undefined) return;
    const named = heads.slice(-STATE_HEADS_MAX);
    if (this.#send({ kind: "state", root, heads: named, vector }) !== "queued") return;
    this.#stateSentMs = this.#ports.now();
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

type WithoutChannel<F> = F extends { readonly channel: number } ? Omit<F, "channel"> : never;
