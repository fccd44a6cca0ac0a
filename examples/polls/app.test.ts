import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { typedClientSource } from "@dunlin/api";
import { must } from "@dunlin/core/base";
import { buildApplication } from "@dunlin/runtime";
import { type SimulatedNode, simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);
const LUNCH = { id: "lunch", question: "Where to?", options: ["soup", "rice"] };

const vote = (node: SimulatedNode, option: string) => node.call("vote", { id: "lunch", option });

it("counts each member once, however the network was parted", async () => {
  await using sim = await simulate(APP, { seed: 7 });
  await sim.node(0).call("open", LUNCH);
  await sim.converge();
  sim.partition([0, 1], [2, 3, 4]);
  await Promise.all(sim.nodes.map((node) => vote(node, node.index < 3 ? "soup" : "rice")));
  await vote(sim.node(0), "rice");
  await sim.node(4).call("withdraw", { id: "lunch" });
  sim.heal();
  await sim.converge();
  for (const node of sim.nodes) expect(await node.call("results", { id: "lunch" })).toEqual({ soup: 2, rice: 2 });
  expect(await sim.node(0).call("mine", { id: "lunch" })).toBe("rice");
  expect(await sim.node(4).call("mine", { id: "lunch" })).toBeNull();
});

it("lets alone who opened a poll close it, and takes no votes from then on", async () => {
  await using sim = await simulate(APP, { nodes: 3 });
  await sim.node(1).call("open", LUNCH);
  await sim.converge();
  await expect(sim.node(0).call("close", { id: "lunch" })).rejects.toMatchObject({ applicationCode: "POLL_FOREIGN" });
  await expect(vote(sim.node(0), "cake")).rejects.toMatchObject({ applicationCode: "POLL_OPTIONS" });
  await sim.node(1).call("close", { id: "lunch" });
  await sim.converge();
  await expect(vote(sim.node(2), "soup")).rejects.toMatchObject({ applicationCode: "POLL_CLOSED" });
  expect(await sim.node(2).call("list")).toEqual([{ id: "lunch", question: "Where to?", isClosed: true }]);
});

it("has the client that its interface says, which the compiler checks", async () => {
  const built = await buildApplication(fileURLToPath(APP));
  const { name, abi } = must(built.ok ? built.value : undefined, "it builds");
  // As the formatter leaves it.
  const plain = (source: string): string => source.replace(/[\s;,()]/g, "");
  const committed = await readFile(new URL("client.ts", import.meta.url), "utf8");
  expect(plain(committed)).toBe(plain(typedClientSource(name, abi)));
});
