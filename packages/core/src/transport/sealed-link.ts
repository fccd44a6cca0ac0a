/**
 * End-to-end encryption between two peers of a relay. A peer's id is its X25519 public key, drawn for the connection, so
 * both have the secret as soon as they hear of each other; sync then signs both ids with the members' keys, so a relay
 * that puts keys of its own in between fails that proof. Each direction has a key and a counter of its own:
 *
 *   keys   = HKDF-SHA-256(X25519(own secret, other's key), salt: lower id | higher id, info "dunlin/link/1"), 64 bytes,
 *            the first half for what the lower id sends
 *   frame  = AEAD(key, header: counter as a varint, frame)        the counter is not sent: frames arrive in order or not at all
 *
 * Refused: anything out of order, repeated, changed or cut, which ends the connection. What a relay sees: who talks to
 * whom, when and how much.
 */
import { compareBytes, concatBytes, utf8, Writer } from "../base/index.ts";
import { type Aead, agree, createAead, createCrypto, hkdfSha256 } from "../crypto/index.ts";

const INFO = utf8("dunlin/link/1");
const KEY_BYTES = 32;

export class SealedLink {
  readonly #sending: Aead;
  readonly #receiving: Aead;
  #sent = 0;
  #received = 0;

  private constructor(sending: Aead, receiving: Aead) {
    this.#sending = sending;
    this.#receiving = receiving;
  }

  /** Undefined when the other's key is refused, or is one's own. */
  static open(secretKey: Uint8Array, self: Uint8Array, other: Uint8Array): SealedLink | undefined {
    const order = compareBytes(self, other);
    const secret = agree(secretKey, other);
    if (secret === undefined || order === 0) return undefined;
    const crypto = createCrypto();
    const salt = order < 0 ? concatBytes(self, other) : concatBytes(other, self);
    const keys = hkdfSha256(crypto, secret, { salt, info: INFO, length: 2 * KEY_BYTES });
    const lower = createAead(crypto, keys.slice(0, KEY_BYTES));
    const higher = createAead(crypto, keys.slice(KEY_BYTES));
    return order < 0 ? new SealedLink(lower, higher) : new SealedLink(higher, lower);
  }

  seal(frame: Uint8Array): Uint8Array {
    return this.#sending.seal(counterBytes(this.#sent++), frame);
  }

  /** The frame; undefined when it is not the next one of the other side. */
  open(sealed: Uint8Array): Uint8Array | undefined {
    return this.#receiving.open(counterBytes(this.#received++), sealed);
  }
}

function counterBytes(counter: number): Uint8Array {
  return new Writer(8).varint(counter).toBytes();
}
