/** `npm run check`: the checks that read sources and run nothing; for every save. */
import { ensureInstalled } from "./ensure.mjs";
import { runGate } from "./gate.mjs";
import { staticSteps } from "./steps.mjs";

ensureInstalled();
process.exitCode = await runGate(staticSteps);
