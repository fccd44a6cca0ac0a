/**
 * An invitation: a ticket that an admin signs, with which somebody asks a node of that admin, or of another that it
 * names, to add it.
 *
 * It gives nothing by itself: the redeemer authors the delta that adds the member, after checking expiry and earlier use
 * in its own view. So one that has expired by the redeemer's clock is dead whatever the joiner's says. A *named* one is
 * of use to one identity only; a *bearer's* goes with a secret key that travels beside it, so whoever was given both may
 * join, as often as it says. Two nodes of the redeemer that are apart may each let in as many.
 *
 *   u8 2 ‖ context 32 ‖ inviter 32 ‖ u8 holder (1 named, 2 bearer) ‖ key 32, the identity's or the bearer's ‖ u8 role ‖
 *   nonce 16 ‖ varint uses (1 when named) ‖ varint expires, ms since 1970 ‖ redeemer 32 ‖
 *   string redeemer's peer id, empty for any of its nodes ‖ varint n, n strings: its addresses ‖
 *   signature 64 by the inviter over SHA-256("dunlin/invitation/1" ‖ all before the signature)
 */
import {
  type ContextId,
  concatBytes,
  contextId,
  err,
  ID_BYTES,
  ok,
  type PublicKey,
  publicKey,
  Reader,
  type Result,
  type Signer,
  utf8,
  Writer,
} from "../base/index.ts";
import { type Crypto, signed, type Verified, verifySigned } from "../crypto/index.ts";
import {
  INVITATION_ADDRESS_BYTES_MAX,
  INVITATION_ADDRESSES_MAX,
  INVITATION_BYTES_MAX,
  INVITATION_USES_MAX,
} from "./limits.ts";
import { NONCE_BYTES, type Role, roleOfRank, roleRank } from "./statement.ts";

const FORMAT = 2;
const DOMAIN = utf8("dunlin/invitation/1");
const SIGNATURE_BYTES = 64;
const HOLDERS: readonly Holder["kind"][] = ["named", "bearer"];
const PEER_ID_BYTES_MAX = 128;

export type InvitationErrorCode =
  /** Not an invitation, or one whose signature does not verify. */
  | "INVITATION_INVALID"
  /** Past its time by the redeemer's clock. */
  | "INVITATION_EXPIRED"
  /** Made for another identity, or to be redeemed at another node. */
  | "INVITATION_NOT_FOR_YOU"
  /** Its inviter is no admin of the context as the redeemer sees it. */
  | "INVITATION_REVOKED"
  /** As many have joined by it as may. */
  | "INVITATION_USED";

/** Who may use it: one identity, or whoever has the secret of this key. */
export interface Holder {
  readonly kind: "named" | "bearer";
  readonly key: PublicKey;
}

export interface Invitation {
  readonly context: ContextId;
  readonly inviter: PublicKey;
  readonly holder: Holder;
  readonly role: Role;
  readonly nonce: Uint8Array;
  /** How many may join by it. */
  readonly uses: number;
  readonly expiresMs: number;
  /** The member who lets in by it, the inviter or another admin: whoever joins trusts it until it knows the members. */
  readonly redeemer: PublicKey;
  /** Empty for any node of the redeemer. */
  readonly redeemerPeer: string;
  readonly redeemerAddresses: readonly string[];
}

export function signInvitation(crypto: Pick<Crypto, "sha256">, signer: Signer, invitation: Invitation): Uint8Array {
  const writer = new Writer().u8(FORMAT).raw(invitation.context).raw(invitation.inviter);
  writer.u8(HOLDERS.indexOf(invitation.holder.kind) + 1).raw(invitation.holder.key);
  writer.u8(roleRank(invitation.role)).raw(invitation.nonce).varint(invitation.uses).varint(invitation.expiresMs);
  writer.raw(invitation.redeemer).string(invitation.redeemerPeer).varint(invitation.redeemerAddresses.length);
  for (const address of invitation.redeemerAddresses) writer.string(address);
  const body = writer.toBytes();
  return concatBytes(body, signer.sign(crypto.sha256(concatBytes(DOMAIN, body))));
}

/** The invitation, if its inviter signed these very bytes. */
export function verifyInvitation(
  crypto: Pick<Crypto, "sha256" | "verify">,
  bytes: Uint8Array,
): Result<Verified<Invitation>> {
  const invalid = (why: string) => err<InvitationErrorCode>("INVITATION_INVALID", `not a valid invitation: ${why}`);
  if (bytes.length > INVITATION_BYTES_MAX || bytes.length < SIGNATURE_BYTES) return invalid("wrong size");
  const body = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const payload = decodeInvitation(body);
  if (!payload) return invalid("damaged, or of another version");
  const message = crypto.sha256(concatBytes(DOMAIN, body));
  const signature = bytes.subarray(body.length);
  const invitation = verifySigned(
    crypto,
    signed({ payload, id: message, message, signature, signer: payload.inviter }),
  );
  return invitation ? ok(invitation) : invalid("bad signature");
}

function decodeInvitation(body: Uint8Array): Invitation | undefined {
  const reader = new Reader(body);
  if (reader.u8() !== FORMAT) return undefined;
  const [context, inviter] = [reader.raw(ID_BYTES), reader.raw(ID_BYTES)];
  const kind = HOLDERS[reader.u8() - 1];
  const key = reader.raw(ID_BYTES);
  const role = roleOfRank(reader.u8());
  const nonce = reader.raw(NONCE_BYTES);
  const uses = reader.varint();
  const expiresMs = reader.varint();
  const redeemer = reader.raw(ID_BYTES);
  const redeemerPeer = reader.string(PEER_ID_BYTES_MAX);
  const count = reader.count(INVITATION_ADDRESSES_MAX);
  const redeemerAddresses: string[] = [];
  for (let i = 0; i < count; i++) redeemerAddresses.push(reader.string(INVITATION_ADDRESS_BYTES_MAX));
  if (!reader.finish() || !role || !kind) return undefined;
  if (uses < 1 || uses > (kind === "named" ? 1 : INVITATION_USES_MAX)) return undefined;
  return {
    context: contextId(context.slice()),
    inviter: publicKey(inviter.slice()),
    holder: { kind, key: publicKey(key.slice()) },
    role,
    nonce: nonce.slice(),
    uses,
    expiresMs,
    redeemer: publicKey(redeemer.slice()),
    redeemerPeer,
    redeemerAddresses,
  };
}
