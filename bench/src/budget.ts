/**
 * Budgets: how long a few works may take at most, in turns of the calibration loop, which makes them mean the same on
 * any machine. Each is about twice what was measured, so that a machine busy with other things passes and a threefold
 * regression does not; see `budget.json`. They are measured as built, without what a test runner does to modules.
 */
import { calibrationLoop } from "./calibration.ts";
import { measure, type Sampling, type Work } from "./measure.ts";
import {
  createRegisterCells,
  fillDocumentMap,
  getFromDocumentMap,
  incrementDocumentCounter,
  insertIntoDocumentMap,
  mergeRegisterCells,
} from "./subject.ts";

/** By the work's name, the most turns of the calibration loop that it may take. */
export type Budget = Readonly<Record<string, number>>;

/** Few, short and all in memory: this runs with every `npm test`. */
export const BUDGETED: readonly (() => Work)[] = [
  () => createRegisterCells(1000),
  () => mergeRegisterCells(1000),
  () => incrementDocumentCounter(10_000),
  () => insertIntoDocumentMap(1000),
  () => getFromDocumentMap(1000),
  () => fillDocumentMap(1000),
];

const SAMPLING: Sampling = { samples: 15, warmUpMs: 40, sampleMs: 2, budgetMs: 2000, isQuick: true };

/** The work's best sample by the loop's best, taken in turns. */
export function turnsOf(work: Work): number {
  const [own, loop] = measure([work, calibrationLoop()], SAMPLING);
  return (own?.minUs ?? Number.NaN) / (loop?.minUs ?? Number.NaN);
}

/** The least of up to `attempts` measurements: a busy machine only ever adds. Stops at the first within the limit. */
export function leastTurns(create: () => Work, limit: number, attempts: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < attempts && !(least <= limit); i++) least = Math.min(least, turnsOf(create()));
  return least;
}
