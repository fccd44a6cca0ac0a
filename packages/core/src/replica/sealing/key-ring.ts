/**
 * The keys of a context's epochs that one member has: derived from the access log, so that they need no row of their
 * own, and from what a redeemer handed over before the log was here.
 *
 *     hash of the key = SHA-256("dunlin/epoch-key/1" ‖ key)
 *     header of a box = "dunlin/epoch-box/1" ‖ hash of the key
 *     header of a wrapped key = "dunlin/epoch-wrap/1" ‖ epoch that it is the key of
 *
 * Owns: a key is used only if it is the one that its epoch commits to, so that one sealed payload never opens to two
 * things on two nodes, whoever handed the key over.
 */
import { type AccessState, BOXES_HANDED_MAX, type Epoch, type EpochStatement } from "../../access/index.ts";
import {
  bytesEqual,
  compareBytes,
  concatBytes,
  type DeltaId,
  idKey,
  idKeyToBytes,
  type PublicKey,
  type Signer,
  utf8,
} from "../../base/index.ts";
import {
  AEAD_KEY_BYTES,
  type Aead,
  BOX_BYTES,
  type Crypto,
  createAead,
  openBox,
  sealBox,
  unwrapKey,
  wrapKey,
} from "../../crypto/index.ts";

const HASH_DOMAIN = utf8("dunlin/epoch-key/1");
const BOX_DOMAIN = utf8("dunlin/epoch-box/1");
const WRAP_DOMAIN = utf8("dunlin/epoch-wrap/1");
const EPOCH_BYTES = 32;

interface Held {
  readonly key: Uint8Array;
  readonly aead: Aead;
}

export function epochKeyHash(crypto: Pick<Crypto, "sha256">, key: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(HASH_DOMAIN, key));
}

/** The key sealed to each of these members; one whose key is no identity's gets none. */
export function startEpoch(
  crypto: Crypto,
  signer: Signer,
  members: readonly PublicKey[],
  key: Uint8Array,
  wrapped: EpochStatement["wrapped"] = [],
): EpochStatement {
  const keyHash = epochKeyHash(crypto, key);
  const boxes = [...members].sort(compareBytes).flatMap((member) => {
    const box = sealBox(crypto, signer, member, concatBytes(BOX_DOMAIN, keyHash), key);
    return box ? [{ member, box }] : [];
  });
  return { kind: "epoch", keyHash, boxes, wrapped };
}

export class KeyRing {
  readonly #crypto: Crypto;
  readonly #signer: Signer;
  readonly #heldByEpoch = new Map<string, Held>();
  /** As a redeemer handed them over, not yet compared with what their epochs commit to. */
  readonly #handed = new Map<string, Uint8Array>();
  #learnedFrom: AccessState | undefined;

  constructor(crypto: Crypto, signer: Signer) {
    this.#crypto = crypto;
    this.#signer = signer;
  }

  /** The cipher of an epoch, by its key's name; undefined when this member has no key of it. */
  cipherOf(state: AccessState, epoch: string): Aead | undefined {
    this.learn(state);
    return this.#heldByEpoch.get(epoch)?.aead;
  }

