import { join } from "node:path";
import { BODY_BYTES_MAX, RECEIPT_WAIT_MS_MAX } from "@dunlin/api";
import { silentLog } from "@dunlin/core/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type Server } from "./server.ts";
import { APPLICATION_ID, testId } from "./testing/memory-service.ts";
import { type Answer, openTestServer, type TestServer, TOKEN } from "./testing/open-test-server.ts";
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

  it("begins calls of one connection in the order in which they were sent", async () => {
    const sent = Array.from({ length: 40 }, (_, i) => `order-${i}`);
    const requests = sent.map((key, i) => {
      const params = { contextId, method: "put", argsJson: { key, value: "x".repeat((i % 3) * 9000) } };
      const body = JSON.stringify({ jsonrpc: "2.0", id: i, method: "execute", params });
      const close = i === sent.length - 1 ? "Connection: close\r\n" : "";
      return [
        "POST /jsonrpc HTTP/1.1",
        `Host: 127.0.0.1:${server.port}`,
        `Authorization: Bearer ${TOKEN}`,
        "Content-Type: application/json",
        `${close}Content-Length: ${body.length}`,
        "",
        body,
      ].join("\r\n");
    });
    const [first = "", ...rest] = requests;
    const answers = await rawRequest(
      server.port,
      [first.split("\r\n\r\n")[0] ?? ""],
      first.split("\r\n\r\n")[1] + rest.join(""),
    );
    expect(answers.body.match(/"result"/g)).toHaveLength(sent.length);
    const calls = test.service.calls.map(([, request]) => (request as { args?: { key?: string } }).args?.key ?? "");
    expect(calls.filter((key) => key.startsWith("order-"))).toEqual(sent);
  });

  it("echoes the id exactly", async () => {
    for (const id of [0, 4_294_967_295, "x", "", null]) expect((await execute("get", {}, id)).body.id).toBe(id);
  });

  it("passes the executor on, and leaves it out when it is not named", async () => {
    await execute("get", {}, 1, { executorPublicKey: testId(2, 0) });
    expect(test.service.calls.at(-1)?.[1]).toMatchObject({ executor: testId(2, 0) });
    await execute("get", {}, 1, { executorPublicKey: null });
    expect(test.service.calls.at(-1)?.[1]).not.toHaveProperty("executor");
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
    test.service.failNext(Object.assign(new Error("disk full"), { code: "STORE_WRITE_FAILED" }));
    expect((await execute("get", {})).body.error).toMatchObject({ type: "InternalError", code: "STORE_WRITE_FAILED" });
    test.service.failNext(new Error("secret detail"));
    const { body } = await execute("get", {});
    expect(body.error).toEqual({
      type: "InternalError",
      code: "INTERNAL",
      message: "a defect of this node: see its log",
    });
    expect(test.logged.at(-1)).toContain("secret detail");
  });
});

