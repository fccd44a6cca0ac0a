/**
 * A proof that an actor equivocated: two different deltas of it that follow the same delta (or are both its first).
 * Whoever holds it can check it with nothing else at hand, and no honest actor can be accused by one.
 *
 *     u8 1 | context 32 | member's key 32 | replica id 16 | side | side
 *     side: varint n, at least 1, then n times bytes: the delta, and those that vouch for it through `prev`, the last of
 *           which is signed well
 *
 * The actor is the hash of key and replica id. The side whose delta has the lesser id comes first. Refused: sides that
 * are one delta, that follow different ones, that are another actor's, and what no signature of the member proves.
 */
import {
  type ActorId,
  type ContextId,
  compareBytes,
  contextId,
  type DeltaId,
  err,
  ID_BYTES,
  ok,
  type PublicKey,
  publicKey,
  Reader,
  type Result,
  Writer,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { actorOf, decodeDelta, type SignedDelta } from "./delta.ts";
import { REPLICA_ID_BYTES } from "./envelope.ts";
import { DELTA_BYTES_MAX, VOUCHERS_MAX } from "./limits.ts";
import { type Proven, proveNamed, proveSigned } from "./proof.ts";

const FORMAT = 1;

export type EquivocationErrorCode =
  /** Not the canonical form of a proof of equivocation. */
  | "EQUIVOCATION_MALFORMED"
  /** What it holds does not prove what it says. */
  | "EQUIVOCATION_UNPROVEN";

/** A delta, and those that vouch for it when its own signature does not. */
export type Side = readonly Uint8Array[];

export interface EquivocationProof {
  readonly context: ContextId;
  readonly member: PublicKey;
  readonly replica: Uint8Array;
  readonly sides: readonly [Side, Side];
}

/** What a proof that holds says. */
export interface Equivocation {
  readonly member: PublicKey;
  readonly actor: ActorId;
  readonly deltas: readonly [DeltaId, DeltaId];
}

export function encodeEquivocation({ context, member, replica, sides }: EquivocationProof): Uint8Array {
  const writer = new Writer(1024).u8(FORMAT).raw(context).raw(member).raw(replica);
  for (const side of sides) {
    writer.varint(side.length);
    for (const delta of side) writer.bytes(delta);
  }
  return writer.toBytes();
}

export function decodeEquivocation(bytes: Uint8Array): EquivocationProof | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const [context, member, replica] = [reader.raw(ID_BYTES), reader.raw(ID_BYTES), reader.raw(REPLICA_ID_BYTES)];
  const sides = [readSide(reader), readSide(reader)] as const;
  if (!reader.finish()) return undefined;
  return { context: contextId(context.slice()), member: publicKey(member.slice()), replica: replica.slice(), sides };
}

/** Checks a proof, from anybody. */
export function verifyEquivocation(crypto: Pick<Crypto, "sha256" | "verify">, bytes: Uint8Array): Result<Equivocation> {
  const proof = decodeEquivocation(bytes);
  if (!proof) return err<EquivocationErrorCode>("EQUIVOCATION_MALFORMED", "not a proof of equivocation");
  const unproven = (why: string) => err<EquivocationErrorCode>("EQUIVOCATION_UNPROVEN", why);
  const { context, member, replica, sides } = proof;
  const [a, b] = sides.map((side) => proveSide(crypto, context, member, side));
  if (!a || !b) return unproven("a side is not signed by the member");
  const actor = actorOf(crypto, member, replica);
  if ([a, b].some(({ delta }) => compareBytes(delta.actor, actor) !== 0)) return unproven("a side is another actor's");
  if (a.delta.prevKey !== b.delta.prevKey) return unproven("the sides follow different deltas");
  if (compareBytes(a.delta.id, b.delta.id) >= 0) return unproven("the sides are one delta, or out of order");
  return ok({ member, actor, deltas: [a.delta.id, b.delta.id] });
}

/** From the end: the last is signed, and each before it is named by the one after. */
function proveSide(
  crypto: Pick<Crypto, "sha256" | "verify">,
  context: ContextId,
  member: PublicKey,
  side: Side,
): Proven | undefined {
  let proven: Proven | undefined;
  for (const bytes of [...side].reverse()) {
    const decoded = decodeDelta(crypto, context, bytes);
    if (!decoded.ok) return undefined;
    const delta: SignedDelta = decoded.value;
    proven = proven ? proveNamed(delta, proven) : proveSigned(crypto, delta, member);
    if (!proven) return undefined;
  }
  return proven;
}

function readSide(reader: Reader): Side {
  const side: Uint8Array[] = [];
  const count = reader.count(VOUCHERS_MAX);
  if (count === 0) reader.fail();
  for (let i = 0; i < count && !reader.failed; i++) side.push(reader.bytes(DELTA_BYTES_MAX).slice());
  return side;
}
