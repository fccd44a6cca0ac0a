import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BODY_BYTES_MAX } from "@dunlin/api";
import { type LogLevel, silentLog } from "@dunlin/core/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type Server } from "./server.ts";
import { APPLICATION_ID, createMemoryService, testId } from "./testing/memory-service.ts";
import { rawRequest } from "./testing/raw-request.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const service = createMemoryService();
const logged: string[] = [];
const log = {
  log: (_level: LogLevel, event: string, fields?: object) => void logged.push(event + JSON.stringify(fields)),
};
let server: Server;
let folder: string;
let contextId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-page-"));
  await mkdir(join(folder, "page", "deep"), { recursive: true });
  await writeFile(join(folder, "secret.html"), "secret");
  await writeFile(join(folder, "page", "index.html"), "<p>hello");
  await writeFile(join(folder, "page", "deep", "a.js"), "1");
  await writeFile(join(folder, "page", ".hidden.js"), "2");
  await writeFile(join(folder, "page", "run.sh"), "3");
  await symlink(join(folder, "secret.html"), join(folder, "page", "link.html"));
  server = await openServer({
    service,
    listen: { host: "127.0.0.1", port: 0 },
    token: TOKEN,
    staticDir: join(folder, "page"),
    origins: ["http://localhost:5173"],
    log,
  });
  const created = await service.createContext({ applicationId: APPLICATION_ID });
  contextId = created.ok ? created.value.contextId : "";
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of all routes, looked into field by field
  readonly body: any;
  readonly headers: Headers;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      Authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, body: isJson && text !== "" ? JSON.parse(text) : text, headers: response.headers };
}

const execute = (method: string, argsJson: unknown, id: unknown = 1, more: object = {}): Promise<Answer> =>
  ask("POST", "/jsonrpc", { jsonrpc: "2.0", id, method: "execute", params: { contextId, method, argsJson, ...more } });

describe("POST /jsonrpc", () => {
  it("answers as the 0.10 server does, with the delta beside the output", async () => {
    const put = await execute("put", { key: "a", value: [1] }, 7);
    expect(put).toMatchObject({ status: 200, body: { jsonrpc: "2.0", id: 7, result: { output: null } } });
    expect(put.body.result.deltaId).toBeTypeOf("string");
    expect((await execute("get", { key: "a" })).body.result).toEqual({ output: [1], deltaId: null });
    expect((await execute("get", { key: "none" })).body.result.output).toBeNull();
  });

  it("echoes the id exactly", async () => {
    for (const id of [0, 4_294_967_295, "x", "", null]) expect((await execute("get", {}, id)).body.id).toBe(id);
  });

  it("passes the executor on, and leaves it out when it is not named", async () => {
    await execute("get", {}, 1, { executorPublicKey: testId(2, 0) });
    expect(service.calls.at(-1)?.[1]).toMatchObject({ executor: testId(2, 0) });
    await execute("get", {}, 1, { executorPublicKey: null });
    expect(service.calls.at(-1)?.[1]).not.toHaveProperty("executor");
  });

  it("tells failures under status 200, by the words of the table", async () => {
    const cases: [Promise<Answer>, string, string][] = [
      [execute("fail", {}), "FunctionCallError", "APPLICATION_ERROR"],
      [execute("nope", {}), "FunctionCallError", "METHOD_NOT_FOUND"],
      [execute("get", {}, 1, { contextId: testId(3, 99) }), "ContextNotFound", "CONTEXT_NOT_FOUND"],
      [execute("get", {}, 1, { contextId: "short" }), "ParseError", "PARAMS_INVALID"],
      [execute("get", {}, {}), "ParseError", "PARAMS_INVALID"],
      [ask("POST", "/jsonrpc", { id: 1, method: "mutate" }), "ParseError", "RPC_METHOD_UNKNOWN"],
      [ask("POST", "/jsonrpc", []), "ParseError", "PARAMS_INVALID"],
      [ask("POST", "/jsonrpc", "null"), "ParseError", "PARAMS_INVALID"],
      [ask("POST", "/jsonrpc"), "ParseError", "PARAMS_INVALID"],
    ];
    for (const [answer, type, code] of cases) {
      const { status, body } = await answer;
      expect([status, body.error.type, body.error.code]).toEqual([200, type, code]);
      expect(body.error.message).toMatch(/^[^\n]+$/);
      if (type !== "ContextNotFound") expect(body.error.data).toBe(body.error.message);
    }
  });

  it("shows a coded throw of the node as such, and nothing of a defect", async () => {
    service.failNext(Object.assign(new Error("disk full"), { code: "STORE_WRITE_FAILED" }));
    expect((await execute("get", {})).body.error).toMatchObject({ type: "InternalError", code: "STORE_WRITE_FAILED" });
    service.failNext(new Error("secret detail"));
    const { body } = await execute("get", {});
    expect(body.error).toEqual({
      type: "InternalError",
      code: "INTERNAL",
      message: "a defect of this node: see its log",
    });
    expect(logged.at(-1)).toContain("secret detail");
  });
});

