/** Invitations that are not good, and joins that are cut off: a clear code each time, and a second try that works. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, converged, freePort, install, inviteFor, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

describe("an invitation", () => {
  let cluster: Cluster;
  let a: NodeProcess;
  let b: NodeProcess;
  let contextId: string;
  let applicationId: string;

  beforeAll(async () => {
    cluster = openCluster();
    const network = { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] };
    [a, b] = await Promise.all([cluster.start("a", { network }), cluster.start("b")]);
    applicationId = await install(a, b);
    contextId = await shareContext(applicationId, a);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  const join = (node: NodeProcess, invitationPayload: string) =>
    node.request("POST", "/admin-api/contexts/join", { invitationPayload });
  /** A join that failed leaves no context behind. */
  const expectNothingOf = async (node: NodeProcess): Promise<void> =>
    expect(await node.get("/admin-api/contexts")).toEqual({ contexts: [] });

  it("that is damaged is refused", async () => {
    const payload = await inviteFor(contextId, a, b);
    const damaged = payload.slice(0, -3) + (payload.endsWith("111") ? "222" : "111");
    for (const text of [damaged, payload.slice(5), "0", "hello"]) {
      expect(await join(b, text), text).toMatchObject({ status: 422, body: { code: "INVITATION_INVALID" } });
    }
    await expectNothingOf(b);
  });

  it("for an identity of another node is refused", async () => {
    const payload = await inviteFor(contextId, a, a);
    expect(await join(b, payload)).toMatchObject({ status: 422, body: { code: "INVITATION_NOT_FOR_YOU" } });
    await expectNothingOf(b);
  });

  it("that has expired is refused", async () => {
    const payload = await inviteFor(contextId, a, b, { validForMs: 1 });
    expect(await join(b, payload)).toMatchObject({ status: 422, body: { code: "INVITATION_EXPIRED" } });
    await expectNothingOf(b);
  });

  it("whose redeemer is offline fails with a clear message, and works once it is back", async () => {
    const payload = await inviteFor(contextId, a, b);
    await a.kill();
    const failed = await join(b, payload);
    expect(failed).toMatchObject({ status: 503, body: { code: "NO_PEERS" } });
    expect(failed.body.error).toMatch(/^the inviting node cannot be reached: /);
    await expectNothingOf(b);
    a = await cluster.start("a");
    expect(await join(b, payload)).toMatchObject({ status: 200, body: { data: { contextId } } });
    await converged(contextId, [a, b]);
  });

  it("may be redeemed twice, and adds one member", async () => {
    const c = await cluster.start("c");
    await install(c);
    const payload = await inviteFor(contextId, a, c, { role: "reader" });
    const both = await Promise.all([join(c, payload), join(c, payload)]);
    expect(both).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(await join(c, payload)).toMatchObject({ status: 200, body: { data: { contextId } } });
    const { members } = await c.context(contextId);
    expect(members.map(({ role }) => role).sort()).toEqual(["admin", "reader", "writer"]);

    expect(await c.execute(contextId, "add", { by: 1 })).toMatchObject({ ok: false, code: "ACCESS_DENIED" });
    expect(await c.call(contextId, "value")).toBe(0);
    const invite = { contextId, inviteeId: members[0]?.publicKey };
    expect(await c.request("POST", "/admin-api/contexts/invite", invite)).toMatchObject({
      status: 403,
      body: { code: "ACCESS_DENIED" },
    });
    await c.stop();
  });
});
