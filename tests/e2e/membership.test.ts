/** Roles changed and members removed while their nodes run: who is removed does, and reads, nothing more. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type Cluster, converged, install, joinContext, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";
import { until } from "./support/until.ts";

describe("a member", () => {
  let cluster: Cluster;
  let [a, b]: NodeProcess[] = [];
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
    const applicationId = await install(a as NodeProcess, b as NodeProcess);
    contextId = await shareContext(applicationId, a as NodeProcess);
    await joinContext(contextId, a as NodeProcess, b as NodeProcess);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it("loses its right to write, gets it back, and is removed", async () => {
    const [admin, other] = [a, b] as [NodeProcess, NodeProcess];
    const [own] = (await admin.get<{ identities: string[] }>(`/admin-api/contexts/${contextId}/identities-owned`))
      .identities;
    const [theirs] = (await other.get<{ identities: string[] }>(`/admin-api/contexts/${contextId}/identities-owned`))
      .identities;
    const role = (memberId: string | undefined, name: string) =>
      admin.request("POST", "/admin-api/contexts/role", { contextId, memberId, role: name });
    const written = (ok: boolean) =>
      until(`the other member ${ok ? "may" : "may not"} write`, async () => {
        const put = await other.execute(contextId, "put", { key: "by other", value: "x" });
        return put.ok === ok ? true : undefined;
      });
    await written(true);
    expect(await role(theirs, "reader")).toMatchObject({ status: 200 });
    await written(false);
    expect(await role(theirs, "writer")).toMatchObject({ status: 200 });
    await written(true);
    await converged(contextId, [admin, other]);

    expect(await role(own, "reader")).toMatchObject({ status: 409, body: { code: "LAST_ADMIN" } });
    const remove = { contextId, memberId: theirs };
    const byOther = await other.request("POST", "/admin-api/contexts/remove-member", { contextId, memberId: own });
    expect(byOther).toMatchObject({ status: 403, body: { code: "ACCESS_DENIED" } });
    expect(await admin.request("POST", "/admin-api/contexts/remove-member", remove)).toMatchObject({ status: 200 });
    await written(false);
    expect(await admin.request("POST", "/admin-api/contexts/remove-member", remove)).toMatchObject({
      status: 404,
      body: { code: "MEMBER_UNKNOWN" },
    });
    await admin.execute(contextId, "put", { key: "secret", value: "after" });
    expect(await admin.call(contextId, "get", { key: "secret" })).toBe("after");
    expect(await other.call(contextId, "get", { key: "secret" })).toBeNull();
    await other.stop();
    await admin.stop();
    expect((await audit(admin.home, contextId)).deltas).toBeGreaterThan(6);
  });
});
