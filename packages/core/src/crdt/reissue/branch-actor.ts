/**
 * Whose elements joins are that are issued again for a branch of a forked actor: those of an actor that follows from
 * the branch alone. So whoever issues them again, and however often, makes the same elements.
 *
 *   actor = first 16 bytes of SHA-256("dunlin/branch/1" | member's key 32 | branch 32)
 *
 * The branch is the id of its first delta. The key is that of the delta's member, so nobody writes as the branch of
 * another member's actor.
 */
import { ACTOR_BYTES, type ActorId, actorId, type PublicKey, utf8, Writer } from "../../base/index.ts";
import { sha256 } from "../hash.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";

const DOMAIN = utf8("dunlin/branch/1");

export function branchActor(member: PublicKey, branch: Uint8Array): ActorId {
  const hash = sha256(new Writer(80).raw(DOMAIN).raw(member).raw(branch).view());
  return actorId(hash.slice(0, ACTOR_BYTES));
}

/** As whom the joins of a container count that came from `origin`. */
export function originOf({ branch }: Pick<ContainerJoins, "branch">, origin: Origin): Origin {
  if (branch === undefined) return origin;
  return { stamp: origin.stamp, actor: branchActor(origin.member, branch), member: origin.member };
}
