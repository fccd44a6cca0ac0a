/** A handler that does not come to an end is dead in the end: told of, run again when asked, given up when asked. */
import { connectNode } from "@dunlin/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, install, openCluster } from "./support/cluster.ts";
import { type NodeProcess, runCommand } from "./support/node-process.ts";
import { until } from "./support/until.ts";

describe("dead letters", () => {
  let cluster: Cluster;
  let process: NodeProcess;

  beforeAll(async () => {
    cluster = openCluster();
    process = await cluster.start("node");
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("are listed, run again and dropped by client and command", async () => {
    const node = connectNode(process);
    const { contextId } = await node.contexts.create(await install(process));
    expect(await node.deadLetters.list(contextId)).toEqual([]);
    await node.call(contextId, "circle", {});
    const dead = () => node.deadLetters.list(contextId);
    const first = await until("the circle is dead", async () => (await dead())[0], {
      deadlineMs: 20_000,
      seen: () => "",
    });
    expect(first).toMatchObject({ handler: "circle", kind: "Poked", code: "HANDLER_DEPTH", attempts: 0 });
    const hits = await node.call<number>(contextId, "value");

    // It runs once more, and what it tells is as deep as before: another letter in place of the first.
    await node.deadLetters.retry(contextId, first);
    const look = async () => (await dead()).find(({ deltaId }) => deltaId !== first.deltaId);
    const second = await until("it ran again", look, { deadlineMs: 20_000, seen: () => "" });
    expect(await node.call(contextId, "value")).toBe(hits + 1);
    await expect(node.deadLetters.retry(contextId, first)).rejects.toMatchObject({ code: "HANDLER_NOT_DEAD" });

    const run = (...args: string[]) => runCommand(["events", ...args, "--home", process.home, "--json"]);
    expect(JSON.parse((await run("dead-letters", contextId)).out)).toEqual([second]);
    expect(await run("drop", contextId, second.deltaId, `${second.event}`)).toMatchObject({ code: 0 });
    expect(await run("drop", contextId, second.deltaId, `${second.event}`)).toMatchObject({ code: 5 });
    expect(await dead()).toEqual([]);
    expect(await node.call(contextId, "value")).toBe(hits + 1);
  });
});
