/**
 * How a received delta is known to be its actor's: by its own signature, or through `prev` from one that is.
 *
 * Soundness is one line: whoever signed D signed a hash that covers D's `prev`, so D's signer committed to exactly that
 * delta; by induction along `prev` one good signature proves a whole chain. It proves authorship alone: what the author
 * may do is judged for each delta by itself. Owns one bound besides: a delta whose own signature is not good is proven
 * only if the one that vouches for it lies within `VOUCHING_BYTES_MAX`, so that whoever holds it can hand both on in
 * one frame. Whether a delta can be proven is therefore the same for everybody, whichever of its copies came first.
 */
import type { PublicKey } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import {
  type AuthenticDelta,
  type ReceivedDelta,
  type SignedDelta,
  verifyDelta,
  verifyNamed,
  withSignature,
} from "./delta.ts";
import { VOUCHING_BYTES_MAX } from "./limits.ts";

export interface Proven {
  readonly proven: true;
  readonly delta: AuthenticDelta;
  /** Whether its own signature was checked; if not, `span` says how far the one that vouches is. */
  readonly isSigned: boolean;
  /** Bytes from this delta to the one whose signature was checked, both included, and as if nothing were pruned. */
  readonly span: number;
}

/** Of an actor that is not known: nothing to check a signature with. */
export interface Unproven {
  readonly proven: false;
  readonly delta: SignedDelta;
  /** Of other copies that came: any may be the good one. */
  readonly otherSignatures: readonly Uint8Array[];
}

/** Proven by its own signature. */
export function proveSigned(
  crypto: Pick<Crypto, "verify">,
  delta: ReceivedDelta,
  member: PublicKey,
): Proven | undefined {
  const verified = verifyDelta(crypto, delta, member);
  if (!verified.ok) return undefined;
  return { proven: true, delta: verified.value, isSigned: true, span: delta.size };
}

/** The same with any of the signatures that came. */
export function proveAny(crypto: Pick<Crypto, "verify">, unproven: Unproven, member: PublicKey): Proven | undefined {
  const { delta, otherSignatures } = unproven;
  const proven = proveSigned(crypto, delta, member);
  if (proven) return proven;
  for (const signature of otherSignatures) {
    const other = proveSigned(crypto, withSignature(delta, signature), member);
    if (other) return other;
  }
  return undefined;
}

/** Proven by one that names it, if that is near enough. */
export function proveNamed(delta: ReceivedDelta, by: Proven): Proven | undefined {
  const span = delta.size + by.span;
  const named = span <= VOUCHING_BYTES_MAX ? verifyNamed(delta, by.delta) : undefined;
  return named && { proven: true, delta: named, isSigned: false, span };
}
