/** Running child processes for the scripts in this folder: no dependencies, since some run before the install. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, whatever the working folder is. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command with this terminal and returns its exit code. A command that cannot start, or dies, counts as 1. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/**
 * Runs a script of this repository until it ends, and resolves to its exit code. What would end this process is handed
 * on to it, so that it can tidy up; it is told by its channel when this process dies without a word.
 */
export function relay(script, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    // A terminal sends its interrupt to both: the script takes the second one for the same.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", (error) => {
      console.error(`${script}: ${error.message}`);
      resolve(1);
    });
    // A script that a signal ends, as when a second interrupt meets it on its way out, has the code of that signal.
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/** Runs a command, passing its output on as it comes when `echo` is set, and resolves to its code and output. */
export function capture(command, args, { env = {}, echo = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const parts = [];
    const take = (stream) => (part) => {
      parts.push(part);
      if (echo) stream.write(part);
    };
    child.stdout.on("data", take(process.stdout));
    child.stderr.on("data", take(process.stderr));
    const finish = (code) => resolve({ code, output: Buffer.concat(parts).toString("utf8") });
    child.on("error", (error) => {
      parts.push(Buffer.from(`${command}: ${error.message}\n`));
      finish(1);
    });
    child.on("close", (code) => finish(code ?? 1));
  });
}

/** The path of an installed package's script, for `node <path>`: no shell, the same on every system. */
export function toolPath(...parts) {
  return join(root, "node_modules", ...parts);
}

/** The paths of `node` arguments below the root that are not there, to name them instead of a stack trace. */
export function missing(paths) {
  return paths.filter((path) => !existsSync(join(root, path)));
}
