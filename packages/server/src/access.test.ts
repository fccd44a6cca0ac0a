import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Server } from "./server.ts";
import { openTestServer, type TestServer, TOKEN } from "./testing/open-test-server.ts";
import { rawRequest } from "./testing/raw-request.ts";

let test: TestServer;
let server: Server;
let contextId: string;
const ask: TestServer["ask"] = (...request) => test.ask(...request);

beforeAll(async () => {
  test = await openTestServer();
  ({ server, contextId } = test);
});
afterAll(() => test[Symbol.asyncDispose]());

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
    const paths = [...routes.filter((route) => route.permission !== "open"), { path: "/metricz" }, { path: "/app2" }];
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