describe("bodies", () => {
  it("are refused with a documented status and one line", async () => {
    const big = JSON.stringify({ x: "y".repeat(BODY_BYTES_MAX) });
    const cases: [unknown, Record<string, string>, number, string][] = [
      ["{", {}, 400, "JSON_MALFORMED"],
      ["[".repeat(65) + "]".repeat(65), {}, 400, "JSON_TOO_DEEP"],
      ['{"params":{"__proto__":{"a":1}}}', {}, 400, "JSON_KEY_REFUSED"],
      [big, {}, 413, "BODY_TOO_LARGE"],
      ["{}", { "Content-Type": "text/plain" }, 415, "CONTENT_TYPE_REFUSED"],
      ["a=1", { "Content-Type": "application/x-www-form-urlencoded" }, 415, "CONTENT_TYPE_REFUSED"],
      ["{}", { "Content-Type": "nonsense" }, 415, "CONTENT_TYPE_REFUSED"],
    ];
    for (const [body, headers, status, code] of cases) {
      const answer = await ask("POST", "/jsonrpc", body, headers);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.body.error).toMatch(/^[^\n]+$/);
    }
  });

  it("are refused at the limit also without an announced length", async () => {
    const chunk = "x".repeat(BODY_BYTES_MAX);
    const head = ["POST /jsonrpc HTTP/1.1", `Host: 127.0.0.1:${server.port}`, `Authorization: Bearer ${TOKEN}`];
    const answer = await rawRequest(
      server.port,
      [...head, "Content-Type: application/json", "Transfer-Encoding: chunked"],
      `${chunk.length.toString(16)}\r\n${chunk}\r\n2\r\nxx\r\n0\r\n\r\n`,
    );
    expect(answer.status).toBe(413);
  });
});

