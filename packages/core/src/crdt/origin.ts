/**
 * Where a join comes from: the header of its delta. Joins carry no stamp and no author of their own, so an honest
 * header makes a whole delta honest, and a forged cell cannot be written down.
 */
import { ACTOR_BYTES, type ActorId, actorId, type PublicKey, type Stamp } from "../base/index.ts";

export interface Origin {
  readonly stamp: Stamp;
  readonly actor: ActorId;
  /** The key of the member to whom the actor belongs. */
  readonly member: PublicKey;
}

/** Gives every equal actor the same object, so that cells share it and compare it by identity first. */
export type Intern = (actor: Uint8Array) => ActorId;

export const ZERO_ACTOR: ActorId = actorId(new Uint8Array(ACTOR_BYTES));
