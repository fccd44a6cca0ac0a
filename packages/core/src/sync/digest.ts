/** Heads in 32 bytes, equal on both sides when the deltas held are: what periodic messages compare. */
import { compareBytes, concatBytes, type DeltaId, utf8 } from "../base/index.ts";

const HEADS_DOMAIN = utf8("dunlin/heads/1");

interface Held {
  readonly heads: readonly DeltaId[];
}

/** A frontier does not change, and many peers ask for the same one. */
const digests = new WeakMap<Held, Uint8Array>();

export function headsDigest(crypto: { sha256(bytes: Uint8Array): Uint8Array }, held: Held): Uint8Array {
  const known = digests.get(held);
  if (known) return known;
  const digest = crypto.sha256(concatBytes(HEADS_DOMAIN, ...[...held.heads].sort(compareBytes)));
  digests.set(held, digest);
  return digest;
}
