/** A running node whose disk fails: it says so, keeps what it acknowledged, and goes on when the disk does. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, type Cluster, install, openCluster, shareContext } from "./support/cluster.ts";
import type { NodeProcess } from "./support/node-process.ts";
import { until } from "./support/until.ts";

const STRACE = "/usr/bin/strace";
const FAILURES = [
  ["a full disk", "pwrite64,pwritev", "ENOSPC"],
  ["a device that fails to sync", "fdatasync", "EIO"],
] as const;

describe.each(FAILURES)("%s", (_, calls, error) => {
  let cluster: Cluster;
  let node: NodeProcess;
  let contextId: string;

  beforeAll(async () => {
    cluster = openCluster();
    node = await cluster.start("node");
    contextId = await shareContext(await install(node), node);
  });

  afterAll(() => cluster[Symbol.asyncDispose]());

  it("refuses writes with a code while it lasts, and after that the node takes them again by itself", async (context) => {
    if (!existsSync(STRACE)) context.skip("strace is not installed");
    const acknowledged: string[] = [];
    const codes = new Set<string>();
    const put = async (key: string): Promise<boolean> => {
      const written = await node.execute(contextId, "put", { key, value: key });
      if (written.ok) acknowledged.push(key);
      else codes.add(written.code);
      return written.ok;
    };
    for (let i = 0; i < 20; i++) expect(await put(`before ${i}`)).toBe(true);

    const fault = await failDisk(node.pid, calls, error);
    let tried = 0;
    await until("a write is refused", async () => !(await put(`during ${tried++}`)), { deadlineMs: 20_000 });
    await until("several are", async () => (await put(`during ${tried++}`)) || tried > 5, { deadlineMs: 20_000 });
    expect([...codes]).toEqual(["STORE_WRITE_FAILED"]);
    expect(node.log().filter(({ event }) => event === "shard.store_failed")).not.toEqual([]);
    fault.kill("SIGTERM");
    await once(fault, "exit");

    await until("writes are taken again", () => put(`after ${tried++}`), { deadlineMs: 60_000 });
    expect(node.log().filter(({ event }) => event === "shard.worker_error")).toEqual([]);
    await node.kill();
    await audit(node.home, contextId);
    node = await cluster.start("node");
    const held = new Set(await node.call<string[]>(contextId, "keys"));
    expect(acknowledged.filter((key) => !held.has(key))).toEqual([]);
  });
});

/** Makes these calls of a process and all its threads fail from now on, until it is killed. */
async function failDisk(pid: number, calls: string, error: string): Promise<ChildProcess> {
  const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}`];
  const strace = spawn(STRACE, ["-f", "-o", "/dev/null", "-p", String(pid), ...inject], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  strace.stderr?.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  await until("strace is attached", async () => told.includes("attached"), { deadlineMs: 10_000, seen: () => told });
  return strace;
}
