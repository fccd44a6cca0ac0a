/**
 * What came with a signature, before and after it was checked.
 *
 * Invariant: a payload whose signature was not checked cannot be reached. `Signed` shows its id and signer, enough to
 * see that a thing is known already or that its signer is not welcome, and keeps the rest to itself; `verifySigned` is
 * the only way to the payload. What takes part in state asks for `Verified<T>`, so leaving out the check is a type
 * error. A signature here covers `message`: bytes that begin with a domain of their own, so that a signature made for
 * one purpose is worthless for another.
 */
import type { PublicKey, Signer } from "../base/index.ts";
import type { Crypto } from "./crypto.ts";

declare const verifiedBrand: unique symbol;
/** A payload whose signature was found valid. It costs nothing: the brand exists in types alone. */
export type Verified<T> = T & { readonly [verifiedBrand]: true };

export interface SignedParts<T, I extends Uint8Array = Uint8Array> {
  /** What the signature vouches for. Every field that counts must be in `message`, directly or by hash. */
  readonly payload: T;
  readonly id: I;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly signer: PublicKey;
}

export class Signed<T, I extends Uint8Array = Uint8Array> {
  readonly id: I;
  readonly signer: PublicKey;
  readonly #parts: SignedParts<T, I>;

  constructor(parts: SignedParts<T, I>) {
    this.id = parts.id;
    this.signer = parts.signer;
    this.#parts = parts;
  }

  /** The payload if the signature is valid. */
  verify(crypto: Pick<Crypto, "verify">): Verified<T> | undefined {
    const { payload, message, signature, signer } = this.#parts;
    return crypto.verify(signer, message, signature) ? (payload as Verified<T>) : undefined;
  }
}

export function signed<T, I extends Uint8Array>(parts: SignedParts<T, I>): Signed<T, I> {
  return new Signed(parts);
}

export function verifySigned<T>(crypto: Pick<Crypto, "verify">, value: Signed<T>): Verified<T> | undefined {
  return value.verify(crypto);
}

type Because = "signed here" | "verified before it was stored" | "named by an authentic delta of its actor";

/**
 * Takes a payload as verified without looking: for what this node has just signed itself, has verified before and
 * reads back from its own store, or knows by a signed hash. Every call is a place to review.
 */
export function vouch<T>(payload: T, _because: Because): Verified<T> {
  return payload as Verified<T>;
}

/** Signs `message` and gives what `assemble` makes of the signature, as verified. */
export function signAs<T>(signer: Signer, message: Uint8Array, assemble: (signature: Uint8Array) => T): Verified<T> {
  return vouch(assemble(signer.sign(message)), "signed here");
}
