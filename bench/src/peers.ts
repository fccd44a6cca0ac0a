/**
 * Others' libraries on this machine: for `npm run bench -- peers`, and gossipsub for `throughput`. They are no dependency
 * of this repository: the folder `bench/peers` is no workspace member, and its packages are installed here, when needed.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const FOLDER = join(import.meta.dirname, "..", "peers");

/** The process of a measured group whose members are bare gossipsub. */
export const GOSSIPSUB_PROCESS: URL = pathToFileURL(join(FOLDER, "gossip-process.mjs"));

/** Whether the libraries are there now: for the first time, that takes a package registry. */
export function ensurePeers(): boolean {
  if (existsSync(join(FOLDER, "node_modules", "@libp2p", "gossipsub"))) return true;
  const install = ["ci", "--no-fund", "--no-audit", "--loglevel=error"];
  return spawnSync("npm", install, { cwd: FOLDER, stdio: "inherit" }).status === 0;
}

/** Installs when needed and runs; gives the exit code. */
export function runPeers(args: readonly string[]): number {
  if (!ensurePeers()) {
    console.error("The peers could not be installed: it takes a package registry, once.");
    return 1;
  }
  return spawnSync(process.execPath, ["run.mjs", ...args], { cwd: FOLDER, stdio: "inherit" }).status ?? 1;
}
