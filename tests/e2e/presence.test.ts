/** Presence between real nodes: shown, told of over the socket, gone with a leave and with its time. */
import { connectNode, type NodeClient } from "@dunlin/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Cluster, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

describe("presence", () => {
  let cluster: Cluster;
  let clients: [NodeClient, NodeClient];
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    const [a, b] = [await cluster.start("a"), await cluster.start("b")] as [NodeProcess, NodeProcess];
    contextId = await shareContext(await install(a, b), a, b);
    clients = [connectNode(a), connectNode(b)];
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it("reaches the other node, is told of as it changes, and goes", async () => {
    const [a, b] = clients;
    const stop = new AbortController();
    const seen: [boolean, unknown][] = [];
    const watching = (async () => {
      const onPresence = ({ present, data }: { readonly present: boolean; readonly data: unknown }) =>
        seen.push([present, data]);
      for await (const _ of b.watch([contextId], { signal: stop.signal, WebSocket, onPresence }));
    })();
    const cursor = (at: number) => ({ cursor: at });
    // The subscription has no echo: it is said until it is told of.
    await expect
      .poll(
        async () => {
          await a.presence.set(contextId, cursor(1));
          return seen;
        },
        { timeout: 20_000 },
      )
      .toContainEqual([true, cursor(1)]);
    const [there] = await b.presence.list(contextId);
    expect(there?.data).toEqual(cursor(1));
    expect((await b.contexts.get(contextId)).members.map(({ publicKey }) => publicKey)).toContain(there?.publicKey);
    await a.presence.leave(contextId);
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toEqual([false, null]);
    await a.presence.set(contextId, cursor(2), { ttlMs: 1_000 });
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toEqual([true, cursor(2)]);
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toEqual([false, null]);
    expect(await b.presence.list(contextId)).toEqual([]);
    await expect(a.presence.set(contextId, "x".repeat(5_000))).rejects.toMatchObject({ code: "PRESENCE_TOO_LARGE" });
    stop.abort();
    await watching;
  });
});
