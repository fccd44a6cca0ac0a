/**
 * Invitations as text: made for one identity, or open, for whoever has the text; and read by the node that joins.
 *
 *   base58 of: invitation                     for one identity: of use to nobody else
 *   a ticket (access/ticket.ts)               open: the invitation with its bearer's secret
 */
import type { ApiErrorCode, InviteRequest } from "@dunlin/api";
import {
  INVITATION_USES_MAX,
  type Invitation,
  NONCE_BYTES,
  signInvitation,
  textToTicket,
  ticketToText,
  verifyInvitation,
} from "@dunlin/core/access";
import {
  base58ToBytes,
  bytesToBase58,
  type ContextId,
  err,
  idToText,
  ok,
  type PeerId,
  type PublicKey,
  publicKey,
  type Result,
  type Signer,
  textToId,
} from "@dunlin/core/base";
import { type Crypto, SEED_BYTES } from "@dunlin/core/crypto";
import { INVITATION_CHARS_MAX, INVITATION_VALID_MS } from "../limits.ts";
import { systemClock, systemRandom } from "../platform.ts";
import type { HostedContext } from "./hosted-context.ts";

/** Who lets in by an invitation. */
export interface RedeemingNode {
  readonly member: PublicKey;
  readonly peer: PeerId;
  readonly addresses: readonly string[];
}

export interface ReadInvitation {
  readonly invitation: Invitation;
  readonly bytes: Uint8Array;
  /** Of the identity that joins. */
  readonly signer: Signer;
  /** Signs with the secret of an open invitation. */
  readonly bearer: Signer | undefined;
}

export function inviteTo(
  hosted: HostedContext,
  request: InviteRequest,
  crypto: Crypto,
  at: RedeemingNode,
): Result<{ payload: string }> {
  const { inviteeId, uses = 1 } = request;
  const invalid = (why: string) => err<ApiErrorCode>("PARAMS_INVALID", why);
  const invitee = inviteeId === undefined ? undefined : textToId(inviteeId);
  if (inviteeId !== undefined && !invitee) return invalid("inviteeId is not a public key in base58");
  if (invitee && uses !== 1) return invalid("an invitation for one identity is used once: leave uses away");
  if (uses < 1 || uses > INVITATION_USES_MAX) return invalid(`uses is from 1 to ${INVITATION_USES_MAX}`);
  if (request.inviterId !== undefined && request.inviterId !== idToText(hosted.signer.publicKey)) {
    return err<ApiErrorCode>("NOT_A_MEMBER", `this node does not hold the key of ${request.inviterId}`);
  }
  if (hosted.replica.roleOf(hosted.signer.publicKey) !== "admin") {
    return err("ACCESS_DENIED", "only an admin of the context may invite");
  }
  const bearerSecret = systemRandom.bytes(SEED_BYTES);
  const bytes = signInvitation(crypto, hosted.signer, {
    context: hosted.replica.context,
    inviter: hosted.signer.publicKey,
    holder: invitee
      ? { kind: "named", key: publicKey(invitee) }
      : { kind: "bearer", key: crypto.createSigner(bearerSecret).publicKey },
    uses,
    role: request.role ?? "writer",
    nonce: systemRandom.bytes(NONCE_BYTES),
    expiresMs: systemClock.now() + (request.validForMs ?? INVITATION_VALID_MS),
    redeemer: at.member,
    redeemerPeer: at.peer,
    redeemerAddresses: at.addresses,
  });
  return ok({ payload: invitee ? bytesToBase58(bytes) : ticketToText({ bytes, bearerSecret }) });
}

/** `signerOf`: of the identity that a named invitation is for; without one, of the identity that is to join. */
export function readInvitation(
  crypto: Crypto,
  payload: string,
  signerOf: (holder: PublicKey | undefined, context: ContextId) => Signer | undefined,
): Result<ReadInvitation> {
  const ticket = textToTicket(crypto, payload);
  if (ticket.ok) {
    const { invitation, bytes, bearerSecret } = ticket.value;
    const signer = signerOf(undefined, invitation.context);
    if (signer) return ok({ invitation, bytes, signer, bearer: crypto.createSigner(bearerSecret) });
    return err<ApiErrorCode>("NOT_A_MEMBER", "this node does not hold the key of the identity that is to join");
  }
  const bytes = base58ToBytes(payload, INVITATION_CHARS_MAX);
  if (!bytes) return err("INVITATION_INVALID", "not an invitation: it is not base58 text");
  const verified = verifyInvitation(crypto, bytes);
  if (!verified.ok) return verified;
  const { kind, key } = verified.value.holder;
  const signer = kind === "named" ? signerOf(key, verified.value.context) : undefined;
  if (signer) return ok({ invitation: verified.value, bytes, signer, bearer: undefined });
  const whose = kind === "named" ? idToText(key) : "whoever bears its secret";
  return err("INVITATION_NOT_FOR_YOU", `the invitation is for ${whose}, and this node does not hold that key`);
}