  /** A new epoch for all members, which wraps what no other epoch wraps. */
  start(state: AccessState, key: Uint8Array): EpochStatement {
    this.learn(state);
    const members = [...state.rankByMember.keys()].map((member) => idKeyToBytes(member) as PublicKey);
    const aead = createAead(this.#crypto, key);
    const wrappedAlready = new Set(
      state.epochs.all.flatMap(({ statement }) => statement.wrapped.map(({ epoch }) => idKey(epoch))),
    );
    const wrapped = state.epochs.all.flatMap(({ key: name }) => {
      const held = this.#heldByEpoch.get(name);
      const epoch = idKeyToBytes(name) as DeltaId;
      if (!held || wrappedAlready.has(name)) return [];
      return [{ epoch, wrapped: wrapKey(aead, concatBytes(WRAP_DOMAIN, epoch), held.key) }];
    });
    wrapped.sort((a, b) => compareBytes(a.epoch, b.epoch));
    return startEpoch(this.#crypto, this.#signer, members, key, wrapped);
  }

  /** An epoch's key, sealed to a member who has none; undefined when this member has none either. */
  boxFor(state: AccessState, epoch: string, member: PublicKey): Uint8Array | undefined {
    this.learn(state);
    const held = this.#heldByEpoch.get(epoch);
    if (!held) return undefined;
    const header = concatBytes(BOX_DOMAIN, epochKeyHash(this.#crypto, held.key));
    return sealBox(this.#crypto, this.#signer, member, header, held.key);
  }

  /**
   * All keys, for who joins and needs them before the log that tells of them: n * (epoch 32 ‖ hash 32 ‖ box 60), the
   * latest first.
   */
  handOver(state: AccessState, member: PublicKey): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const { key, statement } of [...state.epochs.all].reverse().slice(0, BOXES_HANDED_MAX)) {
      const box = this.boxFor(state, key, member);
      if (box) parts.push(idKeyToBytes(key), statement.keyHash, box);
    }
    return concatBytes(...parts);
  }

  /** What `handOver` gave, by the member who redeemed. Returns what is to be kept: n * (epoch 32 ‖ key 32). */
  takeOver(sealer: PublicKey, handed: Uint8Array): Uint8Array {
    const each = 2 * EPOCH_BYTES + BOX_BYTES;
    const kept: Uint8Array[] = [];
    for (let at = 0; at + each <= handed.length && kept.length < BOXES_HANDED_MAX; at += each) {
      const epoch = handed.subarray(at, at + EPOCH_BYTES);
      const hash = handed.subarray(at + EPOCH_BYTES, at + 2 * EPOCH_BYTES);
      const box = handed.subarray(at + 2 * EPOCH_BYTES, at + each);
      const key = openBox(this.#crypto, this.#signer, sealer, concatBytes(BOX_DOMAIN, hash), box);
      if (key) kept.push(concatBytes(epoch, key));
    }
    const rows = concatBytes(...kept);
    this.restore(rows);
    return rows;
  }

  /** What `takeOver` gave to be kept. */
  restore(kept: Uint8Array): void {
    const each = EPOCH_BYTES + AEAD_KEY_BYTES;
    for (let at = 0; at + each <= kept.length; at += each) {
      this.#handed.set(idKey(kept.subarray(at, at + EPOCH_BYTES)), kept.slice(at + EPOCH_BYTES, at + each));
    }
    this.#learnedFrom = undefined;
  }

  /** Takes in all keys that there are, from the latest epoch to the first, since a later one wraps those of earlier ones. */
  learn(state: AccessState): void {
    if (state === this.#learnedFrom) return;
    this.#learnedFrom = state;
    const unwrapped = new Map<string, Uint8Array>();
    for (const epoch of [...state.epochs.all].reverse()) {
      const held = this.#heldByEpoch.get(epoch.key) ?? this.#find(epoch, unwrapped.get(epoch.key));
      if (!held) continue;
      this.#heldByEpoch.set(epoch.key, held);
      for (const { epoch: earlier, wrapped } of epoch.statement.wrapped) {
        const name = idKey(earlier);
        if (this.#heldByEpoch.has(name)) continue;
        const key = unwrapKey(held.aead, concatBytes(WRAP_DOMAIN, earlier), wrapped);
        if (key) unwrapped.set(name, key);
      }
    }
  }

  #find(epoch: Epoch, unwrapped: Uint8Array | undefined): Held | undefined {
    const { keyHash } = epoch.statement;
    const header = concatBytes(BOX_DOMAIN, keyHash);
    const isIts = (key: Uint8Array | undefined): key is Uint8Array =>
      key !== undefined && bytesEqual(epochKeyHash(this.#crypto, key), keyHash);
    for (const { sealer, box } of epoch.boxesByMember.get(idKey(this.#signer.publicKey)) ?? []) {
      const key = openBox(this.#crypto, this.#signer, idKeyToBytes(sealer) as PublicKey, header, box);
      if (isIts(key)) return this.#hold(key);
    }
    const known = [unwrapped, this.#handed.get(epoch.key)].find(isIts);
    return known && this.#hold(known);
  }

  #hold(key: Uint8Array): Held {
    return { key: key.slice(), aead: createAead(this.#crypto, key) };
  }
}
