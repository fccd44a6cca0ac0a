/** What applications do beside the state, on a real node: what stays there, who is present, calls of other contexts. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { converged, openCluster, shareContext } from "./support/cluster.ts";
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

it("refers by a call to what was uploaded, gives it to another member, and lets it go with the last file", async () => {
  await using cluster = openCluster();
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const path = "/admin-api/install-dev-application";
  const source = fileURLToPath(new URL("../../examples/files/app.ts", import.meta.url));
  const { applicationId } = await a.post<{ applicationId: string }>(path, { path: source });
  await b.post(path, { path: source });
  const contextId = await shareContext(applicationId, a, b);
  const content = new Uint8Array(2 * 1024 * 1024 + 5).map((_, at) => (at * 7) % 251);
  const put = await a.raw("/admin-api/blobs", { method: "PUT", body: content });
  const { blob_id: blob } = ((await put.json()) as { data: { blob_id: string } }).data;
  const id = await a.call(contextId, "add", { name: "large", blob });
  await converged(contextId, [a, b]);
  const start = 1024 * 1024 - 2;
  const read = await b.call(contextId, "read", { id, start, end: start + 4 });
  expect(read).toEqual({ $bytes: Buffer.from(content.subarray(start, start + 4)).toString("hex") });
  const here = (node: NodeProcess) => node.raw(`/admin-api/blobs/${blob}`, { method: "HEAD" });
  expect([(await here(a)).status, (await here(b)).status]).toEqual([200, 200]);
  await b.call(contextId, "remove", { id });
  for (const node of [a, b]) {
    await until("the blob is gone", async () => ((await here(node)).status === 404 ? true : undefined));
  }
});
