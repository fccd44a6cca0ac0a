/** Invitations as text: made for one identity, to be redeemed here, and read by the node that holds its key. */
import type { ApiErrorCode, InviteRequest } from "@dunlin/api";
import { type Invitation, NONCE_BYTES, signInvitation, verifyInvitation } from "@dunlin/core/access";
import {
  base58ToBytes,
  bytesToBase58,
  err,
  idToText,
  ok,
  type PeerId,
  publicKey,
  type Result,
  type Signer,
  textToId,
} from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import type { Home } from "../home.ts";
import { INVITATION_CHARS_MAX, INVITATION_VALID_MS } from "../limits.ts";
import { systemClock, systemRandom } from "../platform.ts";
import type { HostedContext } from "./hosted-context.ts";

export interface ReadInvitation {
  readonly invitation: Invitation;
  readonly bytes: Uint8Array;
  /** Of the identity that is invited. */
  readonly signer: Signer;
}

/** `at`: this node, where it is redeemed. */
export function inviteTo(
  hosted: HostedContext,
  request: InviteRequest,
  crypto: Crypto,
  at: { readonly peer: PeerId; readonly addresses: readonly string[] },
): Result<{ payload: string }> {
  const invitee = textToId(request.inviteeId);
  if (!invitee) return err<ApiErrorCode>("PARAMS_INVALID", "inviteeId is not a public key in base58");
  if (request.inviterId !== undefined && request.inviterId !== idToText(hosted.signer.publicKey)) {
    return err<ApiErrorCode>("NOT_A_MEMBER", `this node does not hold the key of ${request.inviterId}`);
  }
  if (hosted.replica.roleOf(hosted.signer.publicKey) !== "admin") {
    return err("ACCESS_DENIED", "only an admin of the context may invite");
  }
  const invitation: Invitation = {
    context: hosted.replica.context,
    inviter: hosted.signer.publicKey,
    holder: { kind: "named", key: publicKey(invitee) },
    uses: 1,
    role: request.role ?? "writer",
    nonce: systemRandom.bytes(NONCE_BYTES),
    expiresMs: systemClock.now() + (request.validForMs ?? INVITATION_VALID_MS),
    redeemerPeer: at.peer,
    redeemerAddresses: at.addresses,
  };
  return ok({ payload: bytesToBase58(signInvitation(crypto, hosted.signer, invitation)) });
}

export function readInvitation(crypto: Crypto, home: Home, payload: string): Result<ReadInvitation> {
  const bytes = base58ToBytes(payload, INVITATION_CHARS_MAX);
  if (!bytes) return err("INVITATION_INVALID", "not an invitation: it is not base58 text");
  const verified = verifyInvitation(crypto, bytes);
  if (!verified.ok) return verified;
  const { kind, key } = verified.value.holder;
  const signer = kind === "named" ? home.signerOf(crypto, key) : undefined;
  if (signer) return ok({ invitation: verified.value, bytes, signer });
  const whose = kind === "named" ? idToText(key) : "whoever bears its secret";
  return err("INVITATION_NOT_FOR_YOU", `the invitation is for ${whose}, and this node does not hold that key`);
}
