/** What applications do beside the state, on a real node: what stays there, who is present, calls of other contexts. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openCluster } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";
import { until } from "./support/until.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../packages/sdk/fixtures/${name}.ts`, import.meta.url));

async function contextOf(node: NodeProcess, name: string): Promise<string> {
  const path = "/admin-api/install-dev-application";
  const { applicationId } = await node.post<{ applicationId: string }>(path, { path: fixture(name) });
  return (await node.post<{ contextId: string }>("/admin-api/contexts", { applicationId })).contextId;
}

it("keeps what is local over a kill, shows presence outside, and calls what another context exposes", async () => {
  await using cluster = openCluster();
  let node = await cluster.start("a");
  const [local, caller, listener] = [
    await contextOf(node, "local"),
    await contextOf(node, "caller"),
    await contextOf(node, "listener"),
  ];
  const deltas = async (): Promise<number> => (await node.context(local)).deltas;
  const before = await deltas();
  await node.call(local, "write", { page: "day", words: "rain" });
  expect(await deltas()).toBe(before);

  await node.call(caller, "tell", { to: listener, words: "hello" });
  const said = await until("the other context was called", async () => {
    const heard = await node.call(listener, "said");
    return Array.isArray(heard) && heard.length > 0 ? heard : undefined;
  });
  expect(said).toEqual([{ from: caller, words: "hello" }]);
  const shown = await node.request("GET", `/admin-api/contexts/${caller}/presence`);
  expect(JSON.stringify(shown.body)).toContain('"hello"');

  await node.call(caller, "whisper", { to: listener });
  await until("the call that is not exposed is told of", async () =>
    node.log().find(({ event, code }) => event === "application.follow_failed" && code === "METHOD_NOT_FOUND"),
  );
  expect(await node.execute(caller, "roundTrip", { to: caller })).toMatchObject({ ok: false });

  await node.kill();
  node = await cluster.start("a");
  expect(await node.call(local, "draft", { page: "day" })).toBe("rain");
  expect(await node.call(local, "write", { page: "day", words: ", sun" })).toBe("rain, sun");
  expect(await node.call(listener, "said")).toHaveLength(1);
});
