/** A relay in a process of its own, which a test may stop and start again at the same address. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = resolve(import.meta.dirname, "../../../packages/relay/bin/dunlin-relay.js");

export interface RelayProcess extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the command first where that was not done. */
export async function startRelay(): Promise<RelayProcess> {
  let child: ChildProcess | undefined;
  let url = "ws://127.0.0.1:0";
  const stop = async (): Promise<void> => {
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    child = undefined;
    await exited;
  };
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [COMMAND, "--port", new URL(url).port || "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    url = await addressOf(child);
  };
  await start();
  return {
    get url() {
      return url;
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the relay's output is not a pipe");
  for await (const line of createInterface({ input: stdout })) {
    const url = /^relay at (ws:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    stdout.resume();
    return url;
  }
  throw new Error("the relay ended before it listened");
}
