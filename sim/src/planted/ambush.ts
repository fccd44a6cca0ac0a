/**
 * A plan by hand: somebody is away while much is written and a checkpoint is made, comes back to a traitor alone, and is
 * offered a false state to join by. Drawn plans have the same now and then.
 */

import type { Entry, Plan } from "../plan.ts";
import type { Deed } from "../traitors/deeds.ts";

const [FOUNDER, TRAITOR, VICTIM] = [0, 1, 2] as const;
/** After the victim has heard of both others, and until after the checkpoint of five minutes. */
const [AWAY_MS, BACK_MS, HEALED_MS] = [20_000, 400_000, 600_000] as const;
const CALLS = 60;

export function ambush(deed: Deed, seed = 1): Plan {
  const calls = Array.from({ length: CALLS }, (_, i): Entry => {
    return { atMs: AWAY_MS + 10_000 + i * 3_000, kind: "calls", node: FOUNDER, count: 1, seed: seed + i };
  });
  const entries: Entry[] = [
    { atMs: 1_000, kind: "join", node: VICTIM, by: FOUNDER, role: "writer", isBearer: false },
    { atMs: 2_000, kind: "join", node: TRAITOR, by: FOUNDER, role: "writer", isBearer: false },
    { atMs: AWAY_MS, kind: "partition", groups: [0, 0, 1], forMs: BACK_MS - AWAY_MS },
    ...calls,
    // Early enough that the log it gives has what it signed.
    { atMs: BACK_MS - 20_000, kind: "deed", node: TRAITOR, deed, seed },
    { atMs: BACK_MS, kind: "partition", groups: [0, 1, 1], forMs: HEALED_MS - BACK_MS },
  ];
  return {
    seed,
    nodes: 3,
    durationMs: HEALED_MS + 60_000,
    weather: {
      delayMinMs: 1,
      delayMeanMs: 10,
      cutChance: 0,
      noticeMaxMs: 0,
      redialMaxMs: 100,
      queueBytesMax: 4_194_304,
      dropChance: 0,
      duplicateChance: 0,
      reorderChance: 0,
      flushMeanMs: 1,
    },
    traitors: [{ node: TRAITOR, withholds: 0, lies: 0, poisons: 1, leaves: true }],
    entries,
  };
}
