/**
 * A signed acknowledgement: one installation says, after its flush, how far it holds each actor's deltas. It can be
 * handed on, so a writer learns of installations that it is never connected to.
 *
 *     u8 1 | context 32 | member's key 32 | replica id 16 | varint n, n times: actor 16, ascending | varint sequence
 *     | signature 64, by the member, over SHA-256("dunlin/acknowledgement/1" | all before it)
 *
 * Canonical. What it says only grows, so two of one installation join to the larger of each, and order has no meaning.
 */
import {
  ACTOR_BYTES,
  type ContextId,
  compareBytes,
  contextId,
  ID_BYTES,
  idKey,
  idKeyToBytes,
  type PublicKey,
  publicKey,
  Reader,
  type Signer,
  utf8,
  Writer,
} from "../../base/index.ts";
import { type Crypto, isBodySigned, signBody } from "../../crypto/index.ts";
import { actorOf, REPLICA_ID_BYTES, SIGNATURE_BYTES, type VersionVector } from "../../dag/index.ts";
import { ACKNOWLEDGED_ACTORS_MAX } from "./limits.ts";

const FORMAT = 1;
const DOMAIN = utf8("dunlin/acknowledgement/1");

export interface Acknowledgement {
  readonly context: ContextId;
  readonly member: PublicKey;
  readonly replica: Uint8Array;
  readonly vector: VersionVector;
}

type Hash = Pick<Crypto, "sha256">;

export function signAcknowledgement(crypto: Hash, signer: Signer, said: Omit<Acknowledgement, "member">): Uint8Array {
  const body = encodeBody({ ...said, member: signer.publicKey });
  return signBody(crypto, signer, DOMAIN, body);
}

/** Whether the member signed it: of bytes that decode. */
export function isAcknowledgementSigned(
  crypto: Pick<Crypto, "sha256" | "verify">,
  bytes: Uint8Array,
  member: PublicKey,
): boolean {
  return isBodySigned(crypto, DOMAIN, bytes, member);
}

/** What it says, before its signature is checked. */
export function decodeAcknowledgement(bytes: Uint8Array): Acknowledgement | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const [context, member, replica] = [reader.raw(ID_BYTES), reader.raw(ID_BYTES), reader.raw(REPLICA_ID_BYTES)];
  const vector = new Map<string, number>();
  const count = reader.count(ACKNOWLEDGED_ACTORS_MAX, ACTOR_BYTES + 1);
  let before: Uint8Array | undefined;
  for (let i = 0; i < count && !reader.failed; i++) {
    const actor = reader.raw(ACTOR_BYTES);
    const sequence = reader.varint();
    if (sequence === 0 || (before && compareBytes(before, actor) >= 0)) reader.fail();
    vector.set(idKey(actor), sequence);
    before = actor;
  }
  reader.raw(SIGNATURE_BYTES);
  if (!reader.finish()) return undefined;
  return { context: contextId(context.slice()), member: publicKey(member.slice()), replica: replica.slice(), vector };
}

/** Who acknowledges: the actor of that installation, whether it has written or not. */
export function acknowledgingActor(crypto: Hash, { member, replica }: Acknowledgement): string {
  return idKey(actorOf(crypto, member, replica));
}

function encodeBody({ context, member, replica, vector }: Acknowledgement): Uint8Array {
  const writer = new Writer(256).u8(FORMAT).raw(context).raw(member).raw(replica);
  const actors = [...vector.keys()].sort().slice(0, ACKNOWLEDGED_ACTORS_MAX);
  writer.varint(actors.length);
  for (const actor of actors) writer.raw(idKeyToBytes(actor)).varint(vector.get(actor) ?? 0);
  return writer.toBytes();
}
