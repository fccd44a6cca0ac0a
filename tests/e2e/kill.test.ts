/** kill -9, again and again, with calls in flight: what was acknowledged is there, on every node, and no call is half. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type Cluster, converged, freePort, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

/** `npm run verify` sets more. */
const KILLS = Number(process.env["DUNLIN_KILLS"] ?? 3);
const CLIENTS = 8;
/** Acknowledged writes before the kill: another number each time, so that it hits another moment. */
const WRITES_BEFORE_KILL = [1, 40, 150, 7, 400];

describe("a node that is killed while calls are in flight", () => {
  let cluster: Cluster;
  let victim: NodeProcess;
  let witness: NodeProcess;
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    const network = { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] };
    [victim, witness] = await Promise.all([cluster.start("victim"), cluster.start("witness", { network })]);
    const applicationId = await install(witness, victim);
    contextId = await shareContext(applicationId, witness, victim);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it(`holds every acknowledged write after each of ${KILLS} kills, and converges`, async () => {
    const acknowledged: string[] = [];
    const asked = new Set<string>();
    for (let round = 0; round < KILLS; round++) {
      const enough = acknowledged.length + (WRITES_BEFORE_KILL[round % WRITES_BEFORE_KILL.length] ?? 1);
      let isKilled = false;
      const node = victim;
      const clients = Array.from({ length: CLIENTS }, async (_, client) => {
        for (let i = 0; ; i++) {
          const key = `${round}.${client}.${i}`;
          asked.add(key);
          const written = await node.execute(contextId, "put", { key, value: key });
          if (!written.ok) return expect(written.code).toBe("NO_ANSWER");
          acknowledged.push(key);
          if (acknowledged.length < enough || isKilled) continue;
          isKilled = true;
          void node.kill();
        }
      });
      await Promise.all(clients);
      expect((await node.kill()).signal).toBe("SIGKILL");
      await audit(node.home, contextId);

      victim = await cluster.start("victim");
      const held = new Set(await victim.call<string[]>(contextId, "keys"));
      expect(acknowledged.filter((key) => !held.has(key))).toEqual([]);
      expect([...held].filter((key) => !asked.has(key))).toEqual([]);
      await victim.call(contextId, "add", { by: 1 });
    }
    await converged(contextId, [victim, witness]);
    const witnessed = new Set(await witness.call<string[]>(contextId, "keys"));
    expect(acknowledged.filter((key) => !witnessed.has(key))).toEqual([]);
    expect(await witness.call(contextId, "value")).toBe(KILLS);
    const roots = await Promise.all([victim, witness].map((node) => audit(node.home, contextId)));
    expect(new Set(roots.map(({ root }) => root)).size).toBe(1);
  });
});
