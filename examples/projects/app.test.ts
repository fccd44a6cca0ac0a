import { type Simulation, simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);

async function addTasks(sim: Simulation): Promise<void> {
  for (const [id, days] of [
    ["dig", 2],
    ["pour", 3],
    ["build", 5],
  ] as const) {
    await sim.node(0).call("add", { id, title: id, days });
  }
}

it("plans by what waits for what, and says what is ready", async () => {
  await using sim = await simulate(APP, { nodes: 2 });
  await addTasks(sim);
  await sim.node(0).call("wait", { task: "pour", on: "dig" });
  await sim.node(0).call("wait", { task: "build", on: "pour" });
  await sim.converge();
  const other = sim.node(1);
  expect(await other.call("plan")).toEqual({ order: ["dig", "pour", "build"], days: 10 });
  expect(await other.call("blockedBy", { id: "dig" })).toEqual(["pour", "build"]);
  await expect(other.call("wait", { task: "dig", on: "build" })).rejects.toMatchObject({
    applicationCode: "WOULD_CYCLE",
  });
  await other.call("finish", { id: "dig" });
  expect(await other.call("ready")).toEqual(["pour"]);
});

it("shows the cycle that two parted nodes closed, until an edge of it is taken away", async () => {
  await using sim = await simulate(APP, { seed: 5 });
  await addTasks(sim);
  await sim.converge();
  sim.partition([0, 1], [2, 3, 4]);
  await sim.node(1).call("wait", { task: "pour", on: "dig" });
  await sim.node(2).call("wait", { task: "dig", on: "pour" });
  sim.heal();
  await sim.converge();
  for (const node of sim.nodes) expect(await node.call("plan")).toEqual({ cycle: ["dig", "pour"] });
  await sim.node(4).call("free", { task: "dig", on: "pour" });
  await sim.converge();
  expect(await sim.node(0).call("plan")).toEqual({ order: ["build", "dig", "pour"], days: 5 });
});