describe("/admin-api", () => {
  it("installs from a path and from a file URL, and from no other URL", async () => {
    const installed = { status: 200, body: { data: { applicationId: APPLICATION_ID } } };
    expect(await ask("POST", "/admin-api/install-dev-application", { path: "/a/app.ts" })).toMatchObject(installed);
    expect(
      await ask("POST", "/admin-api/install-application", { url: "file:///a%20b/app.ts", metadata: [] }),
    ).toMatchObject(installed);
    expect(service.calls.at(-1)).toEqual(["installApplication", { path: "/a b/app.ts" }]);
    for (const url of [
      "http://169.254.169.254/x",
      "https://x/app.wasm",
      "file://host/app.ts",
      "FILE:///x",
      "data:,x",
    ]) {
      const refused = await ask("POST", "/admin-api/install-application", { url });
      expect([refused.status, refused.body.code]).toEqual([501, "UNSUPPORTED"]);
    }
    const failed = await ask("POST", "/admin-api/install-dev-application", { path: "/a/app.txt" });
    expect([failed.status, failed.body.code]).toEqual([422, "APPLICATION_BUILD_FAILED"]);
  });

  it("lists applications, and gives null for one it does not have", async () => {
    expect((await ask("GET", "/admin-api/applications")).body.data.apps).toMatchObject([
      { id: APPLICATION_ID, size: 10, source: "file:///notes.ts", metadata: [], blob: { bytecode: APPLICATION_ID } },
    ]);
    expect((await ask("GET", `/admin-api/applications/${testId(1, 9)}`)).body).toEqual({ data: { application: null } });
    expect((await ask("GET", `/admin-api/applications/${APPLICATION_ID}`)).body.data.application.name).toBe("notes");
  });

  it("creates, shows, invites to, joins and syncs contexts", async () => {
    const created = await ask("POST", "/admin-api/contexts", {
      protocol: "near",
      applicationId: APPLICATION_ID,
      initializationParams: [0x7b, 0x7d],
    });
    const { contextId: made, memberPublicKey } = created.body.data;
    expect((await ask("GET", `/admin-api/contexts/${made}`)).body.data).toMatchObject({
      id: made,
      applicationId: APPLICATION_ID,
      dagHeads: [expect.any(Array)],
    });
    expect((await ask("GET", "/admin-api/contexts")).body.data.contexts.length).toBeGreaterThan(1);
    for (const path of ["identities", "identities-owned"]) {
      expect((await ask("GET", `/admin-api/contexts/${made}/${path}`)).body).toEqual({
        data: { identities: [memberPublicKey] },
      });
    }
    const { publicKey } = (await ask("POST", "/admin-api/identity/context")).body.data;
    const invite = { contextId: made, inviterId: memberPublicKey, inviteeId: publicKey };
    const invited = await ask("POST", "/admin-api/contexts/invite", invite);
    expect(invited.body).toEqual({ data: `invitation-to-${made}` });
    expect(service.calls.at(-1)).toEqual(["invite", invite]);
    const joined = await ask("POST", "/admin-api/contexts/join", { invitationPayload: invited.body.data });
    expect(joined.body.data.contextId).toBe(made);
    expect((await ask("POST", "/admin-api/contexts/sync")).body).toEqual({ data: null });
    expect(service.calls.at(-1)).toEqual(["requestSync", undefined]);
    await ask("POST", `/admin-api/contexts/sync/${made}`);
    expect(service.calls.at(-1)).toEqual(["requestSync", made]);
  });

  it("refuses with the status of the table", async () => {
    const cases: [string, string, unknown, number, string][] = [
      ["GET", `/admin-api/contexts/${testId(3, 77)}`, undefined, 404, "CONTEXT_NOT_FOUND"],
      ["GET", "/admin-api/contexts/0OIl", undefined, 400, "PARAMS_INVALID"],
      ["GET", `/admin-api/contexts/${"1".repeat(65)}`, undefined, 404, "ROUTE_UNKNOWN"],
      ["POST", "/admin-api/contexts", { applicationId: testId(1, 9) }, 404, "APPLICATION_NOT_FOUND"],
      ["POST", "/admin-api/contexts", { applicationId: APPLICATION_ID, contextSeed: "s" }, 501, "UNSUPPORTED"],
      ["POST", "/admin-api/contexts", { applicationId: APPLICATION_ID, initializationParams: [1] }, 501, "UNSUPPORTED"],
      ["POST", "/admin-api/contexts/join", { invitationPayload: "nonsense" }, 422, "INVITATION_INVALID"],
      ["GET", "/admin-api/contexts/invite", undefined, 405, "VERB_REFUSED"],
      ["HEAD", "/admin-api/contexts", undefined, 405, ""],
      ["DELETE", `/admin-api/contexts/${testId(3, 0)}`, undefined, 405, "VERB_REFUSED"],
      ["GET", "/admin-api/nope", undefined, 404, "ROUTE_UNKNOWN"],
      ["GET", "/admin-api/contexts/", undefined, 400, "PARAMS_INVALID"],
      ["GET", "//admin-api/contexts", undefined, 404, "ROUTE_UNKNOWN"],
      ["GET", "/Admin-Api/contexts", undefined, 404, "ROUTE_UNKNOWN"],
    ];
    for (const [method, path, body, status, code] of cases) {
      const answer = await ask(method, path, body);
      expect([method, path, answer.status, answer.body.code ?? ""]).toEqual([method, path, status, code]);
    }
  });

  it("tells status and peers", async () => {
    expect((await ask("GET", "/admin-api/status")).body.data).toMatchObject({ version: "0.1.0" });
    expect((await ask("GET", "/admin-api/peers")).body).toMatchObject({ count: 1 });
  });
});

