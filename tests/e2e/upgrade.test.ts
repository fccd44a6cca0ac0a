/** A context's application, changed by an admin: every member's node runs the new one, on the state that was there. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { expect, it } from "vitest";
import { writeMpk } from "../../packages/runtime/src/mpk/write-mpk.ts";
import { wat } from "../../packages/runtime/src/testing/wat.ts";
import { audit, converged, install, joinContext, openCluster, shareContext } from "./support/cluster.ts";
import { type NodeProcess, runCommand } from "./support/node-process.ts";
import { until } from "./support/until.ts";

const SECOND = fileURLToPath(new URL("./applications/shared-2.ts", import.meta.url));
const THIRD = fileURLToPath(new URL("./applications/shared-3.ts", import.meta.url));
const APPENDER = new URL("../../packages/runtime/fixtures/appender.wat", import.meta.url);

async function installed(node: NodeProcess, path: string): Promise<string> {
  return (await node.post<{ applicationId: string }>("/admin-api/install-dev-application", { path })).applicationId;
}

const upgrade = (node: NodeProcess, contextId: string, applicationId: string) =>
  node.request("POST", `/admin-api/contexts/${contextId}/application`, { applicationId });

const runs = (node: NodeProcess, contextId: string, applicationId: string) =>
  until("the node has learnt of the upgrade", async () => {
    return (await node.context(contextId)).applicationId === applicationId ? true : undefined;
  });

it("an upgrade reaches every member, who calls it once it is installed there, and finds the state", async () => {
  await using cluster = openCluster();
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const first = await install(a, b);
  const contextId = await shareContext(first, a, b);
  await b.call(contextId, "put", { key: "by", value: "the first" });
  await b.call(contextId, "add", { by: 5 });
  await converged(contextId, [a, b]);

  // No writer may, and nothing that is not there.
  const second = await installed(b, SECOND);
  expect(await upgrade(b, contextId, second)).toMatchObject({ status: 403, body: { code: "ACCESS_DENIED" } });
  expect(await upgrade(a, contextId, second)).toMatchObject({ status: 404, body: { code: "APPLICATION_NOT_FOUND" } });

  const c = await cluster.start("c");
  const bundle = join(a.home, "applications", must(readdirSync(join(a.home, "applications"))[0], "a bundle"));
  await installed(c, bundle);
  await joinContext(contextId, a, c);
  const { code, out } = await runCommand(["context", "upgrade", contextId, SECOND, "--home", a.home, "--json"]);
  expect([code, JSON.parse(out)]).toEqual([0, { contextId, applicationId: second, migrated: false }]);
  expect(await a.call(contextId, "all")).toEqual({ by: "the first" });
  await a.call(contextId, "put", { key: "more", value: "by the second" });

  // A node that has it goes on by itself; one that has not says so, takes part, and goes on once it has.
  await runs(b, contextId, second);
  await converged(contextId, [a, b, c]);
  expect(await b.call(contextId, "puts")).toBe(1);
  const refused = await c.execute(contextId, "get", { key: "by" });
  expect(refused).toMatchObject({ ok: false, code: "APPLICATION_NOT_FOUND" });
  expect(refused).toMatchObject({ message: expect.stringMatching(/upgraded the context, .*dunlin app install/) });
  expect(c.log().map(({ event }) => event)).toEqual(
    expect.arrayContaining(["context.upgraded", "context.calls_refused"]),
  );
  await installed(c, SECOND);
  expect(await c.call(contextId, "all")).toEqual({ by: "the first", more: "by the second" });

  // Back again, as anything else; and a restart changes nothing.
  expect(await upgrade(a, contextId, first)).toMatchObject({ status: 200 });
  await runs(b, contextId, first);
  expect((await b.execute(contextId, "puts")).ok).toBe(false);
  await b.stop();
  const again = await cluster.start("b");
  expect((await again.context(contextId)).applicationId).toBe(first);
  expect(await again.call(contextId, "get", { key: "more" })).toBe("by the second");
  // A field that the second did not declare was kept meanwhile.
  expect(await again.call(contextId, "value")).toBe(5);
  await converged(contextId, [a, again, c]);
  for (const node of [a, again, c]) {
    await node.stop();
    await audit(node.home, contextId);
  }
});

it("migrates once what the version before left, says before what that will do, and keeps calls away until it is done", async () => {
  await using cluster = openCluster();
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const first = await install(a, b);
  const contextId = await shareContext(first, a, b);
  await a.call(contextId, "put", { key: "one", value: "a line" });
  await b.call(contextId, "put", { key: "two", value: "not to be migrated" });
  await converged(contextId, [a, b]);
  const [third] = await Promise.all([a, b].map((node) => installed(node, THIRD)));
  const path = `/admin-api/contexts/${contextId}/application`;
  const told = await a.request("POST", path, { applicationId: third, dryRun: true });
  expect(told.body).toMatchObject({ error: expect.stringContaining("two is not to be migrated") });

  // A migration that fails leaves the context upgraded, its state as it was, and calls refused on every node.
  expect((await upgrade(a, contextId, must(third, "an id"))).body.code).toBe("APPLICATION_ERROR");
  await runs(b, contextId, must(third, "an id"));
  for (const node of [a, b]) {
    expect(await node.execute(contextId, "measured")).toMatchObject({ ok: false, code: "MIGRATION_DUE" });
  }
  expect(await upgrade(a, contextId, first)).toMatchObject({ status: 200 });
  await runs(b, contextId, first);
  await b.call(contextId, "put", { key: "two", value: "two" });
  await converged(contextId, [a, b]);

  const foreseen = await runCommand(["context", "upgrade", contextId, THIRD, "--dry-run", "--home", a.home]);
  expect(foreseen.out.trim().split("\n")).toEqual([
    'entries.one: "a line" -> nothing',
    'entries.two: "two" -> nothing',
    'measured.one: nothing -> {"length":6,"text":"a line"}',
    'measured.two: nothing -> {"length":3,"text":"two"}',
    'from: null -> "1.0.0"',
  ]);
  expect((await a.context(contextId)).applicationId).toBe(first);
  expect(await upgrade(a, contextId, must(third, "an id"))).toMatchObject({ body: { data: { migrated: true } } });
  expect(await upgrade(a, contextId, must(third, "an id"))).toMatchObject({ body: { data: { migrated: false } } });
  await converged(contextId, [a, b]);
  for (const node of [a, b]) {
    expect(await node.call(contextId, "measured")).toEqual({
      one: { text: "a line", length: 6 },
      two: { text: "two", length: 3 },
    });
    expect(await node.call(contextId, "from")).toBe("1.0.0");
  }
});

it("a guest's log is folded by the new module, and only its signer's may follow a signed one", async () => {
  await using cluster = openCluster();
  const crypto = createCrypto();
  const text = readFileSync(APPENDER, "utf8");
  const write = (name: string, source: string, by?: number): string => {
    const parts = { package: "appender", name, appVersion: name, minRuntimeVersion: "0.1.0", module: wat(source) };
    const packed = writeMpk(parts, by === undefined ? undefined : crypto.createSigner(new Uint8Array(32).fill(by)));
    if (!packed.ok) throw new Error(packed.error.message);
    writeFileSync(join(cluster.folder, name), packed.value);
    return join(cluster.folder, name);
  };
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const one = write("one.mpk", text, 1);
  const first = await installed(a, one);
  await installed(b, one);
  const contextId = await shareContext(first, a, b);
  await a.call(contextId, "append", { x: 1 });
  await b.call(contextId, "append", { x: 1 });
  await converged(contextId, [a, b]);
  expect(await a.call(contextId, "text")).toMatch(/^\{[{[]$/);

  const two = write("two.mpk", `${text.trimEnd().slice(0, -1)} (func (export "more")))`, 1);
  const [second] = [await installed(a, two), await installed(b, two)];
  expect(await upgrade(a, contextId, second)).toMatchObject({ status: 200 });
  await runs(b, contextId, second);
  for (const node of [a, b]) {
    expect(await node.call(contextId, "more")).toBeNull();
    expect(await node.call(contextId, "text")).toMatch(/^\{[{[]$/);
  }
  await Promise.all([a.call(contextId, "append", { x: 1 }), b.call(contextId, "append", { x: 1 })]);
  await converged(contextId, [a, b]);
  const texts = await Promise.all([a, b].map((node) => node.call<string>(contextId, "text")));
  expect([texts[0]?.length, texts[0]]).toEqual([4, texts[1]]);

  const script = await installed(a, SECOND);
  expect(await upgrade(a, contextId, script)).toMatchObject({ status: 409, body: { code: "MPK_UPGRADE_REFUSED" } });
  expect((await a.context(contextId)).applicationId).toBe(second);
});
