/** The client library against a real node: calls, refusals, events, and a node that goes away. */
import { fileURLToPath } from "node:url";
import { type ContextCommit, connectNode, type NodeClient } from "@dunlin/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connectPolls } from "../../examples/polls/client.ts";
import { type Cluster, freePort, install, openCluster } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

describe("a client", () => {
  let cluster: Cluster;
  let process: NodeProcess;
  let node: NodeClient;
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    process = await cluster.start("a", { server: { port: await freePort() } });
    node = connectNode(process);
    contextId = (await node.contexts.create(await install(process))).contextId;
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  /** A new context of an example. */
  async function contextOf(example: string): Promise<string> {
    const path = fileURLToPath(new URL(`../../examples/${example}/app.ts`, import.meta.url));
    const { applicationId } = await node.applications.install(path);
    return (await node.contexts.create(applicationId)).contextId;
  }

  it("calls methods and reads contexts, applications and status", async () => {
    await node.call(contextId, "put", { key: "a", value: "1" });
    expect(await node.call<string>(contextId, "get", { key: "a" })).toBe("1");
    expect(await node.contexts.get(contextId)).toMatchObject({ id: contextId, pending: 0 });
    expect((await node.contexts.list()).map(({ id }) => id)).toEqual([contextId]);
    expect((await node.applications.list())[0]?.name).toBe("shared");
    expect((await node.status()).contexts).toHaveLength(1);
    await node.contexts.sync(contextId);
    const { publicKey } = await node.createIdentity();
    expect(await node.contexts.invite({ contextId, inviteeId: publicKey })).toMatch(/^[1-9A-HJ-NP-Za-km-z]+$/);
  });

  it("gives and takes bigints and bytes, and lists, records and roles of an application's", async () => {
    const polls = connectPolls(node, await contextOf("polls"));
    await polls.open({ id: "p", question: "?", options: ["a", "b"] });
    await polls.vote({ id: "p", option: "b" });
    expect(await polls.results({ id: "p" })).toEqual({ a: 0, b: 1 });
    const values = await contextOf("kv-store");
    const value = { sum: -(2n ** 70n), parts: [Uint8Array.of(0, 255), { $bigint: "text" }] };
    await node.call(values, "put", { key: "k", value });
    expect(await node.call(values, "get", { key: "k" })).toEqual(value);
    const workspace = await contextOf("workspace");
    const page = await node.call<string>(workspace, "create", { title: "Home" });
    expect(await node.call(workspace, "outline")).toEqual([{ id: page, depth: 1, title: "Home" }]);
  });

  it.each([
    ["a method that is not there", () => node.call(contextId, "nothing"), "METHOD_NOT_FOUND"],
    ["a method that throws", () => node.call(contextId, "throwLate"), "APPLICATION_ERROR"],
    ["an id that is none", () => node.contexts.get("nothing"), "PARAMS_INVALID"],
    ["another token", () => connectNode({ ...process, token: "x" }).status(), "UNAUTHORIZED"],
    [
      "an address where nothing listens",
      () => connectNode({ url: "http://127.0.0.1:1", token: "" }).status(),
      "NODE_UNREACHABLE",
    ],
    ["a call that takes too long", () => node.call(contextId, "spin", {}, { timeoutMs: 100 }), "TIMEOUT"],
  ])("throws the code of %s", async (_name, call, code) => {
    await expect(call()).rejects.toMatchObject({ name: "ClientError", code });
  });

  it("stops waiting when its signal is aborted", async () => {
    const gone = AbortSignal.abort(new Error("enough"));
    await expect(node.call(contextId, "value", {}, { signal: gone })).rejects.toThrow("enough");
  });

  it("watches commits, and says where it may have missed some", async () => {
    const stop = new AbortController();
    const seen: ContextCommit[] = [];
    let gaps = 0;
    const watching = (async () => {
      for await (const event of node.watch([contextId], { signal: stop.signal, WebSocket })) {
        if (event.kind === "gap") gaps++;
        else seen.push(event.commit);
      }
    })();
    const keys = (): unknown[] => seen.flatMap(({ events }) => events.map(({ data }) => (data as { key: string }).key));
    const putUntilSeen = async (key: string): Promise<void> => {
      await expect
        .poll(
          async () => {
            await node.call(contextId, "put", { key, value: "1" }).catch(() => {});
            return keys().includes(key);
          },
          { timeout: 20_000 },
        )
        .toBe(true);
    };
    await putUntilSeen("before");
    expect(seen.every((commit) => commit.contextId === contextId && commit.deltas.length > 0)).toBe(true);
    await process.kill();
    await expect.poll(() => gaps, { timeout: 10_000 }).toBeGreaterThan(0);
    process = await cluster.start("a");
    node = connectNode(process);
    await putUntilSeen("after");
    stop.abort();
    await watching;
  });

  it("throws when what it would watch is refused", async () => {
    const watching = node.watch(["nothing"], { WebSocket });
    await expect(watching.next()).rejects.toMatchObject({ code: "PARAMS_INVALID" });
  });
});
