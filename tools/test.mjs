/** `npm test`: installs what is missing and runs every check. See `steps.mjs` for the list, `gate.mjs` for the end. */
import { ensureInstalled } from "./ensure.mjs";
import { runGate } from "./gate.mjs";
import { allSteps } from "./steps.mjs";

ensureInstalled();
process.exitCode = await runGate(allSteps("test"));
