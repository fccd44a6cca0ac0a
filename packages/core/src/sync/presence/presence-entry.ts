/**
 * What one installation of a member shows the others of itself for a while, signed so that it can be handed on.
 *
 *     u8 1 | context 32 | member's key 32 | the installation's actor 16 | varint sequence | varint milliseconds to live,
 *     0 when it leaves | bytes data, empty when it leaves | signature 64, by the member, over
 *     SHA-256("dunlin/presence/1" | all before it)
 *
 * Canonical. Of one installation the greater sequence counts.
 */
import {
  ACTOR_BYTES,
  type ContextId,
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
import { SIGNATURE_BYTES } from "../../dag/index.ts";
import { PRESENCE_DATA_BYTES_MAX, PRESENCE_TTL_MS_MAX } from "../limits.ts";

const FORMAT = 1;
const DOMAIN = utf8("dunlin/presence/1");

export interface PresenceEntry {
  readonly context: ContextId;
  readonly member: PublicKey;
  readonly actorKey: string;
  readonly sequence: number;
  /** 0 when it leaves. */
  readonly ttlMs: number;
  readonly data: Uint8Array;
}

type Hash = Pick<Crypto, "sha256">;

export function signPresence(crypto: Hash, signer: Signer, entry: Omit<PresenceEntry, "member">): Uint8Array {
  const writer = new Writer(256).u8(FORMAT).raw(entry.context).raw(signer.publicKey).raw(idKeyToBytes(entry.actorKey));
  const body = writer.varint(entry.sequence).varint(entry.ttlMs).bytes(entry.data).toBytes();
  return signBody(crypto, signer, DOMAIN, body);
}

/** Whether its member signed it: of bytes that decode. */
export function isPresenceSigned(
  crypto: Pick<Crypto, "sha256" | "verify">,
  bytes: Uint8Array,
  member: PublicKey,
): boolean {
  return isBodySigned(crypto, DOMAIN, bytes, member);
}

/** What it says, before its signature is checked. */
export function decodePresence(bytes: Uint8Array): PresenceEntry | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const [context, member, actor] = [reader.raw(ID_BYTES), reader.raw(ID_BYTES), reader.raw(ACTOR_BYTES)];
  const [sequence, ttlMs] = [reader.varint(), reader.varint()];
  const data = reader.bytes(PRESENCE_DATA_BYTES_MAX).slice();
  if (ttlMs > PRESENCE_TTL_MS_MAX || (ttlMs === 0 && data.length > 0)) reader.fail();
  reader.raw(SIGNATURE_BYTES);
  if (!reader.finish()) return undefined;
  const names = { context: contextId(context.slice()), member: publicKey(member.slice()), actorKey: idKey(actor) };
  return { ...names, sequence, ttlMs, data };
}
