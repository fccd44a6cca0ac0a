/** The turns of Node: it runs its ticks only when no promise turn is left. */
import type { Turns } from "@dunlin/core/simulation";

// Taken before anybody replaces the globals: see guard.ts.
const afterPromises = process.nextTick.bind(process);
const afterLoopTurn = setImmediate;

export const nodeTurns: Turns = {
  drained: () => new Promise((resolve) => afterPromises(resolve)),
  loopTurned: () => new Promise((resolve) => afterLoopTurn(resolve)),
};