describe("credentials", () => {
  const wrong: Record<string, Record<string, string>> = {
    none: { Authorization: "" },
    "another token": { Authorization: `Bearer ${"f".repeat(32)}` },
    "a prefix": { Authorization: `Bearer ${TOKEN.slice(0, 31)}` },
    "more than the token": { Authorization: `Bearer ${TOKEN}0` },
    "another scheme": { Authorization: `Basic ${TOKEN}` },
    "no scheme": { Authorization: TOKEN },
    "a cookie": { Authorization: "", Cookie: `token=${TOKEN}` },
  };

  it("are asked for by every route but health, in every verb, and by unknown paths", async () => {
    const { routes } = server;
    expect(routes.filter((route) => route.permission === "open").map((route) => route.path)).toEqual([
      "/admin-api/health",
    ]);
    const paths = [...routes.filter((route) => route.permission !== "open"), { path: "/metrics" }, { path: "/app2" }];
    for (const { path } of paths) {
      for (const method of ["GET", "POST", "HEAD", "PUT", "DELETE"]) {
        const headers = Object.values(wrong)[path.length % Object.keys(wrong).length] as Record<string, string>;
        const answer = await ask(method, path.replace(":id", contextId), undefined, headers);
        expect([method, path, answer.status]).toEqual([method, path, 401]);
      }
    }
  });

  it("are refused in every wrong form, with right ones taken", async () => {
    for (const headers of Object.values(wrong)) {
      for (const path of ["/admin-api/contexts", `/admin-api/contexts?token=${TOKEN}`, "/%61dmin-api/contexts"]) {
        expect((await ask("GET", path, undefined, headers)).status).toBe(401);
      }
    }
    expect((await ask("GET", "/admin-api/is-authed", undefined, { Authorization: `bearer ${TOKEN}` })).status).toBe(
      200,
    );
    const { ticket } = (await ask("POST", "/admin-api/ws-ticket")).body.data;
    expect((await ask("GET", `/admin-api/contexts?ticket=${ticket}`, undefined, { Authorization: "" })).status).toBe(
      401,
    );
    const health = await ask("GET", "/admin-api/health", undefined, { Authorization: "" });
    expect([health.status, health.body]).toEqual([200, { data: { status: "alive" } }]);
  });

  it("are judged before a body is read", async () => {
    const answer = await ask("POST", "/jsonrpc", "{", { Authorization: "" });
    expect(answer.status).toBe(401);
  });
});

