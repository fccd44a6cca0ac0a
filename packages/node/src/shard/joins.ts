/**
 * Members that invite and join: what a shard does of it. An invitation names the node that lets in by it: this one, or
 * that of another admin who is connected when it is made, for when this node may be away.
 */
import type { ApiErrorCode, InviteRequest } from "@dunlin/api";
import { err, idToText, ok, type PeerId, peerId, publicKey, type Result, textToId } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import type { SyncEngine } from "@dunlin/core/sync";
import type { Home } from "../home.ts";
import type { PreparedJoin, ShardRequests } from "../messages.ts";
import { systemRandom } from "../platform.ts";
import type { ContextSet } from "./context-set.ts";
import type { HostedContext } from "./hosted-context.ts";
import { inTime, untilMember } from "./in-time.ts";
import { inviteTo, type ReadInvitation, type RedeemingNode, readInvitation } from "./invitations.ts";

export interface JoinPorts {
  readonly home: Home;
  readonly crypto: Crypto;
  readonly contexts: Pick<ContextSet, "add" | "forget" | "get" | "has" | "memberOf" | "open">;
  readonly engine: Pick<SyncEngine, "nodesOf" | "redeem">;
  readonly self: PeerId;
  readonly addresses: () => readonly string[];
  /** How a node that is to be reached again was reached. */
  readonly hint: (addresses: readonly string[]) => void;
}

export class Joins {
  readonly #ports: JoinPorts;

  constructor(ports: JoinPorts) {
    this.#ports = ports;
  }

  invite(hosted: HostedContext, request: InviteRequest): Result<{ readonly payload: string }> {
    const at = this.#redeemingNode(hosted, request.redeemerId);
    return at.ok ? inviteTo(hosted, request, this.#ports.crypto, at.value) : at;
  }

  /** Opens the context of an invitation, empty. */
  async prepare({ payload, memberId }: ShardRequests["prepareJoin"]["takes"]): Promise<Result<PreparedJoin>> {
    const { contexts } = this.#ports;
    const read = this.#read(payload, memberId);
    if (!read.ok) return read;
    const { invitation, signer } = read.value;
    const { context, redeemer, redeemerPeer: peer, redeemerAddresses: addresses } = invitation;
    const id = idToText(context);
    if (!contexts.has(id)) {
      const hosted = await contexts.add({ context, member: signer.publicKey, redeemer, addresses });
      if (!hosted.ok) return hosted;
    }
    return ok({ contextId: id, memberPublicKey: idToText(signer.publicKey), peer, addresses });
  }

  /** Has the connected redeemer add the member, and waits until that is known here. */
  async complete(join: ShardRequests["completeJoin"]["takes"]): Promise<Result<null>> {
    const { contexts, engine, hint } = this.#ports;
    const read = this.#read(join.payload, join.memberPublicKey);
    if (!read.ok) return read;
    const hosted = await contexts.open(join.contextId);
    if (!hosted.ok) return hosted;
    const { bytes: invitation, signer, bearer } = read.value;
    const { context } = hosted.value.replica;
    const redeemed = await inTime(engine.redeem(peerId(join.peer), { context, invitation, signer, bearer }));
    if (!redeemed.ok) return redeemed;
    hint(join.addresses);
    return untilMember(hosted.value);
  }

  /** Forgets a context whose join failed. */
  async abandon(id: string): Promise<Result<null>> {
    const hosted = this.#ports.contexts.get(id);
    if (hosted && hosted.replica.flushed.count === 0) await this.#ports.contexts.forget(hosted);
    return ok(null);
  }

  /** An open invitation is used as an identity of this node: the one that joins already, or a new one. */
  #read(payload: string, memberId: string | undefined): Result<ReadInvitation> {
    const { crypto, home, contexts } = this.#ports;
    return readInvitation(crypto, payload, (holder, context) => {
      const id = holder ?? (memberId === undefined ? contexts.memberOf(idToText(context)) : textToId(memberId));
      return id ? home.signerOf(crypto, id) : home.createIdentity(crypto, systemRandom);
    });
  }

  #redeemingNode({ replica }: HostedContext, redeemerId: string | undefined): Result<RedeemingNode> {
    const { engine, self, addresses } = this.#ports;
    if (redeemerId === undefined) return ok({ member: replica.member, peer: self, addresses: addresses() });
    const id = textToId(redeemerId);
    if (!id) return err<ApiErrorCode>("PARAMS_INVALID", "redeemerId is not a public key in base58");
    const member = publicKey(id);
    if (replica.roleOf(member) !== "admin") {
      return err<ApiErrorCode>("ACCESS_DENIED", "only an admin of the context can let others in");
    }
    const [node] = engine.nodesOf(replica.context, member).filter((known) => known.addresses.length > 0);
    if (!node) return err<ApiErrorCode>("REDEEMER_NOT_CONNECTED", `no node of ${redeemerId} is connected now`);
    return ok({ member, peer: peerId(node.peer), addresses: node.addresses });
  }
}
