/**
 * Programs of the system that some tests need: the one that is installed, or Debian's package where this may install it.
 * A test whose program is missing says that it was skipped, and why.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** By Debian's package, where the program may be. */
const PATHS = {
  chromium: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  strace: ["/usr/bin/strace"],
  iproute2: ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"],
};

/** Those that tests find by themselves where they are installed. */
export function ensurePrograms() {
  for (const name of ["strace", "iproute2"]) ensureProgram(name);
}

/** The path of a browser, or why there is none. DUNLIN_CHROMIUM names one elsewhere. */
export function ensureChromium() {
  const given = process.env.DUNLIN_CHROMIUM;
  if (given === undefined) return ensureProgram("chromium");
  return existsSync(given) ? { path: given } : { reason: `${given}, which DUNLIN_CHROMIUM names, is not there` };
}

function ensureProgram(name) {
  const find = () => PATHS[name].find((path) => existsSync(path));
  const found = find();
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    return { reason: `${name} is not installed: apt-get install ${name}` };
  }
  console.log(`Installing ${name}: apt-get install -y ${name}.`);
  for (const args of [
    ["update", "-q"],
    ["install", "-y", "-q", name],
  ]) {
    spawnSync("/usr/bin/apt-get", args, { stdio: "inherit" });
  }
  const path = find();
  return path === undefined ? { reason: `${name} could not be installed: see above` } : { path };
}
