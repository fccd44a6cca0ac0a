/**
 * What a writer saw of others:   count (varint) | count times: actor, ascending | stamp (varint, above 0)
 */
import { STAMP_MAX, type Stamp } from "../../../base/index.ts";
import { compareActors, type Seen } from "../../cells/by-actor.ts";
import type { PairReader, PairWriter } from "../pair-table.ts";

const BYTES_PER_SEEN_MIN = 2;

export function writeSeen(into: PairWriter, seen: readonly Seen[]): void {
  into.writer.varint(seen.length);
  for (const { actor, stamp } of seen) {
    into.actor(actor);
    into.writer.varint(stamp);
  }
}

export function readSeen(from: PairReader, countMax: number): Seen[] {
  const { reader } = from;
  const count = reader.count(countMax, BYTES_PER_SEEN_MIN);
  const seen: Seen[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const actor = from.actor();
    const stamp = reader.varint();
    const previous = seen.at(-1);
    if (previous !== undefined && compareActors(previous.actor, actor) >= 0) reader.fail();
    if (stamp === 0 || stamp > STAMP_MAX) reader.fail();
    seen.push({ actor, stamp: stamp as Stamp });
  }
  return seen;
}
