/**
 * `npm run verify`: the long gate, for a release. The same steps as `npm test`, sized up: a million mutated inputs per
 * decoder, the simulator's long gate, many more property runs and kill loops. Set a variable yourself to change its size.
 */
import { ensureInstalled } from "./ensure.mjs";
import { runGate } from "./gate.mjs";
import { ensurePrograms } from "./programs.mjs";
import { allSteps } from "./steps.mjs";

const SIZES = {
  /** Mutated inputs per decoder. */
  DUNLIN_FUZZ_INPUTS: "1000000",
  /** Runs per fast-check property. */
  DUNLIN_PROPERTY_RUNS: "20000",
  /** Processes killed and restarted, per end-to-end kill loop. */
  DUNLIN_KILLS: "200",
  /** Operations of the disk that are made to fail, each in a process of its own. */
  DUNLIN_DISK_FAILURES: "200",
  /** Deltas in a chain, and heads beside each other. */
  DUNLIN_DAG_SIZE: "1000000",
  /** Deadline of one test. */
  DUNLIN_TEST_TIMEOUT_MS: "7200000",
};

ensureInstalled();
ensurePrograms();
process.exitCode = await runGate(allSteps("verify"), { ...SIZES, ...given(Object.keys(SIZES)) });

function given(names) {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