describe("metrics", () => {
  it("are text for a scraper, in seconds and with underscores, and JSON with dots", async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const scraped = await fetch(`${test.server.url}/metrics`, { headers });
    expect(scraped.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await scraped.text();
    expect(text).toContain("dunlin_node_events_executed_total 3\n");
    expect(text).toContain('dunlin_node_delta_apply_duration_seconds{quantile="0.5"} 0.002');
    const { body } = await ask("GET", "/admin-api/metrics");
    const names = body.data.map(({ name }: { readonly name: string }) => name);
    expect(names).toEqual(["node.delta_apply_duration", "node.events_executed"]);
    expect((await fetch(`${test.server.url}/metrics`)).status).toBe(401);
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
    expect(test.service.calls.at(-1)).toEqual(["installApplication", { path: "/a b/app.ts" }]);
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
    await ask("POST", "/admin-api/contexts", { applicationId: APPLICATION_ID, serviceName: "game" });
    expect(test.service.calls.at(-1)).toEqual([
      "createContext",
      { applicationId: APPLICATION_ID, serviceName: "game" },
    ]);
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
    expect(test.service.calls.at(-1)).toEqual(["invite", invite]);
    const role = { contextId: made, memberId: memberPublicKey, role: "reader" };
    expect((await ask("POST", "/admin-api/contexts/role", role)).body).toEqual({ data: null });
    expect(test.service.calls.at(-1)).toEqual(["setRole", role]);
    const upgrade = { applicationId: APPLICATION_ID, executorPublicKey: memberPublicKey };
    const path = `/admin-api/contexts/${made}/application`;
    expect((await ask("POST", path, upgrade)).body).toEqual({ data: { migrated: false } });
    expect(test.service.calls.at(-1)).toEqual(["upgradeContext", { contextId: made, applicationId: APPLICATION_ID }]);
    expect((await ask("POST", path, { ...upgrade, dryRun: true })).body.data).toMatchObject({ migrated: true });
    expect((await ask("POST", path, { ...upgrade, dryRun: 1 })).status).toBe(400);
    const migrated = await ask("POST", `/admin-api/contexts/${made}/application`, { ...upgrade, migrateMethod: "m" });
    expect([migrated.status, migrated.body.code]).toEqual([501, "UNSUPPORTED"]);
    const { deadLetters } = (await ask("GET", `/admin-api/contexts/${made}/dead-letters`)).body.data;
    expect(deadLetters).toMatchObject([{ event: 2, handler: "onPoke", attempts: 8, code: "APPLICATION_ERROR" }]);
    const letter = { contextId: made, deltaId: deadLetters[0].deltaId, event: 2, how: "retry" };
    expect((await ask("POST", "/admin-api/dead-letters", letter)).body).toEqual({ data: null });
    expect(test.service.calls.at(-1)).toEqual(["settleDeadLetter", letter]);
    const alive = await ask("POST", "/admin-api/dead-letters", { ...letter, event: 3, how: "drop" });
    expect([alive.status, alive.body.code]).toEqual([404, "HANDLER_NOT_DEAD"]);
    const odd = await ask("POST", "/admin-api/dead-letters", { ...letter, how: "forget" });
    expect([odd.status, odd.body.code]).toEqual([400, "PARAMS_INVALID"]);
    const gone = await ask("POST", "/admin-api/contexts/remove-member", { contextId: made, memberId: memberPublicKey });
    expect([gone.status, gone.body.code]).toEqual([409, "LAST_ADMIN"]);
    const joined = await ask("POST", "/admin-api/contexts/join", { invitationPayload: invited.body.data });
    expect(joined.body.data.contextId).toBe(made);
    expect((await ask("POST", "/admin-api/contexts/sync")).body).toEqual({ data: null });
    expect(test.service.calls.at(-1)).toEqual(["requestSync", undefined]);
    await ask("POST", `/admin-api/contexts/sync/${made}`);
    expect(test.service.calls.at(-1)).toEqual(["requestSync", made]);
  });

  it("refuses with the status of the table", async () => {
    const cases: [string, string, unknown, number, string][] = [
      ["GET", `/admin-api/contexts/${testId(3, 77)}`, undefined, 404, "CONTEXT_NOT_FOUND"],
      ["GET", "/admin-api/contexts/0OIl", undefined, 400, "PARAMS_INVALID"],
      ["GET", `/admin-api/contexts/${"1".repeat(65)}`, undefined, 404, "ROUTE_UNKNOWN"],
      ["POST", "/admin-api/contexts", { applicationId: testId(1, 9) }, 404, "APPLICATION_NOT_FOUND"],
      ["POST", "/admin-api/contexts", { applicationId: APPLICATION_ID, contextSeed: "s" }, 501, "UNSUPPORTED"],
      [
        "POST",
        "/admin-api/contexts",
        { applicationId: APPLICATION_ID, initializationParams: [1] },
        400,
        "PARAMS_INVALID",
      ],
      ["POST", "/admin-api/contexts/join", { invitationPayload: "nonsense" }, 422, "INVITATION_INVALID"],
      ["GET", "/admin-api/contexts/invite", undefined, 405, "VERB_REFUSED"],
      [
        "POST",
        "/admin-api/contexts/role",
        { contextId: testId(3, 1), memberId: "x", role: "owner" },
        400,
        "PARAMS_INVALID",
      ],
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

  it("tells how far a delta has got, and waits for no longer than it may", async () => {
    const { deltaId } = (await execute("put", { key: "r", value: 1 })).body.result;
    const path = "/admin-api/contexts/receipt";
    const asked = { contextId, deltaId, until: "replicated", count: 2, waitMs: RECEIPT_WAIT_MS_MAX };
    const told = await ask("POST", path, asked);
    expect(told).toMatchObject({ status: 200, body: { data: { persisted: true, replicated: 1, stable: false } } });
    expect(test.service.calls.at(-1)).toEqual(["receipt", asked]);
    const refused: [object, number, string][] = [
      [{ waitMs: RECEIPT_WAIT_MS_MAX + 1 }, 400, "PARAMS_INVALID"],
      [{ count: 0 }, 400, "PARAMS_INVALID"],
      [{ until: "never" }, 400, "PARAMS_INVALID"],
      [{ deltaId: testId(9, 9) }, 404, "RECEIPT_UNKNOWN_DELTA"],
      [{ contextId: testId(3, 9) }, 404, "CONTEXT_NOT_FOUND"],
    ];
    for (const [change, status, code] of refused)
      expect(await ask("POST", path, { ...asked, ...change })).toMatchObject({ status, body: { code } });
  });

  it("shows a member's presence, takes it away, and checks what is said", async () => {
    const path = "/admin-api/contexts/presence";
    const list = async () => (await ask("GET", `/admin-api/contexts/${contextId}/presence`)).body.data;
    expect(await list()).toEqual([]);
    expect((await ask("POST", path, { contextId, data: { at: 1 }, ttlMs: 1_000 })).status).toBe(200);
    expect(await list()).toMatchObject([{ data: { at: 1 } }]);
    expect((await ask("POST", `${path}/leave`, { contextId })).status).toBe(200);
    expect(await list()).toEqual([]);
    for (const change of [{ ttlMs: 999 }, { ttlMs: 300_001 }, { contextId: "x" }]) {
      const refused = await ask("POST", path, { contextId, data: 1, ...change });
      expect(refused).toMatchObject({ status: 400, body: { code: "PARAMS_INVALID" } });
    }
    expect(await ask("POST", path, { contextId: testId(3, 9), data: 1 })).toMatchObject({ status: 404 });
  });

  it("tells status and peers", async () => {
    expect((await ask("GET", "/admin-api/status")).body.data).toMatchObject({ version: "0.1.0" });
    expect((await ask("GET", "/admin-api/peers")).body).toMatchObject({ count: 1 });
  });
});

describe("opening", () => {
  const options = { token: TOKEN, log: silentLog };

  it("refuses every address but loopback", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.org", ""]) {
      await expect(openServer({ ...options, service: test.service, listen: { host, port: 0 } })).rejects.toMatchObject({
        code: "HOST_NOT_LOOPBACK",
      });
    }
  });

  it("says that a port is taken, and which", async () => {
    await expect(
      openServer({ ...options, service: test.service, listen: { host: "127.0.0.1", port: server.port } }),
    ).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining(String(server.port)),
    });
  });

  it("refuses a page folder that is not there or has no index, and a short token", async () => {
    const listen = { host: "127.0.0.1", port: 0 };
    for (const staticDir of [join(test.folder, "none"), join(test.folder, "page", "deep")]) {
      await expect(openServer({ ...options, service: test.service, listen, staticDir })).rejects.toMatchObject({
        code: "PAGE_INVALID",
      });
    }
    await expect(openServer({ ...options, service: test.service, listen, token: "short" })).rejects.toThrow(
      /at least 32/,
    );
  });

  it("never logs the token or a ticket", () => {
    expect(test.logged.join("\n")).not.toContain(TOKEN);
  });
});
