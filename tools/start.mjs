/** `npm start`: from a fresh clone to a running demonstration. Arguments after `--` go to the demonstration. */
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";
import { missing, relay } from "./process.mjs";

const DEMO = "examples/notes/dist/demo.js";
const PARTS = ["examples/notes", "packages/cli"];

ensureInstalled();
if (missing([DEMO, "packages/cli/dist/main.js"]).length > 0) console.log("Building: nothing is built yet.");
ensureBuilt(PARTS);
if (missing([DEMO]).length > 0) {
  console.error(`${DEMO} was not built: examples/notes/src/demo.ts is missing.`);
  process.exit(1);
}
process.exit(await relay(DEMO, process.argv.slice(2)));
