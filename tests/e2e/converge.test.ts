/** Three nodes share a context: all that each writes reaches all, and a restart of everything loses nothing. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  audit,
  type Cluster,
  converged,
  freePort,
  install,
  joinContext,
  openCluster,
  shareContext,
} from "./support/cluster.ts";
import { type HomeConfig, type NodeProcess, writeConfig } from "./support/node-process.ts";
import { until } from "./support/until.ts";

async function fixedAddress(): Promise<HomeConfig> {
  return { network: { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] } };
}

describe("three nodes", () => {
  let cluster: Cluster;
  let nodes: NodeProcess[];
  let applicationId: string;
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    nodes = await Promise.all(["a", "b", "c"].map(async (name) => cluster.start(name, await fixedAddress())));
    const [a, ...others] = nodes as [NodeProcess, ...NodeProcess[]];
    applicationId = await install(a, ...others);
    contextId = await shareContext(applicationId, a, ...others);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it("share a counter: the sum of what all add, and one root", async () => {
    await Promise.all(
      nodes.map(async (node, index) => {
        for (let i = 0; i < 20; i++) await node.call(contextId, "add", { by: index + 1 });
      }),
    );
    await converged(contextId, nodes);
    for (const node of nodes) expect(await node.call(contextId, "value")).toBe(20 * (1 + 2 + 3));
  });

  it("learn of each other from the node that invited them", async () => {
    await until("each node has two peers", async () => {
      const all = await Promise.all(nodes.map((node) => node.status()));
      return all.every(({ peers }) => peers.length === 2);
    });
  });

  it("stop at SIGTERM with exit code 0 and nothing lost, and come back as they were", async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const keys = Array.from({ length: 50 }, (_, i) => `key${i}`);
    const writes = keys.map((key) => c.execute(contextId, "put", { key, value: key }));
    await writes[0];
    const began = performance.now();
    const ended = await Promise.all([a.stop(), b.stop(), c.stop()]);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const outcomes = await Promise.all(writes);
    const acknowledged = keys.filter((_, i) => outcomes[i]?.ok);
    expect(acknowledged.length).toBeGreaterThan(0);
    const { root } = await audit(c.home, contextId);
    expect(root).toMatch(/^[0-9a-f]{64}$/);

    nodes = await Promise.all(["a", "b", "c"].map((name) => cluster.start(name)));
    await converged(contextId, nodes);
    for (const node of nodes) {
      const held = await node.call<string[]>(contextId, "keys");
      expect(held).toEqual(expect.arrayContaining(acknowledged));
      expect((await node.context(contextId)).members).toHaveLength(3);
    }
  });

  it("find the creator again when it comes back at another address, and each other without it", async () => {
    const [a, b, c] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    await a.stop();
    writeConfig(a.home);
    nodes[0] = await cluster.start("a");
    await nodes[0].call(contextId, "add", { by: 1 });
    await converged(contextId, nodes);

    await Promise.all([nodes[0].stop(), b.stop(), c.stop()]);
    nodes[1] = await cluster.start("b");
    nodes[2] = await cluster.start("c");
    await nodes[1].call(contextId, "add", { by: -1 });
    await converged(contextId, nodes.slice(1));
    nodes[0] = await cluster.start("a");
    await converged(contextId, nodes);
  });

  it("a member of two contexts syncs both over one connection", async () => {
    const [a, b] = nodes as [NodeProcess, NodeProcess];
    const second = await shareContext(applicationId, a, b);
    await Promise.all([a.call(contextId, "add", { by: 1 }), b.call(second, "add", { by: 5 })]);
    await a.call(second, "add", { by: 7 });
    await converged(second, [a, b]);
    await converged(contextId, nodes);
    expect(await b.call(second, "value")).toBe(12);
    expect((await a.status()).peers.filter(({ peerId }) => peerId !== "")).toHaveLength(2);
    const refused = await nodes[2]?.request("GET", `/admin-api/contexts/${second}`);
    expect(refused).toMatchObject({ status: 404, body: { code: "CONTEXT_NOT_FOUND" } });
  });

  it("a late joiner gets everything", async () => {
    const [a] = nodes as [NodeProcess];
    const late = await cluster.start("d");
    await install(late);
    await joinContext(contextId, a, late);
    await converged(contextId, [...nodes, late]);
    expect(await late.call(contextId, "value")).toBe(121);
    await late.stop();
  });
});