describe("Host and Origin", () => {
  it("are checked on every path, the upgrade among them", async () => {
    const { port } = server;
    const hosts: [string[], boolean][] = [
      [[`Host: 127.0.0.1:${port}`], true],
      [[`Host: localhost:${port}`], true],
      [[`Host: [::1]:${port}`], true],
      [["Host: 127.0.0.1"], false],
      [[`Host: 127.0.0.1:${port + 1}`], false],
      [[`Host: evil.example:${port}`], false],
      [[`Host: 127.0.0.1.evil.example:${port}`], false],
      [[`Host: 127.0.0.1:${port}`, `Host: 127.0.0.1:${port}`], false],
      [[`X-Forwarded-Host: 127.0.0.1:${port}`, "Host: evil.example"], false],
    ];
    const origins: [string[], boolean][] = [
      [[], true],
      [[`Origin: http://127.0.0.1:${port}`], true],
      [["Origin: http://localhost:5173"], true],
      [["Origin: https://evil.example"], false],
      [["Origin: null"], false],
      [[`Origin: https://127.0.0.1:${port}`], false],
      [[`Origin: http://127.0.0.1:${port}.evil.example`], false],
    ];
    const targets: [string, string[], number][] = [
      ["GET /admin-api/health", [], 200],
      ["GET /admin-api/contexts", [], 200],
      ["GET /app/", [], 200],
      ["GET /nope", [], 404],
      ["OPTIONS /jsonrpc", [], 204],
      [
        "GET /ws",
        ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
        101,
      ],
    ];
    const sources = hosts.flatMap(([hostLines, hostGood]) =>
      origins.map(([originLines, originGood]) => ({
        lines: [...hostLines, ...originLines],
        isGood: hostGood && originGood,
        // A repeated Host may be refused by the parser of Node itself.
        refusals: hostLines.length > 1 ? [400, 403] : [403],
      })),
    );
    for (const [target, extra, good] of targets) {
      const connection = extra.length > 0 ? "Connection: Upgrade" : "Connection: close";
      for (const { lines, isGood, refusals } of sources) {
        const sent = [`${target} HTTP/1.1`, ...lines, connection, ...extra];
        const { status } = await rawRequest(port, [...sent, `Authorization: Bearer ${TOKEN}`]);
        expect(isGood ? [good] : refusals, sent.join(" | ")).toContain(status);
      }
    }
  });

  it("cannot be overruled by an absolute target, nor left out", async () => {
    const { port } = server;
    const absolute = [
      `GET http://evil.example/admin-api/health HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Connection: close",
    ];
    expect((await rawRequest(port, absolute)).status).toBe(403);
    expect((await rawRequest(port, ["GET /admin-api/health HTTP/1.0"])).status).toBe(403);
  });

  it("lets a listed page call across origins, without cookies or private-network headers", async () => {
    const answer = await ask("GET", "/admin-api/contexts", undefined, { Origin: "http://localhost:5173" });
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    const plain = await ask("GET", "/admin-api/contexts");
    expect(plain.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("the page", () => {
  it("is served with a strict policy, without a token", async () => {
    const index = await ask("GET", "/app/", undefined, { Authorization: "" });
    expect([index.status, index.body]).toEqual([200, "<p>hello"]);
    expect(index.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(index.headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(index.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await ask("GET", "/app/deep/a.js")).status).toBe(200);
    const redirected = await ask("GET", "/", undefined, { Authorization: "" });
    expect([redirected.status, redirected.headers.get("location")]).toEqual([302, "/app/"]);
  });

  it("serves nothing outside its folder, no hidden file, no link, no unknown type", async () => {
    const lines = (path: string): string[] => [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${server.port}`,
      "Connection: close",
    ];
    const paths = [
      "../secret.html",
      "..%2fsecret.html",
      "%2e%2e/secret.html",
      "..\\secret.html",
      "deep/../../secret.html",
      "%00",
      ".hidden.js",
      "run.sh",
      "link.html",
      "deep",
      "index.html/",
      "%",
      "x".repeat(5000),
    ];
    for (const path of paths) {
      const { status, body } = await rawRequest(server.port, lines(`/app/${path}`));
      expect([400, 401, 404]).toContain(status);
      expect(body).not.toContain("secret");
    }
  });
});

describe("opening", () => {
  const options = { service, token: TOKEN, log: silentLog };

  it("refuses every address but loopback", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.org", ""]) {
      await expect(openServer({ ...options, listen: { host, port: 0 } })).rejects.toMatchObject({
        code: "HOST_NOT_LOOPBACK",
      });
    }
  });

  it("says that a port is taken, and which", async () => {
    await expect(openServer({ ...options, listen: { host: "127.0.0.1", port: server.port } })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining(String(server.port)),
    });
  });

  it("refuses a page folder that is not there or has no index, and a short token", async () => {
    const listen = { host: "127.0.0.1", port: 0 };
    for (const staticDir of [join(folder, "none"), join(folder, "page", "deep")]) {
      await expect(openServer({ ...options, listen, staticDir })).rejects.toMatchObject({ code: "PAGE_INVALID" });
    }
    await expect(openServer({ ...options, listen, token: "short" })).rejects.toThrow(/at least 32/);
  });

  it("never logs the token or a ticket", () => {
    expect(logged.join("\n")).not.toContain(TOKEN);
  });
});
