/** Handlers of events run where their policy says, once, whatever is killed in between. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type Cluster, converged, freePort, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";
import { until } from "./support/until.ts";

/** `npm run verify` sets more. */
const KILLS = Number(process.env["DUNLIN_KILLS"] ?? 2);
const POKES = 12;

describe("handlers of three nodes", () => {
  let cluster: Cluster;
  let nodes: NodeProcess[];
  let contextId: string;
  let pokes = 0;

  beforeAll(async () => {
    cluster = openCluster();
    const network = { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] };
    nodes = await Promise.all([cluster.start("teller", { network }), cluster.start("victim"), cluster.start("other")]);
    const [teller, victim, other] = nodes as [NodeProcess, NodeProcess, NodeProcess];
    const applicationId = await install(teller, victim, other);
    contextId = await shareContext(applicationId, teller, victim, other);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  const handled = async (node: NodeProcess): Promise<number[]> =>
    Promise.all(["onReceivers", "onAuthor", "onOne"].map((by) => node.call<number>(contextId, "handled", { by })));

  /** `one` may run more than once when the node that is to run it goes away: the next one cannot know how far it came. */
  async function allHandled(isOneExact: boolean): Promise<void> {
    let seen: number[][] = [];
    const isDone = ([receivers, author, one]: readonly number[]): boolean =>
      receivers === 2 * pokes && author === pokes && (isOneExact ? one === pokes : (one ?? 0) >= pokes);
    const look = async (): Promise<boolean> => {
      seen = await Promise.all(nodes.map(handled));
      return seen.every(isDone);
    };
    await until("every event is handled", look, { deadlineMs: 60_000, seen: () => seen });
    await converged(contextId, nodes);
    expect(await Promise.all(nodes.map(handled)).then((all) => all.every(isDone))).toBe(true);
  }

  it("run on all but the author, on the author alone, or on one", async () => {
    for (; pokes < POKES; pokes++) await nodes[0]?.call(contextId, "poke", {});
    await allHandled(true);
  });

  it(`run once each through ${KILLS} kills of a node that handles`, async () => {
    for (let round = 0; round < KILLS; round++) {
      const [teller, victim] = nodes as [NodeProcess, NodeProcess];
      const enough = pokes + POKES;
      for (; pokes < enough; pokes++) {
        await teller.call(contextId, "poke", {});
        // In the middle of what it handles, at another moment each time.
        if (enough - pokes === 2 + round) void victim.kill();
      }
      expect((await victim.kill()).signal).toBe("SIGKILL");
      nodes[1] = await cluster.start("victim");
    }
    await allHandled(false).catch(async (thrown) => {
      for (const node of nodes) console.log(JSON.stringify(await node.get(`/admin-api/contexts/${contextId}/dead-letters`)), JSON.stringify(await node.context(contextId)).slice(0, 1500));
      for (const node of nodes) console.log(node.log().slice(-30).map((l) => JSON.stringify(l)).join("\n"));
      throw thrown;
    });
    const roots = await Promise.all(nodes.map((node) => audit(node.home, contextId)));
    expect(new Set(roots.map(({ root }) => root)).size).toBe(1);
  });
});
