/** Applications that do what they must not: their call fails with its code and leaves nothing; all else goes on. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type Cluster, converged, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";
import { until } from "./support/until.ts";

/** What a call may do is reached long before the time that it may take, however busy the machine is. */
const LIMITS = { callTimeMs: 60_000, callFuel: 300_000_000 };

describe("a hostile application", () => {
  let cluster: Cluster;
  let a: NodeProcess;
  let b: NodeProcess;
  let contextId: string;
  let otherId: string;

  beforeAll(async () => {
    cluster = openCluster();
    const config = { limits: LIMITS };
    [a, b] = await Promise.all([cluster.start("a", config), cluster.start("b", config)]);
    const applicationId = await install(a, b);
    contextId = await shareContext(applicationId, a, b);
    otherId = await shareContext(applicationId, a);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it.each([
    ["throwLate", "APPLICATION_ERROR"],
    ["spin", "FUEL_LIMIT"],
    ["holdUp", "FUEL_LIMIT"],
    ["hoard", "MEMORY_LIMIT"],
    ["nest", "STACK_LIMIT"],
    ["hugeAnswer", "LIMIT_EXCEEDED"],
    ["hugeWrite", "TRANSACTION_TOO_LARGE"],
    ["noSuchMethod", "METHOD_NOT_FOUND"],
  ])("%s ends with %s and no effect", async (method, code) => {
    const before = await a.context(contextId);
    expect(await a.execute(contextId, method)).toMatchObject({ ok: false, code });
    const after = await a.context(contextId);
    expect([after.rootHash, after.deltas]).toEqual([before.rootHash, before.deltas]);
    expect(await a.call(contextId, "value")).toBe(0);
  });

  it("names the author's file and line", async () => {
    const thrown = await a.execute(contextId, "throwLate");
    expect(thrown).toMatchObject({ message: expect.stringMatching(/^as the test wants it \(shared\.ts:\d+:\d+\)$/) });
  });

  it("is ended within a built-in that never ends, in its worker, and the calls behind it run", async () => {
    const { rootHash, deltas } = await a.context(contextId);
    const held = a.execute(contextId, "holdUp");
    await until("the call holds up the worker", () => a.request("GET", "/admin-api/health"));
    const behind = a.execute(otherId, "add", { by: 3 });
    expect(await held).toMatchObject({ ok: false, code: "FUEL_LIMIT" });
    expect(await behind).toMatchObject({ ok: true, output: 3 });
    expect(await a.context(contextId)).toMatchObject({ rootHash, deltas });
    expect(a.log().filter(({ event }) => event === "shard.call_overran")).toEqual([]);
  });

  it("does not keep its node from its peers: they connect and converge again", async () => {
    await b.call(contextId, "add", { by: 1 });
    await a.call(contextId, "add", { by: 2 });
    await converged(contextId, [a, b]);
    for (const node of [a, b]) expect(await node.call(contextId, "value")).toBe(3);
  });

  it("does not keep its node from stopping, and leaves a sound store", async () => {
    const held = a.execute(contextId, "holdUp");
    await until("the call has begun", () => a.request("GET", "/admin-api/health"));
    const ended = await a.stop();
    expect(ended.code).toBe(0);
    expect((await held).ok).toBe(false);
    await audit(a.home, contextId);
    await audit(a.home, otherId);
  });
});
