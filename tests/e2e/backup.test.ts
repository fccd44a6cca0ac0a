/** A backup taken while calls are in flight, restored after the node was killed: it rejoins, as another actor. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type Cluster, converged, freePort, install, openCluster, shareContext } from "./support/cluster.ts";
import { type Ended, type NodeProcess, runCommand, startNode } from "./support/node-process.ts";

const CLIENTS = 4;

const codeOf = ({ err }: Ended): string =>
  (JSON.parse(err.trim().split("\n").at(-1) ?? "") as { error: { code: string } }).error.code;

describe("a node that is backed up while it is written to", () => {
  let cluster: Cluster;
  let node: NodeProcess;
  let witness: NodeProcess;
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    const network = { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] };
    [node, witness] = await Promise.all([cluster.start("node"), cluster.start("witness", { network })]);
    const applicationId = await install(witness, node);
    contextId = await shareContext(applicationId, witness, node);
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("comes back from it, takes in what it had done since, and never speaks as it did before", async () => {
    const folder = join(cluster.folder, "backup");
    let isOver = false;
    const written = new Set<string>();
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let i = 0; !isOver; i++) {
        const key = `${client}.${i}`;
        const put = await node.execute(contextId, "put", { key, value: key });
        if (put.ok) written.add(key);
      }
    });
    while (written.size < 50) await new Promise((resolve) => setTimeout(resolve, 10));
    const taken = await runCommand(["backup", folder, "--home", node.home, "--json"]);
    expect(taken, taken.err).toMatchObject({ code: 0 });
    expect(JSON.parse(taken.out)).toMatchObject({ folder, missing: [], program: "0.1.0" });
    const atBackup = written.size;
    while (written.size < atBackup + 50) await new Promise((resolve) => setTimeout(resolve, 10));
    isOver = true;
    await Promise.all(clients);
    await node.call(contextId, "add", { by: 3 });
    await converged(contextId, [node, witness]);
    await node.kill();

    // Over what is there nothing is restored; in its place the inode may be the same one again.
    const refused = await runCommand(["restore", folder, "--home", node.home, "--json"]);
    expect(codeOf(refused)).toBe("FOLDER_NOT_EMPTY");
    rmSync(node.home, { recursive: true });
    const restored = await runCommand(["restore", folder, "--home", node.home, "--json"]);
    expect(restored, restored.err).toMatchObject({ code: 0 });
    await audit(node.home, contextId);

    // It writes before anybody could tell it what it has written since, from where it was then.
    await witness.kill();
    node = await startNode(node.home);
    await node.call(contextId, "add", { by: 4 });
    await node.call(contextId, "put", { key: "after", value: "after" });
    witness = await cluster.start("witness");
    try {
      await converged(contextId, [node, witness]);
      expect(await node.call(contextId, "value")).toBe(7);
      const keys = new Set(await node.call<string[]>(contextId, "keys"));
      expect([...written, "after"].filter((key) => !keys.has(key))).toEqual([]);
      for (const one of [node, witness]) {
        const [context] = (await one.status()).contexts;
        expect(context).toMatchObject({ equivocations: [] });
      }
      const audits = await Promise.all([node, witness].map((one) => audit(one.home, contextId)));
      expect(new Set(audits.map(({ root }) => root)).size).toBe(1);
    } finally {
      await node.kill();
    }
  });
});
