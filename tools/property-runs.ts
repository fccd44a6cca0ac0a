/**
 * Sizes the properties that draw their own histories for the long gate, as `property-setup.ts` does those of fast-check:
 * DUNLIN_PROPERTY_RUNS there is runs of one property; a history is worth some of them.
 */
const RUNS_PER_HISTORY = 400;

/** How many histories a property draws that draws `usual` ones in `npm test`. */
export function historiesOf(usual: number): number {
  const runs = Number(process.env["DUNLIN_PROPERTY_RUNS"] ?? 0);
  return usual * Math.max(1, Math.ceil(runs / RUNS_PER_HISTORY));
}
