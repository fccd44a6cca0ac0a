/** A Chromium of its own, with a profile that outlives it: to be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { CHROMIUM_ARGS } from "./global-setup.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const CONNECT_ATTEMPTS = 3;

export interface OwnChromium {
  readonly context: BrowserContext;
  /** As a power cut of the process: nothing of it gets another turn. */
  kill(): Promise<void>;
}

export async function startChromium(executable: string, profileFolder: string): Promise<OwnChromium> {
  const child = spawn(
    executable,
    ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profileFolder}`, ...CHROMIUM_ARGS],
    // A group, since the launcher and the processes of a browser are many.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const killGroup = (): void => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", killGroup);
  const browser = await connect(await endpointOf(child));
  const [context] = browser.contexts();
  if (context === undefined) throw new Error("the browser has no profile");
  return {
    context,
    async kill() {
      const exited = once(child, "exit");
      killGroup();
      await exited;
      process.removeListener("exit", killGroup);
      await browser.close();
    },
  };
}

/** A browser that recovers a profile after a kill sometimes does not answer the first connection within half a minute. */
async function connect(endpoint: string): Promise<Browser> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await chromium.connectOverCDP(endpoint, { timeout: CONNECT_TIMEOUT_MS });
    } catch (thrown) {
      if (attempt === CONNECT_ATTEMPTS) throw thrown;
    }
  }
}

async function endpointOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("the browser's output is not a pipe");
  for await (const line of createInterface({ input: child.stderr })) {
    const endpoint = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (endpoint !== undefined) {
      child.stderr.resume();
      return endpoint;
    }
  }
  throw new Error("the browser ended before it listened");
}
