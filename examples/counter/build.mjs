/**
 * Makes counter.wat of assembly/counter.ts: run it after a change of that. The compiler weighs 100 MB, so it is no
 * dependency of this repository: npm fetches it into its own cache, by its version and without running its scripts.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMPILER = "assemblyscript@0.28.20";
const SOURCE = "assembly/counter.ts";
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "dunlin-counter-"));
const made = join(folder, "counter.wat");
try {
  const npm = ["exec", "--yes", "--ignore-scripts", `--package=${COMPILER}`, "--"];
  const asc = ["asc", SOURCE, "--runtime", "stub", "--use", "abort=", "-Oz", "--textFile", made];
  const { status } = spawnSync("npm", [...npm, ...asc], { cwd: here, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`${COMPILER} did not compile ${SOURCE}`);
  const hash = createHash("sha256")
    .update(readFileSync(join(here, SOURCE)))
    .digest("hex");
  const head = `;; Made by build.mjs with ${COMPILER}, of ${SOURCE} with the SHA-256 ${hash}.\n`;
  writeFileSync(join(here, "counter.wat"), head + readFileSync(made, "utf8"));
} finally {
  rmSync(folder, { recursive: true });
}
