/**
 * Makes a fresh clone ready: checks Node, installs what is missing or stale, builds what is out of date. Every other
 * script here starts with it, so that the commands of the README work in an empty folder.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, toolPath } from "./process.mjs";

const NODE_AT_LEAST = [20, 19];

/** Installs when needed. Exits with one clear line when Node is too old or the install fails. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [needMajor, needMinor] = NODE_AT_LEAST;
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    fail(
      `Dunlin needs Node ${NODE_AT_LEAST.join(".")} or newer; this is ${process.versions.node}. See https://nodejs.org.`,
    );
  }
  const stale = staleReason();
  if (stale === null) return;
  console.log(`Installing: ${stale}.`);
  if (run("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], npmOptions()) !== 0) {
    fail("npm ci failed: see above. It needs a package registry, once.");
  }
}

/** Builds with `tsc -b`, which does only what is out of date. `projects` narrows it; all when absent. */
export function ensureBuilt(projects = []) {
  if (run(process.execPath, [toolPath("typescript", "bin", "tsc"), "-b", ...projects]) !== 0) {
    fail("The build failed: see above.");
  }
}

/** Why the installed packages differ from the lock, or null when they agree. */
export function staleReason(folder = root) {
  const wanted = readPackages(join(folder, "package-lock.json"));
  if (wanted === null) return "package-lock.json is missing or damaged";
  const found = readPackages(join(folder, "node_modules", ".package-lock.json"));
  if (found === null) return "nothing is installed yet";
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") && !path.includes("/node_modules/")) continue;
    const installed = found[path];
    // Packages for other platforms stand in the lock and are rightly absent here.
    if (installed === undefined && !entry.optional && !entry.devOptional) return `${path} is missing`;
    if (installed !== undefined && installed.version !== entry.version) return `${path} is not ${entry.version}`;
  }
  return null;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

function npmOptions() {
  return process.platform === "win32" ? { shell: true } : {};
}

function fail(line) {
  console.error(line);
  process.exit(1);
}
