/** `npm start`: from a fresh clone to a running demonstration. Arguments after `--` go to the demonstration. */
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";
import { missing, run } from "./process.mjs";

const DEMO = "examples/notes/dist/demo.js";

ensureInstalled();
ensureBuilt(["examples/notes", "packages/cli"]);
if (missing([DEMO]).length > 0) {
  console.error(`${DEMO} was not built: examples/notes/src/demo.ts is missing.`);
  process.exit(1);
}
process.exit(run(process.execPath, [DEMO, ...process.argv.slice(2)]));
