/**
 * Invitations on the wire, both ends: an invitee asks the redeemer that its invitation names, and the redeemer authors
 * the delta that adds the member, after checking signature, expiry and right in its own view.
 *
 * Refuses: an invitation that is not the inviter's, or not for the key that asks, or to be redeemed elsewhere, or past
 * its time, or whose inviter or redeemer is no admin here. Asking twice is harmless: a member stays a member.
 */

import { type Invitation, type InvitationErrorCode, verifyInvitation } from "../access/index.ts";
import {
  type Clock,
  type ContextId,
  contextId,
  EMPTY_BYTES,
  err,
  type Failure,
  idKey,
  ok,
  type PeerId,
  type PublicKey,
  publicKey,
  type Result,
  type Signer,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Replica } from "../replica/index.ts";
import type { Frame, RedeemedFrame, RedeemFrame } from "./frames.ts";
import { redeemDigest } from "./handshake.ts";

export type SyncErrorCode =
  /** No connection to the node that redeems the invitation. */
  | "SYNC_NOT_CONNECTED"
  /** The invitation asks this node to redeem for a context that it does not hold. */
  | "INVITATION_UNKNOWN_CONTEXT";

export interface RedemptionPorts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** A transport may be known by another name each time that it connects. */
  readonly self: () => PeerId;
  readonly replicaOf: (context: ContextId) => Replica | undefined;
  readonly send: (peer: PeerId, frame: Frame) => void;
  readonly count: (name: string) => void;
}

export interface RedeemRequest {
  readonly context: ContextId;
  readonly invitation: Uint8Array;
  readonly signer: Signer;
  /** Signs with the key of a bearer's invitation. */
  readonly bearer: Signer | undefined;
}

interface Asked extends RedeemRequest {
  readonly peer: PeerId;
  /** What the connection's two ends share, and no other connection has. */
  readonly transcript: Uint8Array;
  readonly resolve: (result: Result<null>) => void;
}

export class Redemptions {
  readonly #ports: RedemptionPorts;
  /** In the order in which they were asked, which is that of the answers. */
  readonly #asked = new Map<string, Pick<Asked, "peer" | "resolve">[]>();

  constructor(ports: RedemptionPorts) {
    this.#ports = ports;
  }

  /** The invitee's end. */
  ask({ peer, transcript, context, invitation, signer, bearer, resolve }: Asked): void {
    const key = askedKey(peer, context);
    this.#asked.set(key, [...(this.#asked.get(key) ?? []), { peer, resolve }]);
    const member = signer.publicKey;
    const digest = redeemDigest(this.#ports.crypto, transcript, invitation, member, peer);
    const bearerSignature = bearer?.sign(digest) ?? EMPTY_BYTES;
    this.#ports.send(peer, { kind: "redeem", invitation, member, signature: signer.sign(digest), bearerSignature });
  }

  onAnswer(peer: PeerId, { context, code, redeemer, keys }: RedeemedFrame): void {
    const id = contextId(context.slice());
    const asked = this.#asked.get(askedKey(peer, id))?.shift();
    if (!asked) return;
    const resolve = (): void =>
      asked.resolve(code === "" ? ok(null) : err(code, `the inviting node refused the invitation: ${code}`));
    const replica = code === "" ? this.#ports.replicaOf(id) : undefined;
    if (!replica) return resolve();
    // A store that fails closes its replica, which tells by itself.
    replica.takeOverKeys(publicKey(redeemer.slice()), keys.slice()).then(resolve, resolve);
  }

  onDisconnect(id: PeerId): void {
    const failure = err<SyncErrorCode>("SYNC_NOT_CONNECTED", "the inviting node disconnected before it answered");
    for (const [key, waiting] of this.#asked) {
      if (waiting[0] && waiting[0].peer !== id) continue;
      this.#asked.delete(key);
      for (const { resolve } of waiting) resolve(failure);
    }
  }

  /** The context that it asks for; undefined for an invitation that nobody signed. */
  contextOf({ invitation }: RedeemFrame): ContextId | undefined {
    const verified = verifyInvitation(this.#ports.crypto, invitation);
    return verified.ok ? verified.value.context : undefined;
  }

  /** The redeemer's end; returns what the peer is to be charged with. */
  onAsked(peer: PeerId, transcript: Uint8Array, frame: RedeemFrame): Failure | undefined {
    const verified = verifyInvitation(this.#ports.crypto, frame.invitation);
    if (!verified.ok) return verified.error;
    const invitation = verified.value;
    const answer = (code: string): void => {
      this.#ports.count(code === "" ? "sync.redeemed" : "sync.redeem_refused");
      const { context } = invitation;
      const replica = code === "" ? this.#ports.replicaOf(context) : undefined;
      const keys = replica?.handOverKeys(publicKey(frame.member.slice())) ?? EMPTY_BYTES;
      const redeemer = replica?.member ?? invitation.inviter;
      this.#ports.send(peer, { kind: "redeemed", context, code, redeemer, keys });
    };
    const refusal = this.#refusal(transcript, invitation, frame);
    if (refusal) answer(refusal);
    else this.#add(invitation, publicKey(frame.member.slice()), answer);
    return undefined;
  }

  #add({ context, role, nonce, uses }: Invitation, member: PublicKey, answer: (code: string) => void): void {
    const replica = this.#ports.replicaOf(context);
    if (!replica) return answer("INVITATION_UNKNOWN_CONTEXT" satisfies SyncErrorCode);
    if (replica.roleOf(member)) return answer("");
    const added = replica.access().addedByNonce.get(idKey(nonce))?.size ?? 0;
    if (added >= uses) return answer("INVITATION_USED" satisfies InvitationErrorCode);
    const declared = replica.declare({ kind: "add", member, role, nonce });
    void declared.then((result) => answer(result.ok ? "" : result.error.code));
  }

  #refusal(transcript: Uint8Array, invitation: Invitation, frame: RedeemFrame): InvitationErrorCode | undefined {
    const { crypto, clock, replicaOf } = this.#ports;
    const self = this.#ports.self();
    const { holder, inviter, redeemer, redeemerPeer } = invitation;
    const replica = replicaOf(invitation.context);
    const isOurs =
      (redeemerPeer === "" || redeemerPeer === self) && (!replica || idKey(replica.member) === idKey(redeemer));
    const member = publicKey(frame.member.slice());
    const digest = redeemDigest(crypto, transcript, frame.invitation, member, self);
    const isHolders =
      holder.kind === "named"
        ? idKey(member) === idKey(holder.key)
        : crypto.verify(holder.key, digest, frame.bearerSignature);
    if (!isOurs || !isHolders || !crypto.verify(member, digest, frame.signature)) return "INVITATION_NOT_FOR_YOU";
    if (clock.now() > invitation.expiresMs) return "INVITATION_EXPIRED";
    return !replica || replica.roleOf(inviter) === "admin" ? undefined : "INVITATION_REVOKED";
  }
}

function askedKey(peer: PeerId, context: ContextId): string {
  return `${idKey(context)}${peer}`;
}
