/**
 * `npm run bench -- peers`: other CRDT libraries on this machine. They are no dependency of this repository: the folder
 * `bench/peers` is no workspace member, and its packages are installed here, by the first run.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Installs when needed and runs; gives the exit code. */
export function runPeers(args: readonly string[]): number {
  const folder = join(import.meta.dirname, "..", "peers");
  if (!existsSync(join(folder, "node_modules"))) {
    const install = ["ci", "--no-fund", "--no-audit", "--loglevel=error"];
    const installed = spawnSync("npm", install, { cwd: folder, stdio: "inherit" });
    if (installed.status !== 0) {
      console.error("The peers could not be installed: it takes a package registry, once.");
      return 1;
    }
  }
  return spawnSync(process.execPath, ["run.mjs", ...args], { cwd: folder, stdio: "inherit" }).status ?? 1;
}
