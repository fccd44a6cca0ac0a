/** A server over a node in memory, with a page folder and a context, for the tests of its parts. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogLevel } from "@dunlin/core/base";
import { openServer, type Server } from "../server.ts";
import { APPLICATION_ID, createMemoryService, type MemoryService, testId } from "./memory-service.ts";

export const TOKEN = "0123456789abcdef0123456789abcdef";
export const OTHER_ORIGIN = "http://localhost:5173";

export interface Answer {
  readonly status: number;
  /** Parsed when the answer is JSON; looked into field by field. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes
  readonly body: any;
  readonly headers: Headers;
}

export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  readonly service: MemoryService;
  /** Holds `page/`, which is served, and `secret.html` beside it. */
  readonly folder: string;
  readonly contextId: string;
  /** What was logged, a line each. */
  readonly logged: readonly string[];
  /** Asks with the token, unless `headers` say otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export async function openTestServer(): Promise<TestServer> {
  const service = createMemoryService();
  const logged: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), "dunlin-page-"));
  await writePage(folder);
  const server = await openServer({
    service,
    listen: { host: "127.0.0.1", port: 0 },
    token: TOKEN,
    staticDir: join(folder, "page"),
    origins: [OTHER_ORIGIN],
    log: { log: (_level: LogLevel, event, fields) => void logged.push(event + JSON.stringify(fields)) },
  });
  await service.createContext({ applicationId: APPLICATION_ID });
  return {
    server,
    service,
    folder,
    contextId: testId(3, 0),
    logged,
    ask: (method, path, body, headers = {}) => ask(server.url + path, method, body, headers),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function writePage(folder: string): Promise<void> {
  const page = join(folder, "page");
  await mkdir(join(page, "deep"), { recursive: true });
  await writeFile(join(folder, "secret.html"), "secret");
  await writeFile(join(page, "index.html"), "<p>hello");
  await writeFile(join(page, "deep", "a.js"), "1");
  await writeFile(join(page, ".hidden.js"), "2");
  await writeFile(join(page, "run.sh"), "3");
  await symlink(join(folder, "secret.html"), join(page, "link.html"));
}

async function ask(
  url: string,
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const type: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, ...type, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = text !== "" && response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}
