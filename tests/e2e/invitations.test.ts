/** Invitations that are not good, and joins that are cut off: a clear code each time, and a second try that works. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, converged, freePort, install, inviteFor, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

describe("an invitation", () => {
  let cluster: Cluster;
  let a: NodeProcess;
  let b: NodeProcess;
  /** Joins last. */
  let e: NodeProcess;
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

  it("that is open lets in whoever has it, as often as it says", async () => {
    const open = { contextId, validForBlocks: 60 };
    const invitation = await a.post<{ ticket: string }>("/admin-api/contexts/invite_by_open_invitation", open);
    const d = await cluster.start("d");
    e = await cluster.start("e");
    await install(d);
    const { publicKey } = await d.post<{ publicKey: string }>("/admin-api/identity/context");
    const joining = { invitation, newMemberPublicKey: publicKey };
    expect(await d.post("/admin-api/contexts/join_by_open_invitation", joining)).toEqual({
      contextId,
      memberPublicKey: publicKey,
    });
    expect(await join(e, invitation.ticket)).toMatchObject({ status: 422, body: { code: "INVITATION_USED" } });
    await expectNothingOf(e);
    const uses = { contextId, uses: 2, inviteeId: publicKey };
    expect(await a.request("POST", "/admin-api/contexts/invite", uses)).toMatchObject({
      status: 400,
      body: { code: "PARAMS_INVALID" },
    });
    await d.stop();
  });

  it("may name another admin's node, which lets in while the inviter is away", async () => {
    const invite = (redeemerId: string) => a.request("POST", "/admin-api/contexts/invite", { contextId, redeemerId });
    const [own] = (await b.get<{ identities: string[] }>(`/admin-api/contexts/${contextId}/identities-owned`))
      .identities;
    expect(await invite(own ?? "")).toMatchObject({ status: 403, body: { code: "ACCESS_DENIED" } });
    await a.post("/admin-api/contexts/role", { contextId, memberId: own, role: "admin" });
    await converged(contextId, [a, b]);
    const { body } = await invite(own ?? "");
    await a.kill();
    expect(await join(e, String(body.data))).toMatchObject({ status: 200, body: { data: { contextId } } });
    await converged(contextId, [b, e]);
    a = await cluster.start("a");
    await converged(contextId, [a, b, e]);
    expect((await a.context(contextId)).members).toHaveLength(5);
    await b.stop();
    expect(await invite(own ?? "")).toMatchObject({ status: 409, body: { code: "REDEEMER_NOT_CONNECTED" } });
  });
});
