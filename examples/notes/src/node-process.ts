/**
 * One node as a process of its own: `dunlin run` on a home folder, with a configuration written here.
 *
 * Invariant: the process ends with this one. `stop` and `kill` end it; a leash in it does when this process is gone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { NodeApi } from "./api.ts";
import { DemoFailure, EXIT } from "./failure.ts";
import { POLL_MS, START_TIMEOUT_MS, STOP_TIMEOUT_MS } from "./limits.ts";

const DUNLIN = fileURLToPath(new URL("../../../packages/cli/bin/dunlin.js", import.meta.url));
const PAGE = fileURLToPath(new URL("../page", import.meta.url));
const LEASH = new URL("./leash.js", import.meta.url).href;

export interface NodePorts {
  readonly api: number;
  readonly peer: number;
}

export class NodeProcess {
  readonly name: string;
  readonly home: string;
  readonly #ports: NodePorts;
  readonly #onLost: (node: NodeProcess, why: string) => void;
  #child: ChildProcess | undefined;
  #isWanted = false;

  /** `onLost` is told when the process ends without having been asked to. */
  constructor(name: string, home: string, ports: NodePorts, onLost: (node: NodeProcess, why: string) => void) {
    this.name = name;
    this.home = home;
    this.#ports = ports;
    this.#onLost = onLost;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get log(): string {
    return `${this.home}.log`;
  }

  async prepare(): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const config = {
      server: { port: this.#ports.api, page: PAGE },
      network: { listen: [`/ip4/127.0.0.1/tcp/${this.#ports.peer}`] },
    };
    await writeFile(join(this.home, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** Resolves once the node answers. */
  async start(): Promise<NodeApi> {
    // What a killed node left there would be taken for the new one's.
    await rm(join(this.home, "api.json"), { force: true });
    const log = openSync(this.log, "a");
    const child = spawn(process.execPath, ["--import", LEASH, DUNLIN, "run", "--home", this.home], {
      stdio: ["ignore", log, log, "ipc"],
    });
    closeSync(log);
    this.#child = child;
    child.once("exit", (code, signal) => {
      if (this.#child === child && this.#isWanted) this.#onLost(this, `ended with ${signal ?? `code ${code}`}`);
    });
    const api = await this.#address(child);
    this.#isWanted = true;
    return api;
  }

  /** `kill -9`: nothing of the process runs after this resolves. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks the node to stop, and kills it when it does not. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#end("SIGTERM");
    clearTimeout(timer);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  async #address(child: ChildProcess): Promise<NodeApi> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
      const address = await readAddress(join(this.home, "api.json"));
      if (address !== undefined && address.pid === child.pid) return new NodeApi(address.url, address.token);
      await sleep(POLL_MS);
    }
    const lines = (await readFile(this.log, "utf8").catch(() => "")).trim().split("\n");
    const why = lines.at(-1) || `no answer in ${START_TIMEOUT_MS / 1000} s`;
    throw new DemoFailure(why.includes("taken") ? EXIT.taken : EXIT.unequal, `node ${this.name} did not start: ${why}`);
  }
}

async function readAddress(path: string): Promise<{ url: string; token: string; pid: number } | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}
