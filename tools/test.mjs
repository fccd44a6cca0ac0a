/** `npm test`: installs what is missing and runs every check. See `steps.mjs` for the list, `gate.mjs` for the end. */
import { ensureInstalled } from "./ensure.mjs";
import { runGate } from "./gate.mjs";
import { ensurePrograms } from "./programs.mjs";
import { allSteps } from "./steps.mjs";

ensureInstalled();
ensurePrograms();
process.exitCode = await runGate(allSteps("test"));
