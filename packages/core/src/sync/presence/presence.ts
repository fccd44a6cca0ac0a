/**
 * Who is there in one context, and what they show of themselves: ephemeral, never stored, gone when its time to live is
 * over or its installation says that it leaves.
 *
 * One entry for each installation of a member, the last that it said. Entries go to every connected member, and are
 * handed on, once each, to those who do not hear the installation themselves. No clocks are compared: an entry lives as
 * long as it says from when it came, less what whoever handed it on had seen pass.
 *
 * Refuses what a member did not sign, what is older than what is known, and more than `PRESENCES_PER_MEMBER_MAX` of one
 * member: its oldest goes. A sequence is remembered for a while after its entry is gone, so that nobody brings it back.
 */
import {
  type Cancel,
  type Clock,
  EMPTY_BYTES,
  err,
  type Failure,
  idKey,
  ok,
  type PublicKey,
  type Result,
  type Scheduler,
  type Signer,
} from "../../base/index.ts";
import type { Crypto } from "../../crypto/index.ts";
import type { Replica } from "../../replica/index.ts";
import {
  PRESENCE_DATA_BYTES_MAX,
  PRESENCE_REMEMBERED_MS,
  PRESENCE_SPACING_MS,
  PRESENCE_TTL_MS_MAX,
  PRESENCE_TTL_MS_MIN,
  PRESENCES_EARLY_MAX,
  PRESENCES_MAX,
  PRESENCES_PER_MEMBER_MAX,
} from "../limits.ts";
import { decodePresence, isPresenceSigned, signPresence } from "./presence-entry.ts";

export type PresenceErrorCode =
  /** More data than an entry may have. */
  | "PRESENCE_TOO_LARGE"
  /** A time to live that is out of range. */
  | "PRESENCE_TTL_RANGE"
  /** Not an entry of this context, or not signed by whom it names. */
  | "PRESENCE_INVALID";

export interface PresencePorts {
  readonly replica: Pick<Replica, "context" | "roleOf" | "receipts">;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** An entry on its way. */
export interface SentPresence {
  /** What is left of its time to live; 0 for one that leaves. */
  readonly leftMs: number;
  readonly bytes: Uint8Array;
}

/** A session as presence sees it. */
export interface PresenceLink {
  send(entries: readonly SentPresence[]): void;
  /** True when the peer is that installation, or hears it by itself. */
  hears(actorKey: string): boolean;
}

export interface Present {
  readonly member: PublicKey;
  /** Of one member several may be there: the actor of each. */
  readonly actorKey: string;
  readonly data: Uint8Array;
}

/** `data` is undefined when it has left or was not heard of in time. */
export type PresenceChange = Omit<Present, "data"> & { readonly data: Uint8Array | undefined };

interface Kept {
  readonly member: PublicKey;
  readonly memberKey: string;
  readonly actorKey: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Undefined once it is gone. */
  readonly data: Uint8Array | undefined;
  readonly endMs: number;
}

export class Presence {
  readonly #ports: PresencePorts;
  readonly #links = new Set<PresenceLink>();
  readonly #listeners = new Set<(change: PresenceChange) => void>();
  /** By member and actor, the longest unchanged first. */
  readonly #kept = new Map<string, Kept>();
  #early: { readonly member: PublicKey; readonly bytes: Uint8Array; readonly endMs: number }[] = [];
  #sequence = 0;
  #unsent: SentPresence | undefined;
  #cancel: Cancel | undefined;

  constructor(ports: PresencePorts) {
    this.#ports = ports;
  }

  /** Shows `data` to the others for so long; said again it lives on. What is said in quick succession goes out once. */
  set(data: Uint8Array, ttlMs: number): Result<null> {
    const checked = this.check(data, ttlMs);
    if (checked.ok) this.#say(data, Math.floor(ttlMs));
    return checked;
  }

  /** Whether it may be shown for so long. */
  check(data: Uint8Array, ttlMs: number): Result<null> {
    if (data.length > PRESENCE_DATA_BYTES_MAX)
      return err<PresenceErrorCode>("PRESENCE_TOO_LARGE", `at most ${PRESENCE_DATA_BYTES_MAX} bytes are shown`);
    if (ttlMs >= PRESENCE_TTL_MS_MIN && ttlMs <= PRESENCE_TTL_MS_MAX) return ok(null);
    const range = `${PRESENCE_TTL_MS_MIN} to ${PRESENCE_TTL_MS_MAX} ms`;
    return err<PresenceErrorCode>("PRESENCE_TTL_RANGE", `a time to live is ${range}`);
  }

  /** Tells the others that this installation is gone. */
  leave(): void {
    const { replica, signer } = this.#ports;
    const own = this.#kept.get(keyOf(idKey(signer.publicKey), replica.receipts.actorKey));
    if (own?.data) this.#say(EMPTY_BYTES, 0);
  }

  /** Who is there now, this node among them if it shows itself. */
  list(): Present[] {
    this.tick();
    return [...this.#kept.values()].flatMap(({ member, actorKey, data }) =>
      data && this.#ports.replica.roleOf(member) ? [{ member, actorKey, data }] : [],
    );
  }

