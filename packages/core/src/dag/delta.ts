/**
 * A delta as others may see it at each stage. `SignedDelta` is decoded and canonical but not yet authentic: its header
 * can be read, to find what it waits for, and its payload cannot. `AuthenticDelta` is made only here: by a signature
 * that verifies, by an authentic delta of the same actor that names it through `prev`, or, for what this node wrote or
 * stored itself, by `trustStored`. It is all that enters the graph.
 */
import {
  type ActorId,
  bytesEqual,
  type ContextId,
  concatBytes,
  type DeltaId,
  deltaId,
  err,
  ID_BYTES,
  idKey,
  ok,
  type PublicKey,
  type Result,
  type Signer,
  type Stamp,
  utf8,
} from "../base/index.ts";
import { type Crypto, type Verified, vouch } from "../crypto/index.ts";
import {
  type Cause,
  DELTA_VERSION,
  type DeltaBody,
  type DeltaHead,
  decodeBody,
  decodePruned,
  type Extension,
  encodeBody,
  PRUNED_VERSION,
  SIGNATURE_BYTES,
} from "./envelope.ts";
import { DELTA_BYTES_MAX } from "./limits.ts";

const DELTA_DOMAIN = utf8("dunlin/delta/2");
const ACTOR_DOMAIN = utf8("dunlin/actor/1");
const ACTOR_PREFIX = 16;
const NO_CONTEXT = new Uint8Array(ID_BYTES);

export type DeltaErrorCode =
  /** Not the canonical encoding of a delta, or over a limit: the peer that sent it is charged. */
  | "DELTA_MALFORMED"
  /** The signature does not verify: the peer is charged; the delta itself is not condemned. */
  | "DELTA_UNPROVEN";

/** What may be read of a delta before its signature has been checked. */
export interface DeltaHeader {
  readonly id: DeltaId;
  /** `idKey(id)`. */
  readonly key: string;
  readonly actor: ActorId;
  readonly actorKey: string;
  readonly sequence: number;
  readonly stamp: Stamp;
  readonly parents: readonly DeltaId[];
  /** The same actor's delta before this one; undefined in its first. */
  readonly prev: DeltaId | undefined;
  /** `idKey` of each parent and of `prev`. */
  readonly parentKeys: readonly string[];
  readonly prevKey: string | undefined;
  /** The key that the actor belongs to, known from its first delta alone. */
  readonly member: PublicKey | undefined;
  readonly cause: Cause | undefined;
  /** Whether its payload was dropped, and its hash alone is here. */
  readonly isPruned: boolean;
}

declare const unread: unique symbol;
/** Canonical bytes with a header that can be read and a payload that cannot. */
export interface SignedDelta extends DeltaHeader, DeltaBytes {
  readonly [unread]: true;
}

interface DeltaBytes {
  /** Body and signature, as on the wire. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole delta, pruned or not. */
  readonly size: number;
}

interface Delta extends DeltaHeader, DeltaBytes {
  /** Undefined when it is pruned. */
  readonly payload: Uint8Array | undefined;
  readonly sealed: boolean;
  /** The epoch of its key, when it is not that of the actor's previous delta. */
  readonly epoch: DeltaId | undefined;
  readonly extensions: readonly Extension[];
}

/** A delta that its member is known to have signed. */
export type AuthenticDelta = Verified<Delta>;

/** A delta of which only the header counts. */
export type ReceivedDelta = SignedDelta | AuthenticDelta;

export function actorOf(crypto: Pick<Crypto, "sha256">, member: PublicKey, replica: Uint8Array): ActorId {
  return crypto.sha256(concatBytes(ACTOR_DOMAIN, member, replica)).slice(0, ACTOR_PREFIX) as ActorId;
}

/** Decodes a delta of `context`, or a genesis that would make it. Refuses anything but the canonical form. */
export function decodeDelta(
  crypto: Pick<Crypto, "sha256">,
  context: ContextId,
  bytes: Uint8Array,
): Result<SignedDelta> {
  const malformed = (why: string) => err<DeltaErrorCode>("DELTA_MALFORMED", `not a delta: ${why}`);
  if (bytes.length > DELTA_BYTES_MAX) return malformed(`${bytes.length} bytes, at most ${DELTA_BYTES_MAX}`);
  if (bytes.length < SIGNATURE_BYTES) return malformed("no room for a signature");
  const unsigned = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const body = partsOf(crypto, unsigned);
  if (!body) return malformed("not the canonical form");
  const genesis = body.parents.length === 0;
  if (genesis && !body.author.first) return malformed("no parents, and not an actor's first");
  const decoded = describe(crypto, genesis ? (NO_CONTEXT as ContextId) : context, body, bytes);
  if (genesis && !bytesEqual(decoded.id, context)) return malformed("the genesis of another context");
  return ok(decoded as unknown as SignedDelta);
}

/**
 * The pruned form of a delta, which has its id and its signature. Undefined where there is none: of what is not sealed,
 * and so may say something of access.
 */
