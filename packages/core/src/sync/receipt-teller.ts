/**
 * Signed acknowledgements between two nodes: this node's own, and those of other installations that the peer does not
 * get from themselves. Told when there is something new, at most once in `RECEIPTS_INTERVAL_MS`, in a group of more than
 * `RECEIPTS_INSTALLATIONS` as much less often, and not above `RECEIPTS_BYTES_PER_SECOND`; at once, if it was not told a moment ago, to whoever wrote what was flushed here. Each is
 * told once, and not to whom it came from. A context at rest says nothing.
 *
 * Refuses, and has the peer charged for: what is no acknowledgement of this context, or not signed by whom it names. One
 * of somebody who is no member here may be ahead of what is known here: it is kept for a while and looked at again.
 */
import { bytesEqual, type Clock, type Failure, type SendOutcome } from "../base/index.ts";
import type { Commit, ReceiptErrorCode, Replica, Told } from "../replica/index.ts";
import type { Circle, Teller } from "./circle.ts";
import { isPast } from "./clock.ts";
import type { Frame } from "./frames.ts";
import {
  RECEIPTS_BYTES_PER_SECOND,
  RECEIPTS_BYTES_SOFT,
  RECEIPTS_EARLY_BYTES_MAX,
  RECEIPTS_EARLY_MAX,
  RECEIPTS_INSTALLATIONS,
  RECEIPTS_INTERVAL_MS,
  RECEIPTS_PER_FRAME_MAX,
} from "./limits.ts";
import type { PeerMember } from "./peer-member.ts";

export type ReceiptsFrame = Extract<Frame, { readonly kind: "receipts" }>;

export interface ReceiptTellerPorts {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly circle: Circle;
  readonly member: PeerMember;
  readonly count: (name: string) => void;
  readonly charge: (failure: Failure) => void;
  readonly send: (frame: Omit<ReceiptsFrame, "channel">) => SendOutcome;
}

const NOT_MEMBER: ReceiptErrorCode = "ACKNOWLEDGEMENT_NOT_MEMBER";

export class ReceiptTeller implements Teller {
  readonly #ports: ReceiptTellerPorts;
  /** What the peer is known to have. */
  #told = new WeakSet<Uint8Array>();
  #hasNews = true;
  #toldHeard = -1;
  #sentMs = Number.NEGATIVE_INFINITY;
  #spacingMs = RECEIPTS_INTERVAL_MS;
  /** The installation that the peer is. */
  #actorKey: string | undefined;
  /** Those that need not be handed on to it; undefined before it has said. */
  #spared: readonly string[] | undefined;
  /** Of no members here. */
  #early: Uint8Array[] = [];
  #earlyCount = 0;

  constructor(ports: ReceiptTellerPorts) {
    this.#ports = ports;
  }

  /** The session has opened. */
  open(): void {
    this.#ports.circle.join(this);
    this.#hasNews = true;
  }

  close(): void {
    this.#ports.circle.leave(this);
  }

  onNews(): void {
    this.#hasNews = true;
  }

  /** Whether the peer is that installation, or has said that it hears it by itself. */
  spares(actorKey: string): boolean {
    return actorKey === this.#actorKey || this.#spared?.includes(actorKey) === true;
  }

  /** Whether `tick` has anything to do: at rest, nothing. */
  get isBusy(): boolean {
    return this.#hasNews || this.#early.length > 0;
  }