  onChange(listener: (change: PresenceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets go of what is over; to be called about once a second. */
  tick(): void {
    const now = this.#ports.clock.now();
    if (this.#early.length > 0) this.#lookAgain(now);
    for (const [key, kept] of this.#kept) {
      // A clock that was set back ends nothing sooner or much later.
      if (kept.data && (kept.endMs <= now || kept.endMs - now > PRESENCE_TTL_MS_MAX)) this.#end(key, kept);
      else if (!kept.data && Math.abs(now - kept.endMs) > PRESENCE_REMEMBERED_MS) this.#kept.delete(key);
    }
  }

  /** A member's node that takes this context's frames is told who is there. */
  join(link: PresenceLink): void {
    this.#links.add(link);
    const now = this.#ports.clock.now();
    const own = this.#ports.replica.receipts.actorKey;
    const isOwed = (actorKey: string): boolean => actorKey === own || !link.hears(actorKey);
    const there = [...this.#kept.values()].filter(({ data, actorKey }) => data && isOwed(actorKey));
    const entries = there.map(({ bytes, endMs }) => ({ bytes, leftMs: Math.max(1, endMs - now) }));
    if (entries.length > 0) link.send(entries);
  }

  remove(link: PresenceLink): void {
    this.#links.delete(link);
  }

  close(): void {
    this.#cancel?.();
    this.#links.clear();
    this.#listeners.clear();
  }

  /** Takes in what a peer sent; gives what the peer is to be charged with. */
  take({ bytes, leftMs }: SentPresence, from: PresenceLink | undefined): Failure | undefined {
    const { crypto, replica } = this.#ports;
    const said = decodePresence(bytes);
    if (!said || idKey(said.context) !== idKey(replica.context)) return invalid("not of this context");
    const { member, actorKey, sequence, data } = said;
    const key = keyOf(idKey(member), actorKey);
    const known = this.#kept.get(key);
    if (known && sequence <= known.sequence) return undefined;
    if (!isPresenceSigned(crypto, bytes, member)) return invalid("not signed by the member whom it names");
    const left = Math.min(leftMs, said.ttlMs);
    // Its own earlier life, told by others: it goes on above it.
    if (this.#isOwn(member, actorKey)) this.#sequence = Math.max(this.#sequence, sequence);
    else if (!replica.roleOf(member)) this.#keepEarly(member, bytes, left);
    else {
      const kept = { member, memberKey: idKey(member), actorKey, sequence, bytes: bytes.slice() };
      this.#keep(key, { ...kept, data: left > 0 ? data : undefined, endMs: this.#ports.clock.now() + left });
      this.#handOn({ bytes: kept.bytes, leftMs: left }, actorKey, from);
    }
    return undefined;
  }

  /** Who is no member may be ahead of what is known here: of one who has just joined, the log is on its way. */
  #keepEarly(member: PublicKey, bytes: Uint8Array, leftMs: number): void {
    this.#early.push({ member, bytes: bytes.slice(), endMs: this.#ports.clock.now() + leftMs });
    if (this.#early.length > PRESENCES_EARLY_MAX) this.#early.shift();
  }

  #lookAgain(now: number): void {
    const early = this.#early;
    this.#early = [];
    for (const entry of early) {
      const { member, bytes, endMs } = entry;
      if (endMs <= now) continue;
      if (this.#ports.replica.roleOf(member)) this.take({ bytes, leftMs: endMs - now }, undefined);
      else this.#early.push(entry);
    }
  }

  #isOwn(member: PublicKey, actorKey: string): boolean {
    const { signer, replica } = this.#ports;
    return actorKey === replica.receipts.actorKey && idKey(member) === idKey(signer.publicKey);
  }

  #say(data: Uint8Array, ttlMs: number): void {
    const { crypto, signer, replica, clock, scheduler } = this.#ports;
    // Above what an earlier process of this installation said, unless its clock was set back.
    this.#sequence = Math.max(this.#sequence + 1, clock.now());
    const { context } = replica;
    const { actorKey } = replica.receipts;
    const bytes = signPresence(crypto, signer, { context, actorKey, sequence: this.#sequence, ttlMs, data });
    const { publicKey: member } = signer;
    const kept = { member, memberKey: idKey(member), actorKey, sequence: this.#sequence, bytes };
    const endMs = clock.now() + ttlMs;
    this.#keep(keyOf(kept.memberKey, actorKey), { ...kept, data: ttlMs > 0 ? data : undefined, endMs });
    this.#unsent = { bytes, leftMs: ttlMs };
    this.#cancel ??= scheduler.after(PRESENCE_SPACING_MS, () => {
      this.#cancel = undefined;
      if (this.#unsent) this.#handOn(this.#unsent, actorKey, undefined);
      this.#unsent = undefined;
    });
  }

  #handOn(entry: SentPresence, actorKey: string, from: PresenceLink | undefined): void {
    // What is this node's own nobody else brings.
    const isOwn = actorKey === this.#ports.replica.receipts.actorKey;
    for (const link of this.#links) if (link !== from && (isOwn || !link.hears(actorKey))) link.send([entry]);
  }

  #keep(key: string, kept: Kept): void {
    if (!this.#kept.has(key)) this.#makeRoom(kept.memberKey);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    this.#tell(kept);
  }

  #end(key: string, kept: Kept): void {
    const gone = { ...kept, data: undefined, endMs: this.#ports.clock.now() };
    this.#kept.set(key, gone);
    this.#tell(gone);
  }

  /** Of the member's own when it has too many, so that nobody puts out others. */
  #makeRoom(memberKey: string): void {
    const own = [...this.#kept].filter(([, kept]) => kept.memberKey === memberKey);
    const [first] = own.length >= PRESENCES_PER_MEMBER_MAX ? own : this.#kept.size >= PRESENCES_MAX ? this.#kept : [];
    if (!first) return;
    this.#kept.delete(first[0]);
    if (first[1].data) this.#tell({ ...first[1], data: undefined });
  }

  #tell({ member, actorKey, data }: Kept): void {
    for (const listener of this.#listeners) listener({ member, actorKey, data });
  }
}

function keyOf(memberKey: string, actorKey: string): string {
  return memberKey + actorKey;
}

function invalid(message: string): Failure {
  return { code: "PRESENCE_INVALID" satisfies PresenceErrorCode, message };
}
