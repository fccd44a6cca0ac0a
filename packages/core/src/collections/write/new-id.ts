/**
 * Ids for documents that are inserted without one: ULIDs (github.com/ulid/spec), 48 bits of milliseconds and 80 random
 * ones in Crockford's base 32. What is inserted together sorts together, so a store appends.
 */
import type { Clock, Random } from "../../base/index.ts";

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;
/** Drawn at once: a call for each id costs more than the id. */
const IDS_PER_DRAW = 256;

export function createIdSource(clock: Clock, random: Random): () => string {
  let drawn = random.bytes(0);
  let at = 0;
  let time = "";
  let timeMs = -1;
  return () => {
    if (at >= drawn.length) {
      drawn = random.bytes(IDS_PER_DRAW * RANDOM_CHARS);
      at = 0;
    }
    const nowMs = clock.now();
    if (nowMs !== timeMs) {
      timeMs = nowMs;
      time = timeText(nowMs);
    }
    let id = time;
    for (let i = 0; i < RANDOM_CHARS; i++) id += DIGITS[(drawn[at++] as number) & 31];
    return id;
  };
}

function timeText(nowMs: number): string {
  let rest = Math.max(0, Math.floor(nowMs));
  let text = "";
  for (let i = 0; i < TIME_CHARS; i++) {
    text = (DIGITS[rest % 32] as string) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
