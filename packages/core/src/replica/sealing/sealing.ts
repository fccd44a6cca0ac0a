/** What one member makes of sealed payloads: opens those that it has a key for, and knows which ones wait for one. */
import type { Statement } from "../../access/index.ts";
import {
  bytesEqual,
  concatBytes,
  type DeltaId,
  ID_BYTES,
  idKey,
  idKeyToBytes,
  must,
  type PublicKey,
} from "../../base/index.ts";
import type { Aead } from "../../crypto/index.ts";
import type { AuthenticDelta, Order } from "../../dag/index.ts";
import { decodePayload, type PayloadEntry } from "../payload.ts";
import type { Rights } from "../rights.ts";
import type { KeyRing } from "./key-ring.ts";
import { openPayload } from "./sealed-payload.ts";

/** In place of an epoch, where nothing is sealed. */
const NO_EPOCH = new Uint8Array(ID_BYTES);

/** A key to write under. */
export interface WritingKey {
  readonly epoch: DeltaId;
  readonly aead: Aead;
  /** Whether the actor's previous delta has another: then this one names it. */
  readonly isNew: boolean;
}

export class Sealing {
  readonly #rights: Rights;
  /** Undefined for who reads without being a member: such a reader opens nothing. */
  readonly #ring: KeyRing | undefined;
  /** Epochs that deltas here wait for the keys of. */
  readonly #waited = new Set<string>();

  constructor(rights: Rights, ring: KeyRing | undefined) {
    this.#rights = rights;
    this.#ring = ring;
  }

  /** The entries, none for a payload that counts as empty or is not here; undefined when there is no key to tell. */
  read(delta: AuthenticDelta): readonly PayloadEntry[] | undefined {
    if (delta.payload === undefined) return [];
    if (!delta.sealed) return decodePayload(delta.payload) ?? [];
    const epoch = this.#rights.epochOf(delta);
    const aead = epoch === undefined ? undefined : this.#cipherOf(epoch);
    return aead && openPayload(aead, delta);
  }

  /** Notes that a delta waits for its key; returns the epoch. */
  waitFor(delta: AuthenticDelta): string {
    const epoch = must(this.#rights.epochOf(delta), "a sealed delta that is valid has an epoch");
    this.#waited.add(epoch);
    return epoch;
  }

  /** Epochs that were waited for and whose keys are here now. */
  takeUnlocked(): string[] {
    if (this.#waited.size === 0) return [];
    const unlocked = [...this.#waited].filter((epoch) => this.#cipherOf(epoch));
    for (const epoch of unlocked) this.#waited.delete(epoch);
    return unlocked;
  }

  /**
   * The latest key that a delta on these, and after its actor's `previous`, may be sealed under; undefined when a new
   * epoch must start.
   */
  keyAfter(parents: readonly Order[], previous: Order | undefined): WritingKey | undefined {
    for (const epoch of [...this.#rights.stateAfter(parents).usableEpochs].reverse()) {
      const aead = this.#cipherOf(epoch);
      const isNew = previous === undefined || this.#rights.epochAt(previous) !== epoch;
      if (aead) return { epoch: idKeyToBytes(epoch) as DeltaId, aead, isNew };
    }
    return undefined;
  }

  /** Seals what travels beside deltas, under the latest key that all members have; undefined when there is none here. */
  sealBeside(header: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
    if (!this.#rights.isSealed) return concatBytes(NO_EPOCH, bytes);
    for (const epoch of [...this.#rights.state.usableEpochs].reverse()) {
      const aead = this.#cipherOf(epoch);
      if (aead) return concatBytes(idKeyToBytes(epoch), aead.seal(header, bytes));
    }
    return undefined;
  }

  /** Whether the key is here that these bytes say `sealBeside` took. */
  canOpenBeside(sealed: Uint8Array): boolean {
    return !this.#rights.isSealed || this.#cipherOf(idKey(sealed.subarray(0, NO_EPOCH.length))) !== undefined;
  }

  /** What `sealBeside` made of it; undefined when it was not made so, or its key is not here. */
  openBeside(header: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const [epoch, rest] = [sealed.subarray(0, NO_EPOCH.length), sealed.subarray(NO_EPOCH.length)];
    if (!this.#rights.isSealed) return bytesEqual(epoch, NO_EPOCH) ? rest : undefined;
    return this.#cipherOf(idKey(epoch))?.open(header, rest);
  }

  /** What starts an epoch with this key after these. */
  epochAfter(parents: readonly Order[], key: Uint8Array): Statement {
    return must(this.#ring, "who writes has a ring").start(this.#rights.stateAfter(parents), key);
  }

  /**
   * What hands a member who is being added the keys in use, and those that no other wraps: the rest follows from these.
   * Whoever is let in again needs them all before it is a member by what it can read, and so before it may ask.
   */
  handsTo(member: PublicKey): Statement[] {
    const { epochs, usableEpochs } = this.#rights.state;
    const wrapped = new Set(epochs.all.flatMap(({ statement }) => statement.wrapped.map(({ epoch }) => idKey(epoch))));
    const handed = epochs.all.filter(({ key }) => usableEpochs.includes(key) || !wrapped.has(key));
    return handed.flatMap(({ key }) => this.#handTo(key, member));
  }

  /** What asks others for the keys that something here waits for. */
  asks(member: PublicKey): Statement[] {
    const { epochs } = this.#rights.state;
    const asked = epochs.wanted.flatMap(([epoch, by]) => (by === idKey(member) ? [epoch] : []));
    const open = [...this.#waited].filter((epoch) => epochs.byKey.has(epoch) && !asked.includes(epoch));
    return open.map((epoch) => ({ kind: "ask", epoch: idKeyToBytes(epoch) as DeltaId }));
  }

  /** What hands others the keys that they asked for, as far as they are members and the keys are here. */
  answers(): Statement[] {
    const { epochs, rankByMember } = this.#rights.state;
    return epochs.wanted.flatMap(([epoch, member]) =>
      rankByMember.has(member) ? this.#handTo(epoch, idKeyToBytes(member) as PublicKey) : [],
    );
  }

  /** All keys for a member who joins, before it has the log. */
  handOver(member: PublicKey): Uint8Array {
    return this.#ring?.handOver(this.#rights.state, member) ?? new Uint8Array(0);
  }

  /** What `handOver` of `sealer` gave; returns what is to be kept. */
  takeOver(sealer: PublicKey, handed: Uint8Array): Uint8Array {
    return this.#ring?.takeOver(sealer, handed) ?? new Uint8Array(0);
  }

  #handTo(epoch: string, member: PublicKey): Statement[] {
    const box = this.#ring?.boxFor(this.#rights.state, epoch, member);
    return box ? [{ kind: "hand", epoch: idKeyToBytes(epoch) as DeltaId, member, box }] : [];
  }

  #cipherOf(epoch: string): Aead | undefined {
    const { state } = this.#rights;
    return this.#ring?.cipherOf(state, epoch);
  }
}
