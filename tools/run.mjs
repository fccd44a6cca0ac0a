/** `npm run sim -- ...`, `bench` and `corpus`: installs and builds what is needed, then runs that part's main. */
import { ensureBuilt, ensureInstalled } from "./ensure.mjs";
import { missing, run } from "./process.mjs";

/** The workspace of each part, and its main. */
const PARTS = { sim: ["sim", "main"], bench: ["bench", "main"], corpus: ["bench", "corpus/main"] };

const [part, ...args] = process.argv.slice(2);
if (!Object.hasOwn(PARTS, part)) {
  console.error(`usage: node tools/run.mjs ${Object.keys(PARTS).join("|")} [arguments]`);
  process.exit(2);
}
ensureInstalled();
const [workspace, entry] = PARTS[part];
ensureBuilt([workspace]);
const main = `${workspace}/dist/${entry}.js`;
if (missing([main]).length > 0) {
  console.error(`${main} was not built: ${workspace}/src/${entry}.ts is missing.`);
  process.exit(1);
}
process.exit(run(process.execPath, [main, ...args]));