  /** Once a second. */
  tick(): void {
    this.#lookAgain();
    if (this.#isDue()) this.#tell();
  }

  /** A commit was flushed here. */
  onCommit({ deltas }: Commit): void {
    this.#hasNews = true;
    if (this.#isDue() && deltas.some(({ delta }) => this.#ports.member.isAuthor(delta.actorKey))) this.#tell();
  }

  onFrame({ actor, heard, acknowledgements }: ReceiptsFrame): void {
    this.#actorKey = actor;
    if (this.#spared?.join() !== heard.join()) this.#hasNews = true;
    this.#spared = heard;
    this.#takeAll(acknowledgements);
  }

  /** What was told may not have arrived. */
  onDropped(): void {
    this.#told = new WeakSet();
    this.#toldHeard = -1;
    this.#hasNews = true;
  }

  #isDue(): boolean {
    const { replica, clock } = this.#ports;
    // Who holds nothing has nothing to say.
    return this.#hasNews && replica.flushed.count > 0 && isPast(clock.now(), this.#sentMs, this.#spacingMs);
  }

  #tell(): void {
    const { replica, circle, clock, send } = this.#ports;
    const owed = replica.receipts.toTell().filter((told) => this.#isOwed(told));
    const page = pageOf(owed);
    if (page.length > 0 || circle.version !== this.#toldHeard) {
      const acknowledgements = page.map(({ bytes }) => bytes);
      const actor = replica.receipts.actorKey;
      if (send({ kind: "receipts", actor, heard: circle.heard(), acknowledgements }) !== "queued") return;
      for (const bytes of acknowledgements) this.#told.add(bytes);
      const size = acknowledgements.reduce((sum, { length }) => sum + length, 0);
      this.#sentMs = clock.now();
      this.#spacingMs = Math.max(this.#intervalMs(), (1_000 * size) / RECEIPTS_BYTES_PER_SECOND);
      this.#toldHeard = circle.version;
    }
    this.#hasNews = page.length < owed.length;
  }

  /** Each installation checks a signature of every other in this time, so what a node spends does not go with the group. */
  #intervalMs(): number {
    return RECEIPTS_INTERVAL_MS * Math.max(1, this.#ports.replica.receipts.installations / RECEIPTS_INSTALLATIONS);
  }

  #isOwed({ actorKey, bytes }: Told): boolean {
    if (this.#told.has(bytes) || actorKey === this.#actorKey) return false;
    return actorKey === this.#ports.replica.receipts.actorKey || this.#spared?.includes(actorKey) === false;
  }

  #takeAll(acknowledgements: readonly Uint8Array[]): void {
    const { replica, circle } = this.#ports;
    let isAnyNew = false;
    for (const bytes of acknowledgements) if (this.#take(bytes)) isAnyNew = true;
    if (!isAnyNew) return;
    circle.tell();
    replica.receipts.onProgress();
  }

  #take(bytes: Uint8Array): boolean {
    const { replica, circle, member, count, charge } = this.#ports;
    const taken = replica.receipts.take(bytes);
    if (!taken.ok) {
      if (taken.error.code !== NOT_MEMBER) charge(taken.error);
      else this.#keep(bytes);
      return false;
    }
    const { last, isNew } = taken.value;
    count(isNew ? "sync.receipts_new" : "sync.receipts_known");
    if (bytesEqual(last.bytes, bytes)) this.#told.add(last.bytes);
    // Only for itself: a peer cannot say of others that they need not be heard of.
    const isOwn = last.actorKey === this.#actorKey && member.is(taken.value.member);
    if (isOwn && last.actorKey !== replica.receipts.actorKey) circle.hears(this, last.actorKey);
    return isNew;
  }

  /** A larger one comes again when its installation has flushed something more. */
  #keep(bytes: Uint8Array): void {
    this.#ports.count("sync.receipts_early");
    if (bytes.length > RECEIPTS_EARLY_BYTES_MAX) return;
    this.#early.push(bytes.slice());
    if (this.#early.length > RECEIPTS_EARLY_MAX) this.#early.shift();
  }

  /** Who is no member may have become one with what was flushed since. */
  #lookAgain(): void {
    const { replica } = this.#ports;
    if (this.#early.length === 0 || this.#earlyCount === replica.flushed.count) return;
    this.#earlyCount = replica.flushed.count;
    const early = this.#early;
    this.#early = [];
    this.#takeAll(early);
  }
}

/** The first of what is owed, as far as a frame goes. */
function pageOf(owed: readonly Told[]): readonly Told[] {
  let size = 0;
  const end = owed.findIndex(({ bytes }, at) => {
    if (at === RECEIPTS_PER_FRAME_MAX || size >= RECEIPTS_BYTES_SOFT) return true;
    size += bytes.length;
    return false;
  });
  return end === -1 ? owed : owed.slice(0, end);
}
