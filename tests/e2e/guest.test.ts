/** An application that keeps its state itself, on real nodes: concurrent calls, a crash, a late join. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { wat } from "../../packages/runtime/src/testing/wat.ts";
import { audit, type Cluster, converged, joinContext, openCluster } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

/** Assembles a fixture, and gives what installs it at a node. */
function assembled(cluster: Cluster, name: string): (node: NodeProcess) => Promise<string> {
  const path = join(cluster.folder, `${name}.wasm`);
  writeFileSync(
    path,
    wat(readFileSync(new URL(`../../packages/runtime/fixtures/${name}.wat`, import.meta.url), "utf8")),
  );
  return async (node) =>
    (await node.post<{ applicationId: string }>("/admin-api/install-dev-application", { path })).applicationId;
}

it("a guest's state is the same on every node, whoever called, crashed or came late", async () => {
  await using cluster = openCluster();
  const install = assembled(cluster, "appender");
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const applicationId = await install(a);
  await install(b);
  const { contextId } = await a.post<{ contextId: string }>("/admin-api/contexts", { applicationId });
  const append = (node: NodeProcess): Promise<unknown> => node.call(contextId, "append", { x: 1 });
  await append(a);
  await joinContext(contextId, a, b);
  expect(await b.call(contextId, "text")).toBe("{");

  // What each has set for its own calls goes with them, and changes nothing of what the others hold.
  const limit = (node: NodeProcess, registersMax: number): Promise<unknown> =>
    node.post(`/admin-api/contexts/${contextId}/limits`, { changes: { registersMax, guestFuel: 1_000_000 } });
  await limit(b, 1);
  expect(await b.execute(contextId, "append", {})).toMatchObject({ ok: false, code: "GUEST_TRAP" });
  await Promise.all([limit(a, 3), limit(b, 4)]);
  const { limits } = await b.get<{ limits: unknown }>(`/admin-api/contexts/${contextId}/limits`);
  expect(limits).toMatchObject({ registersMax: 4, guestFuel: 1_000_000 });

  // Each letter is a repeated call or, where nodes called at the same time, an applied artifact.
  await Promise.all([append(a), append(b), append(a), append(b)]);
  await converged(contextId, [a, b]);
  const text = await a.call<string>(contextId, "text");
  expect(text).toMatch(/^\{[{[]{4}$/);
  expect(await b.call(contextId, "text")).toBe(text);

  // A call that returns an error, or never commits, changes nothing; its event is told all the same.
  expect(await a.execute(contextId, "append_and_fail", {})).toMatchObject({ ok: false, code: "APPLICATION_ERROR" });
  const { deltas } = await a.context(contextId);
  expect((await a.execute(contextId, "look", {})).ok).toBe(true);
  expect((await a.context(contextId)).deltas).toBe(deltas + 1);
  expect(await a.call(contextId, "text")).toBe(text);
  expect(await a.execute(contextId, "__calimero_sync_next", {})).toMatchObject({ code: "METHOD_NOT_FOUND" });

  await b.kill();
  await append(a);
  const again = await cluster.start("b");
  const late = await cluster.start("c");
  await install(late);
  await joinContext(contextId, a, late);
  await append(late);
  await converged(contextId, [a, again, late]);
  const texts = await Promise.all([a, again, late].map((node) => node.call(contextId, "text")));
  expect(texts[0]).toHaveLength(7);
  expect(new Set(texts).size).toBe(1);
  const contexts = await Promise.all([a, again, late].map((node) => node.context(contextId)));
  expect(new Set(contexts.map(({ guestRoot }) => guestRoot)).size).toBe(1);
  for (const node of [a, again, late]) {
    await node.stop();
    await audit(node.home, contextId);
  }
});

it("a guest's blob comes to the member whose call reads it, and stays there", async () => {
  await using cluster = openCluster();
  const install = assembled(cluster, "blobs");
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const applicationId = await install(a);
  await install(b);
  const { contextId } = await a.post<{ contextId: string }>("/admin-api/contexts", { applicationId });
  await joinContext(contextId, a, b);
  const content = { text: "x".repeat(3000) };
  await a.call(contextId, "keep", content);
  await converged(contextId, [a, b]);
  // A handler on the member's node reads it first, and keeps what it read to that node.
  await expect.poll(() => b.call(contextId, "seen"), { timeout: 30_000 }).toEqual(content);
  await a.kill();
  expect(await b.call(contextId, "show")).toEqual(content);
});
