/** Blobs between real nodes: put at one, fetched and proven by another, kept through a kill. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, freePort, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";

const BYTES = new Uint8Array(5 * 1024 * 1024 + 77).map((_, at) => (at * 31) % 251);

describe("a blob of a context", () => {
  let cluster: Cluster;
  let giver: NodeProcess;
  let taker: NodeProcess;
  let contextId: string;
  let id: string;

  beforeAll(async () => {
    cluster = openCluster();
    const network = { listen: [`/ip4/127.0.0.1/tcp/${await freePort()}`] };
    [giver, taker] = await Promise.all([cluster.start("giver", { network }), cluster.start("taker")]);
    contextId = await shareContext(await install(giver, taker), giver, taker);
    const put = await giver.raw(`/admin-api/blobs?context_id=${contextId}`, { method: "PUT", body: BYTES });
    id = ((await put.json()) as { data: { blob_id: string } }).data.blob_id;
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  const sameBytes = async (answer: Response): Promise<boolean> =>
    answer.ok && Buffer.compare(Buffer.from(await answer.arrayBuffer()), BYTES) === 0;

  it("is not given away without the context", async () => {
    const answer = await taker.raw(`/admin-api/blobs/${id}`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, "BLOB_NOT_FOUND"]);
  });

  it("comes from the member who has it, and is then there", async () => {
    expect(await sameBytes(await taker.raw(`/admin-api/blobs/${id}?context_id=${contextId}`))).toBe(true);
    expect(await sameBytes(await taker.raw(`/admin-api/blobs/${id}`))).toBe(true);
    const range = await taker.raw(`/admin-api/blobs/${id}`, { headers: { Range: "bytes=1048570-1048590" } });
    expect([...new Uint8Array(await range.arrayBuffer())]).toEqual([...BYTES.subarray(1_048_570, 1_048_591)]);
  });

  it("is kept through a kill, and while a context has it", async () => {
    await taker.kill();
    await giver.kill();
    taker = await cluster.start("taker");
    expect(await sameBytes(await taker.raw(`/admin-api/blobs/${id}`))).toBe(true);
    const removed = await taker.raw(`/admin-api/blobs/${id}`, { method: "DELETE" });
    expect([removed.status, ((await removed.json()) as { code: string }).code]).toEqual([409, "BLOB_IN_USE"]);
  });
});
