/** Receipts of real nodes: a write is told to be at others when it is on their disks, and stable when no member lacks it. */
import { connectNode, type NodeClient } from "@dunlin/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, converged, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

describe("a receipt", () => {
  let cluster: Cluster;
  let nodes: NodeProcess[];
  let client: NodeClient;
  let contextId: string;
  const write = async (): Promise<string> => {
    const { deltaId } = await client.execute(contextId, "add", { by: 1 });
    return deltaId ?? "";
  };

  beforeAll(async () => {
    cluster = openCluster();
    nodes = await Promise.all(["a", "b", "c"].map((name) => cluster.start(name)));
    const [a, ...others] = nodes as [NodeProcess, ...NodeProcess[]];
    contextId = await shareContext(await install(a, ...others), a, ...others);
    client = connectNode(a);
    await converged(contextId, nodes);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it("goes on to replicated and stable, and names who has it", async () => {
    const deltaId = await write();
    expect(await client.receipts.get(contextId, deltaId)).toMatchObject({ applied: true, persisted: true });
    const stable = await client.receipts.wait(contextId, deltaId, "stable");
    const others = (await client.contexts.get(contextId)).members.map(({ publicKey }) => publicKey);
    const path = `/admin-api/contexts/${contextId}/identities-owned`;
    const owned = await (nodes[0] as NodeProcess).get<{ readonly identities: readonly string[] }>(path);
    expect(stable).toMatchObject({ replicated: 2, stable: true });
    expect(stable.members.toSorted()).toEqual(others.filter((member) => !owned.identities.includes(member)).toSorted());
  });

  it("is not stable while a member is away, and is when it comes back", async () => {
    await nodes[2]?.kill();
    const deltaId = await write();
    expect(await client.receipts.wait(contextId, deltaId, { replicated: 1 })).toMatchObject({ stable: false });
    const inVain = client.receipts.wait(contextId, deltaId, "stable", { timeoutMs: 1_000 });
    await expect(inVain).rejects.toMatchObject({ name: "ClientError", code: "TIMEOUT" });
    nodes[2] = await cluster.start("c");
    const stable = await client.receipts.wait(contextId, deltaId, "stable", { timeoutMs: 60_000 });
    expect(stable.replicated).toBe(2);
  });

  it("of a delta that is not here is refused", async () => {
    const unknown = "1".repeat(32);
    await expect(client.receipts.get(contextId, unknown)).rejects.toMatchObject({ code: "RECEIPT_UNKNOWN_DELTA" });
  });
});
