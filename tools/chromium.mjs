/** Chromium for the browser tests: the one that is installed, or Debian's package where this may install it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The path of a browser, or why there is none. DUNLIN_CHROMIUM names one elsewhere. */
export function ensureChromium() {
  const given = process.env.DUNLIN_CHROMIUM;
  const found = (given === undefined ? PATHS : [given]).find((path) => existsSync(path));
  if (found !== undefined) return { path: found };
  if (given !== undefined) return { reason: `${given}, which DUNLIN_CHROMIUM names, is not there` };
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    return { reason: "Chromium is not installed: apt-get install chromium, or set DUNLIN_CHROMIUM" };
  }
  console.log("Installing Chromium: apt-get install -y chromium.");
  for (const args of [
    ["update", "-q"],
    ["install", "-y", "-q", "chromium"],
  ]) {
    spawnSync("/usr/bin/apt-get", args, { stdio: "inherit" });
  }
  const installed = PATHS.find((path) => existsSync(path));
  return installed === undefined ? { reason: "Chromium could not be installed: see above" } : { path: installed };
}
