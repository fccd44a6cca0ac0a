/**
 * Who a peer is, per context. The transport has authenticated the peer's id; here each side proves that it holds the
 * key of a member, in a signature over both peer ids, both nonces and the context, so that a proof is worth nothing
 * on another connection, to another peer, or for another context.
 *
 * Contexts are found by tags: a hash over the connection's transcript and the context's id. A peer that does not know
 * the id learns nothing but how many contexts are offered, and members' keys are shown only where tags have matched.
 */
import { type ContextId, compareBytes, concatBytes, type PeerId, type PublicKey, utf8, Writer } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";

type Hash = Pick<Crypto, "sha256">;

const TRANSCRIPT_DOMAIN = utf8("dunlin/sync/1");
const TAG_DOMAIN = utf8("dunlin/tag/1");
const PROVE_DOMAIN = utf8("dunlin/prove/1");
const REDEEM_DOMAIN = utf8("dunlin/redeem/1");

export interface Greeting {
  readonly peer: PeerId;
  readonly nonce: Uint8Array;
}

/** What both sides of one connection compute alike, and no other connection has. */
export function transcriptOf(crypto: Hash, a: Greeting, b: Greeting): Uint8Array {
  const parts = [a, b].map(({ peer, nonce }) => new Writer(128).string(peer).bytes(nonce).toBytes());
  return crypto.sha256(concatBytes(TRANSCRIPT_DOMAIN, ...parts.sort(compareBytes)));
}

export function tagOf(crypto: Hash, transcript: Uint8Array, context: ContextId): Uint8Array {
  return crypto.sha256(concatBytes(TAG_DOMAIN, transcript, context));
}

/** What a member signs to prove itself as `prover` on this connection. */
export function proofDigest(
  crypto: Hash,
  transcript: Uint8Array,
  context: ContextId,
  prover: PeerId,
  member: PublicKey,
): Uint8Array {
  return crypto.sha256(concatBytes(PROVE_DOMAIN, transcript, context, member, utf8(prover)));
}

/** What is signed to redeem an invitation for a member on this connection: by the member, and by a bearer's key. */
export function redeemDigest(
  crypto: Hash,
  transcript: Uint8Array,
  invitation: Uint8Array,
  member: PublicKey,
  redeemer: PeerId,
): Uint8Array {
  return crypto.sha256(concatBytes(REDEEM_DOMAIN, transcript, crypto.sha256(invitation), member, utf8(redeemer)));
}
