/**
 * Deltas that are written by hand with a member's own key: well formed or not, as a traitor likes. They write to fields of
 * their own, since a member may overwrite whatever it likes, and the oracles must still know what honest calls have left.
 */
import {
  type ActorId,
  compareBytes,
  concatBytes,
  type DeltaId,
  idKey,
  idKeyToBytes,
  nextStamp,
  type Prng,
  type PublicKey,
  type Signer,
  STAMP_ZERO,
  type Stamp,
  utf8,
} from "@dunlin/core/base";
import { Document } from "@dunlin/core/crdt";
import { type Aead, createAead, openBox } from "@dunlin/core/crypto";
import {
  type AuthenticDelta,
  actorOf,
  type DeltaBody,
  REPLICA_ID_BYTES,
  SIGNATURE_BYTES,
  signDelta,
} from "@dunlin/core/dag";
import { encodePayload, type PayloadEntry, type Replica, sealPayload } from "@dunlin/core/replica";
import { memoCrypto } from "../memo-crypto.ts";

const BOX_DOMAIN = utf8("dunlin/epoch-box/1");

/** What a delta follows. */
export type Parent = Pick<AuthenticDelta, "id" | "stamp">;

/** One of the traitor's actors: its replica id, and all that it has written, on whatever branch. */
export interface Mask {
  readonly replica: Uint8Array;
  readonly actor: ActorId;
  readonly written: AuthenticDelta[];
}

export interface Writing {
  readonly mask: Mask;
  /** The delta before it in its actor's chain; its first, when undefined. */
  readonly after: AuthenticDelta | undefined;
  readonly parents: readonly Parent[];
  readonly stamp?: number;
  readonly entries?: readonly PayloadEntry[];
  /** Under the latest key, unless the context has none. */
  readonly isSealed?: boolean;
  /** Any field of the body, to make it wrong; applied after sealing. */
  readonly body?: Partial<DeltaBody>;
}

export class Forger {
  readonly signer: Signer;
  readonly #prng: Prng;
  readonly #keyByEpoch = new Map<string, Aead>();
  readonly masks: Mask[] = [];

  constructor(signer: Signer, prng: Prng) {
    this.signer = signer;
    this.#prng = prng;
  }

  /** One more actor of this member. */
  mask(): Mask {
    const replica = this.#prng.bytes(REPLICA_ID_BYTES);
    const mask = { replica, actor: actorOf(memoCrypto, this.signer.publicKey, replica), written: [] };
    this.masks.push(mask);
    return mask;
  }

  write(replica: Replica, wallMs: number, { mask, after, parents, ...options }: Writing): AuthenticDelta {
    let last = after?.stamp ?? STAMP_ZERO;
    for (const parent of parents) if (parent.stamp > last) last = parent.stamp;
    const stamp = (options.stamp ?? nextStamp(last, wallMs)) as Stamp;
    const { entries = [this.#call(stamp, mask)] } = options;
    const body: DeltaBody = {
      author: after
        ? { first: false, actor: mask.actor, sequence: after.sequence + 1, prev: after.id }
        : { first: true, member: this.signer.publicKey, replica: mask.replica },
      stamp,
      parents: parents.map(({ id }) => id).sort(compareBytes) as DeltaId[],
      epoch: undefined,
      cause: undefined,
      applicationVersion: undefined,
      extensions: [],
      sealed: false,
      payload: encodePayload(entries),
    };
    const sealed = options.isSealed === false ? body : this.#seal(replica, body);
    const delta = signDelta(memoCrypto, this.signer, replica.context, { ...sealed, ...options.body });
    mask.written.push(delta);
    return delta;
  }

  /** The same delta with a signature that is nobody's. */
  spoil({ bytes }: AuthenticDelta): Uint8Array {
    return concatBytes(bytes.subarray(0, bytes.length - SIGNATURE_BYTES), this.#prng.bytes(SIGNATURE_BYTES));
  }

  #call(stamp: Stamp, { actor }: Mask): PayloadEntry {
    const document = new Document({ get: () => undefined, range: () => [] });
    const transaction = document.begin({ stamp, actor, member: this.signer.publicKey });
    transaction.field("map", "treason").set(`key-${this.#prng.below(4)}`, this.#prng.u32());
    transaction.field("counter", "spoils").add(this.#prng.below(1_000));
    transaction.field("set", "band").add(this.#prng.below(6));
    transaction.field("text", "threats").insert(0, String.fromCharCode(97 + this.#prng.below(26)));
    const joins = transaction.commit() ?? new Uint8Array(0);
    return { kind: "call", offset: 0, joins, events: [] };
  }

  #seal(replica: Replica, body: DeltaBody): DeltaBody {
    for (const epoch of [...replica.access().usableEpochs].reverse()) {
      const aead = this.#keyOf(replica, epoch);
      if (aead) return sealPayload(aead, { ...body, epoch: idKeyToBytes(epoch) as DeltaId });
    }
    return body;
  }

  /** As it was handed to this member in the log. */
  #keyOf(replica: Replica, name: string): Aead | undefined {
    const known = this.#keyByEpoch.get(name);
    if (known) return known;
    const epoch = replica.access().epochs.byKey.get(name);
    if (!epoch) return undefined;
    const header = concatBytes(BOX_DOMAIN, epoch.statement.keyHash);
    for (const { sealer, box } of epoch.boxesByMember.get(idKey(this.signer.publicKey)) ?? []) {
      const key = openBox(memoCrypto, this.signer, idKeyToBytes(sealer) as PublicKey, header, box);
      if (!key) continue;
      const aead = createAead(memoCrypto, key);
      this.#keyByEpoch.set(name, aead);
      return aead;
    }
    return undefined;
  }
}
