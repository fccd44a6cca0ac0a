/** What a node refuses: at its start with one line and an exit code, later with a code and a status. All documented. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { EXIT } from "@dunlin/api";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, freePort, install, openCluster, shareContext } from "./support/cluster.ts";
import { type NodeProcess, runCommand, startNode, writeConfig } from "./support/node-process.ts";

/** What the store's own row begins with; the version follows. */
const FORMAT_NAME = Buffer.from("dunlin-store");

describe("a node that cannot start", () => {
  let cluster: Cluster;
  let running: NodeProcess;
  const homes: string[] = [];

  beforeAll(async () => {
    cluster = openCluster();
    running = await cluster.start("running");
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  const newHome = (config?: object): string => {
    const home = cluster.homeOf(`refused${homes.length}`);
    homes.push(home);
    writeConfig(home, config);
    return home;
  };
  const homeWith = (text: string): string => {
    const home = newHome();
    writeFileSync(join(home, "config.json"), text);
    return home;
  };
  const newerStore = async (): Promise<string> => {
    const home = newHome();
    const store = await openLmdbStore({ path: join(home, "store") });
    await store[Symbol.asyncDispose]();
    const file = join(home, "store", "data.mdb");
    const bytes = readFileSync(file);
    bytes.writeUInt16LE(65_535, bytes.indexOf(FORMAT_NAME) + FORMAT_NAME.length);
    writeFileSync(file, bytes);
    return home;
  };
  const damagedStore = (): string => {
    const home = newHome();
    mkdirSync(join(home, "store"));
    writeFileSync(join(home, "store", "data.mdb"), Buffer.alloc(16_384, 0x5a));
    return home;
  };
  const heldPort = async (): Promise<number> => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    server.unref();
    return port;
  };
  const listen = (port: number) => ({ network: { listen: [`/ip4/127.0.0.1/tcp/${port}`] } });

  it.concurrent.each<[string, () => string | Promise<string>, string, number]>([
    ["a configuration that is no JSON", () => homeWith("{"), "CONFIG_INVALID", EXIT.config],
    ["an unknown setting", () => homeWith('{"sync":{"heartbeatMs":1}}'), "CONFIG_INVALID", EXIT.config],
    ["a setting out of range", () => homeWith('{"limits":{"callTimeMs":1}}'), "CONFIG_INVALID", EXIT.config],
    ["a taken API port", async () => newHome({ server: { port: await heldPort() } }), "PORT_TAKEN", EXIT.config],
    ["a taken peer port", async () => newHome(listen(await heldPort())), "LISTEN_FAILED", EXIT.config],
    ["a malformed listen address", () => newHome({ network: { listen: ["tcp"] } }), "LISTEN_INVALID", EXIT.config],
    ["a malformed peer", () => newHome({ network: { peers: ["/ip4/1.2.3.4"] } }), "ADDRESS_INVALID", EXIT.config],
    ["a missing page", () => newHome({ server: { page: "nowhere" } }), "PAGE_INVALID", EXIT.config],
    ["a damaged store", damagedStore, "STORE_CORRUPT", EXIT.store],
    ["a store of a newer version", newerStore, "STORE_NEWER", EXIT.store],
    ["a home that another node runs on", () => running.home, "STORE_LOCKED", EXIT.store],
  ])("ends at %s", async (_, home, code, exit) => {
    const ended = await runCommand(["run", "--home", await home(), "--json"]);
    const lines = ended.err.split("\n").filter((line) => line.startsWith('{"error"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ error: { code } }]);
    expect(ended.code).toBe(exit);
    expect(ended.out).toBe("");
  });

  it("says it in one line for people", async () => {
    const ended = await runCommand(["run", "--home", homeWith('{"sever":{}}')]);
    expect(ended.err).toBe(
      'dunlin: config.json: unknown key "sever": allowed are server, network, sync, limits, recording, log\n',
    );
  });

  it("leaves the home as good as it was: with the cause gone it starts", async () => {
    const home = homeWith("{");
    expect((await runCommand(["run", "--home", home])).code).toBe(EXIT.config);
    rmSync(join(home, "config.json"));
    writeConfig(home);
    const node = await startNode(home);
    expect((await node.stop()).code).toBe(0);
  });
});

describe("a node that is asked for what it does not do", () => {
  let cluster: Cluster;
  let node: NodeProcess;
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    node = await cluster.start("node");
    contextId = await shareContext(await install(node), node);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  const send = async (path: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(node.url + path, {
      method: "POST",
      headers: { Authorization: `Bearer ${node.token}`, "Content-Type": "application/json", ...headers },
      body,
    });
    return { status: response.status, body: await response.json() };
  };
  const execute = (params: object) =>
    send("/jsonrpc", JSON.stringify({ jsonrpc: "2.0", id: 7, method: "execute", params }));

  it("refuses JSON that is none, a wrong token and an unknown route", async () => {
    expect(await send("/jsonrpc", "{")).toMatchObject({ status: 400, body: { code: "JSON_MALFORMED" } });
    const wrong = await send("/jsonrpc", "{}", { Authorization: "Bearer wrong" });
    expect(wrong).toMatchObject({ status: 401, body: { code: "UNAUTHORIZED" } });
    expect(await send("/nowhere", "{}")).toMatchObject({ status: 404, body: { code: "ROUTE_UNKNOWN" } });
  });

  it.each([
    ["an unknown method", { method: "nothing" }, "METHOD_NOT_FOUND"],
    ["an unknown context", { contextId: "11111111111111111111111111111111" }, "CONTEXT_NOT_FOUND"],
    ["another executor", { executorPublicKey: "11111111111111111111111111111111" }, "NOT_A_MEMBER"],
    ["arguments that are no object", { argsJson: [1] }, "ARGS_INVALID"],
    ["a value that no register holds", { method: "put", argsJson: { key: "k".repeat(2000), value: "v" } }, undefined],
  ])("refuses %s with a code of the table", async (_, changed, code) => {
    const before = await node.context(contextId);
    const answer = await execute({ contextId, method: "value", argsJson: {}, ...changed });
    expect(answer).toMatchObject({ status: 200, body: { id: 7, error: { code: code ?? expect.any(String) } } });
    expect((answer.body as { error: { code: string } }).error.code).not.toBe("INTERNAL");
    expect(await node.context(contextId)).toEqual(before);
  });

  it("refuses an application that does not build, with file and line", async () => {
    const path = join(cluster.folder, "broken.ts");
    writeFileSync(path, "export default {\n  oops(\n");
    const answer = await node.request("POST", "/admin-api/install-dev-application", { path });
    expect(answer).toMatchObject({ status: 422, body: { code: "APPLICATION_BUILD_FAILED" } });
    expect(answer.body.error).toMatch(/broken\.ts:\d+/);
    const missing = await node.request("POST", "/admin-api/install-dev-application", { path: "/nowhere.ts" });
    expect(missing.status).toBe(422);
  });

  it("gives commands the exit codes of the table", async () => {
    const home = ["--home", node.home];
    expect((await runCommand(["call", contextId, "value", ...home])).code).toBe(EXIT.ok);
    expect((await runCommand(["call", contextId, "nothing", ...home])).code).toBe(EXIT.failed);
    expect((await runCommand(["status", "--home", cluster.homeOf("nobody")])).code).toBe(EXIT.unreachable);
  });
});
