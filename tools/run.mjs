/** `npm run sim -- ...` and `npm run bench -- ...`: installs and builds what is needed, then runs that part's main. */
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";
import { missing, run } from "./process.mjs";

const PARTS = ["sim", "bench"];

const [part, ...args] = process.argv.slice(2);
if (!PARTS.includes(part)) {
  console.error(`usage: node tools/run.mjs ${PARTS.join("|")} [arguments]`);
  process.exit(2);
}
ensureInstalled();
ensureBuilt([part]);
const main = `${part}/dist/main.js`;
if (missing([main]).length > 0) {
  console.error(`${main} was not built: ${part}/src/main.ts is missing.`);
  process.exit(1);
}
process.exit(run(process.execPath, [main, ...args]));
