/**
 * Whether every delta of a stored log is its author's: by its own signature, or named through `prev` by one that is,
 * in the log or among what is kept beside it as proof. Reads the log from its end, so each is looked at once, after
 * whatever may vouch for it.
 */
import { type ContextId, idKey, type PublicKey, type ReadView } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { decodeDelta, type Order, type SignedDelta, verifyDelta } from "../dag/index.ts";
import { decodeVouchers, orderKey, tablePrefix, tableRange } from "./rows.ts";

/** The last delta of the log of `count` that nothing proves, or that does not decode; undefined when there is none. */
export function firstForged(crypto: Crypto, view: ReadView, context: ContextId, count: number): Order | undefined {
  const log = tablePrefix(context, "d");
  const members = membersOf(crypto, view, context);
  /** Named by an authentic delta: the name of it and of the actor. */
  const named = new Set<string>();
  const isAuthentic = (delta: SignedDelta): boolean => {
    const member = delta.member ?? members.get(delta.actorKey);
    const isNamed = named.has(delta.key + delta.actorKey);
    if (!isNamed && !(member && verifyDelta(crypto, delta, member).ok)) return false;
    if (delta.prev) named.add(idKey(delta.prev) + delta.actorKey);
    return true;
  };
  for (let order = count - 1; order >= 0; order--) {
    const kept = view.get(orderKey(tablePrefix(context, "v"), order));
    for (const bytes of (kept && decodeVouchers(kept)?.reverse()) ?? []) {
      const decoded = decodeDelta(crypto, context, bytes);
      if (decoded.ok) isAuthentic(decoded.value);
    }
    const bytes = view.get(orderKey(log, order));
    const decoded = bytes && decodeDelta(crypto, context, bytes);
    if (!decoded?.ok || !isAuthentic(decoded.value)) return order;
  }
  return undefined;
}

/** Whose key signs for each actor, from the actors' first deltas: an actor's id is a hash of it. */
function membersOf(crypto: Crypto, view: ReadView, context: ContextId): Map<string, PublicKey> {
  const members = new Map<string, PublicKey>();
  for (const [, bytes] of view.range(tableRange(tablePrefix(context, "d")))) {
    const decoded = decodeDelta(crypto, context, bytes);
    if (decoded.ok && decoded.value.member)
      members.set(decoded.value.actorKey, decoded.value.member.slice() as PublicKey);
  }
  return members;
}