export function pruneDelta(crypto: Pick<Crypto, "sha256">, bytes: Uint8Array): Uint8Array | undefined {
  const unsigned = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const body = decodeBody(unsigned);
  if (!body?.sealed) return undefined;
  const head = unsigned.slice(0, unsigned.length - body.payload.length);
  head[0] = PRUNED_VERSION;
  return concatBytes(head, crypto.sha256(body.payload), bytes.subarray(unsigned.length));
}

/** Whether these are the bytes of a delta without its payload. */
export function hasPrunedForm(bytes: Uint8Array): boolean {
  return bytes[0] === PRUNED_VERSION;
}

/** Authentic when `member`'s signature over the id verifies. */
export function verifyDelta(
  crypto: Pick<Crypto, "verify">,
  delta: ReceivedDelta,
  member: PublicKey,
): Result<AuthenticDelta> {
  if (crypto.verify(member, delta.id, signatureOf(delta))) return ok(delta as unknown as AuthenticDelta);
  return err<DeltaErrorCode>("DELTA_UNPROVEN", "the signature does not verify");
}

/** Authentic when an authentic delta of the same actor names it: whoever signed that one signed this one's hash. */
export function verifyNamed(delta: ReceivedDelta, by: AuthenticDelta): AuthenticDelta | undefined {
  const named = by.prev !== undefined && by.actorKey === delta.actorKey && bytesEqual(by.prev, delta.id);
  return named ? vouch(delta as unknown as Delta, "named by an authentic delta of its actor") : undefined;
}

export function signatureOf(delta: Pick<DeltaBytes, "bytes">): Uint8Array {
  return delta.bytes.subarray(delta.bytes.length - SIGNATURE_BYTES);
}

/** The same delta with another signature: the id does not cover it. */
export function withSignature(delta: SignedDelta, signature: Uint8Array): SignedDelta {
  const body = delta.bytes.subarray(0, delta.bytes.length - SIGNATURE_BYTES);
  return { ...delta, bytes: concatBytes(body, signature) };
}

/** For what this node admitted before and reads back from its own store: it was checked then. */
export function trustStored(delta: SignedDelta): AuthenticDelta {
  return vouch(delta as unknown as Delta, "verified before it was stored");
}

/** Encodes and signs a delta of one's own; `context` is undefined for a genesis, whose id becomes the context's. */
export function signDelta(
  crypto: Pick<Crypto, "sha256">,
  signer: Signer,
  context: ContextId | undefined,
  body: DeltaBody,
): AuthenticDelta {
  const bytes = encodeBody(body);
  const parts = { ...body, ...headOf(crypto, bytes, body.payload) };
  const unsigned = describe(crypto, context ?? (NO_CONTEXT as ContextId), parts, bytes);
  const size = bytes.length + SIGNATURE_BYTES;
  return vouch({ ...unsigned, size, bytes: concatBytes(bytes, signer.sign(unsigned.id)) }, "signed here");
}

/** What a delta's id is made of. */
interface Parts extends DeltaHead {
  readonly head: Uint8Array;
  readonly payloadHash: Uint8Array;
  readonly payloadLength: number;
  readonly payload: Uint8Array | undefined;
}

function partsOf(crypto: Pick<Crypto, "sha256">, unsigned: Uint8Array): Parts | undefined {
  if (unsigned[0] !== PRUNED_VERSION) {
    const body = decodeBody(unsigned);
    return body && { ...body, ...headOf(crypto, unsigned, body.payload) };
  }
  const pruned = decodePruned(unsigned);
  if (!pruned) return undefined;
  const head = pruned.head.slice();
  head[0] = DELTA_VERSION;
  return { ...pruned, head, payload: undefined };
}

function headOf(crypto: Pick<Crypto, "sha256">, body: Uint8Array, payload: Uint8Array): Omit<Parts, keyof DeltaBody> {
  const head = body.subarray(0, body.length - payload.length);
  return { head, payloadHash: crypto.sha256(payload), payloadLength: payload.length };
}

function describe(crypto: Pick<Crypto, "sha256">, context: ContextId, body: Parts, bytes: Uint8Array): Delta {
  const { author, head, payloadHash, payloadLength } = body;
  const actor = author.first ? actorOf(crypto, author.member, author.replica) : author.actor;
  const id = deltaId(crypto.sha256(concatBytes(DELTA_DOMAIN, context, head, payloadHash)));
  const parentKeys = body.parents.map(idKey);
  return {
    id,
    key: idKey(id),
    actor,
    actorKey: idKey(actor),
    sequence: author.first ? 1 : author.sequence,
    stamp: body.stamp,
    parents: body.parents,
    parentKeys,
    prev: author.first ? undefined : author.prev,
    prevKey: author.first ? undefined : prevKeyOf(author.prev, body.parents, parentKeys),
    member: author.first ? author.member : undefined,
    cause: body.cause,
    isPruned: body.payload === undefined,
    bytes,
    size: head.length + payloadLength + SIGNATURE_BYTES,
    payload: body.payload,
    sealed: body.sealed,
    epoch: body.epoch,
    extensions: body.extensions,
  };
}

/** The parent's own key when it is one: a string that is known is found faster. */
function prevKeyOf(prev: DeltaId, parents: readonly DeltaId[], parentKeys: readonly string[]): string {
  return parentKeys[parents.findIndex((parent) => bytesEqual(parent, prev))] ?? idKey(prev);
}
