/**
 * A node as its users have it: the built `dunlin run` in a process of its own, spoken to over HTTP.
 *
 * Owns its process: none outlives the test run, whatever becomes of the test.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeStatus, WireContext } from "@dunlin/api";

const COMMAND = fileURLToPath(new URL("../../../packages/cli/bin/dunlin.js", import.meta.url));
/** A process that has said nothing by then hangs. Generous: other work may share the processors. */
const START_DEADLINE_MS = 30_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Answer {
  readonly status: number;
  readonly body: { readonly data?: unknown; readonly code?: string; readonly error?: unknown };
}

export type Executed =
  | { readonly ok: true; readonly output: unknown; readonly deltaId: string | null }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface NodeProcess {
  readonly home: string;
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Events of its log so far, one JSON object per line. */
  log(): readonly { readonly event: string; readonly [field: string]: unknown }[];
  request(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
  /** As the platform has it, with the node's token. */
  raw(path: string, init?: RequestInit): Promise<Response>;
  /** The `data` of an answer; throws on a refusal. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
  /** A connection that breaks before the answer gives `NO_ANSWER`. */
  execute(contextId: string, method: string, args?: object): Promise<Executed>;
  /** The output of a call; throws on a refusal. */
  call<T>(contextId: string, method: string, args?: object): Promise<T>;
  context(contextId: string): Promise<WireContext>;
  status(): Promise<NodeStatus>;
  /** SIGKILL: nothing is finished. */
  kill(): Promise<Ended>;
  /** SIGTERM: what is under way is finished. */
  stop(): Promise<Ended>;
}

export interface HomeConfig {
  readonly server?: object;
  readonly network?: object;
  readonly sync?: object;
  readonly limits?: object;
}

/** Writes the configuration of a home on loopback, with free ports unless given. */
export function writeConfig(home: string, config: HomeConfig = {}): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const file = {
    ...config,
    server: { port: 0, ...config.server },
    network: { listen: ["/ip4/127.0.0.1/tcp/0"], ...config.network },
  };
  writeFileSync(join(home, "config.json"), JSON.stringify(file));
}

/** Starts a node on a home that has a configuration. */
export async function startNode(home: string): Promise<NodeProcess> {
  const child = spawnCommand(["run", "--home", home, "--json"]);
  const { url } = await child.ready;
  const { token } = JSON.parse(readFileSync(join(home, "api.json"), "utf8")) as { token: string };
  return speak({ home, url, token, child });
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[]): Promise<Ended> {
  const child = spawnCommand(args);
  child.ready.catch(() => {});
  return child.ended;
}

interface Spawned {
  readonly process: ChildProcess;
  readonly ready: Promise<{ readonly url: string }>;
  readonly ended: Promise<Ended>;
  err(): string;
}

function spawnCommand(args: readonly string[]): Spawned {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const texts = { out: "", err: "" };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    texts.err += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal, ...texts });
    });
  });
  const ready = new Promise<{ url: string }>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`dunlin ${args.join(" ")}: ${why}\n${texts.out}${texts.err}`));
    const deadline = setTimeout(() => fail("said nothing in time"), START_DEADLINE_MS);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      texts.out += text;
      const [line, rest] = texts.out.split("\n", 2);
      if (rest === undefined || !line?.startsWith("{")) return;
      clearTimeout(deadline);
      resolve(JSON.parse(line) as { url: string });
    });
    void ended.then(({ code }) => {
      clearTimeout(deadline);
      fail(`ended with ${code}`);
    });
  });
  return { process: child, ready, ended, err: () => texts.err };
}

function speak(node: {
  readonly home: string;
  readonly url: string;
  readonly token: string;
  readonly child: Spawned;
}): NodeProcess {
  const { home, url, token, child } = node;
  const request = async (method: "GET" | "POST", path: string, body?: object): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body ? { "Content-Type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  const data = async <T>(asked: Promise<Answer>): Promise<T> => {
    const { status, body } = await asked;
    if (status !== 200) throw new Error(`${status} ${body.code}: ${JSON.stringify(body.error)}`);
    return body.data as T;
  };
  const execute = async (contextId: string, method: string, args: object = {}): Promise<Executed> => {
    const params = { contextId, method, argsJson: args };
    const asked = request("POST", "/jsonrpc", { jsonrpc: "2.0", id: 1, method: "execute", params });
    const answer = await asked.catch((thrown: Error) => thrown);
    if (answer instanceof Error) return { ok: false, code: "NO_ANSWER", message: answer.message };
    const { body } = answer;
    if (body.error) return { ok: false, ...(body.error as { code: string; message: string }) };
    return { ok: true, ...(body as unknown as { result: { output: unknown; deltaId: string | null } }).result };
  };
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.process.kill(signal);
    return child.ended;
  };
  return {
    home,
    url,
    token,
    pid: child.process.pid ?? 0,
    log: () => child.err().split("\n").flatMap(logLine),
    request,
    raw: (path, init) =>
      fetch(url + path, { ...init, headers: { Authorization: `Bearer ${token}`, ...(init?.headers as object) } }),
    get: (path) => data(request("GET", path)),
    post: (path, body) => data(request("POST", path, body)),
    execute,
    async call<T>(contextId: string, method: string, args?: object) {
      const executed = await execute(contextId, method, args);
      if (!executed.ok) throw new Error(`${method}: ${executed.code} ${executed.message}`);
      return executed.output as T;
    },
    context: (contextId) => data(request("GET", `/admin-api/contexts/${contextId}`)),
    status: () => data(request("GET", "/admin-api/status")),
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

/** A line that is no JSON object is not the log's. */
function logLine(line: string): { readonly event: string; readonly [field: string]: unknown }[] {
  try {
    return line.startsWith("{") ? [JSON.parse(line)] : [];
  } catch {
    return [];
  }
}
