/** What a traitor's node says instead of what it should: a frame of its own, made false. */
import { type DeltaId, idKey, type Prng } from "@dunlin/core/base";
import { encodeFrame, type Frame } from "@dunlin/core/sync";

const SEQUENCES_MORE_MAX = 1_000;

/** The frames to be sent in place of this one; none when it is kept back. */
export function lie(prng: Prng, frame: Frame): Uint8Array[] {
  if (prng.chance(0.1)) return [];
  if (prng.chance(0.1)) return [encodeFrame(frame), encodeFrame(frame)];
  if (prng.chance(0.05)) return [garbled(prng, encodeFrame(frame))];
  return [encodeFrame(falsified(prng, frame))];
}

/** One byte of it is another. */
export function garbled(prng: Prng, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const at = prng.below(copy.length);
  copy[at] = (copy[at] as number) ^ (1 + prng.below(255));
  return copy;
}

function falsified(prng: Prng, frame: Frame): Frame {
  switch (frame.kind) {
    case "state":
      return {
        ...frame,
        heads: prng.chance(0.5) ? [...frame.heads, prng.bytes(32) as DeltaId] : frame.heads.slice(1),
        vector: boasted(prng, frame.vector),
      };
    case "ack":
    case "have":
      return { ...frame, vector: boasted(prng, frame.vector) };
    case "pull":
      return { ...frame, wanted: [...frame.wanted, prng.bytes(32) as DeltaId], pages: 1 + prng.below(4) };
    case "deltas":
      return {
        ...frame,
        ...(frame.answer ? { more: true, last: prng.chance(0.5) } : {}),
        deltas: shuffled(prng, frame.deltas),
      };
    case "digest":
      return { ...frame, entries: frame.entries.map((entry) => ({ ...entry, root: prng.bytes(32) })) };
    case "route":
      return { ...frame, change: frame.change === "accept" ? "decline" : "accept" };
    case "parts":
      return { ...frame, ids: frame.ids.slice(1) };
    default:
      return frame;
  }
}

/** Some of it left out, some twice, some of it damaged, in another order. */
function shuffled(prng: Prng, deltas: readonly Uint8Array[]): Uint8Array[] {
  const made: Uint8Array[] = [];
  for (const delta of deltas) {
    if (prng.chance(0.2)) continue;
    const said = prng.chance(0.05) ? garbled(prng, delta) : delta;
    made.splice(prng.below(made.length + 1), 0, said);
    if (prng.chance(0.2)) made.push(said);
  }
  return made;
}

/** Claims more of some actors than there is, less of others, and actors that do not exist. */
export function boasted(prng: Prng, vector: ReadonlyMap<string, number>): Map<string, number> {
  const claims = new Map<string, number>();
  for (const [actor, sequence] of vector) {
    if (prng.chance(0.2)) continue;
    claims.set(actor, prng.chance(0.3) ? sequence + 1 + prng.below(SEQUENCES_MORE_MAX) : sequence);
  }
  if (prng.chance(0.3)) claims.set(idKey(prng.bytes(16)), 1 + prng.below(SEQUENCES_MORE_MAX));
  return claims;
}
