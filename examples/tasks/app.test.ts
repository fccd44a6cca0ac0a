import { type SimulatedNode, simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);

const show = async (node: SimulatedNode): Promise<string[]> => {
  const tasks = await node.call<{ id: string }[]>("show", { list: "home" });
  return tasks.map(({ id }) => id);
};

it("shows every task once, whoever moved it where", async () => {
  await using sim = await simulate(APP, { seed: 11 });
  for (const id of ["a", "b", "c", "d"]) await sim.node(0).call("add", { list: "home", id, title: `Task ${id}` });
  await sim.converge();
  sim.partition([0, 1], [2, 3, 4]);
  await sim.node(0).call("move", { list: "home", id: "a", index: 3 });
  await sim.node(3).call("move", { list: "home", id: "a", index: 1 });
  await sim.node(3).call("move", { list: "home", id: "d", index: 0 });
  await sim.node(4).call("add", { list: "home", id: "e", title: "Task e", index: 0 });
  sim.heal();
  await sim.converge();
  const order = await show(sim.node(0));
  expect([...order].sort()).toEqual(["a", "b", "c", "d", "e"]);
  for (const node of sim.nodes) expect(await show(node)).toEqual(order);
});

it("keeps what was changed in a task that was moved, and forgets a task that was removed", async () => {
  await using sim = await simulate(APP, { nodes: 3 });
  for (const id of ["a", "b"]) await sim.node(0).call("add", { list: "home", id, title: id });
  await sim.converge();
  sim.partition([0], [1, 2]);
  await sim.node(0).call("move", { list: "home", id: "b", index: 0 });
  await sim.node(0).call("tag", { id: "b", tag: "soon" });
  await sim.node(1).call("rename", { id: "b", title: "better" });
  await sim.node(1).call("tag", { id: "b", tag: "now" });
  await sim.node(1).call("note", { id: "b", at: 0, words: "see mail" });
  await sim.node(2).call("remove", { list: "home", id: "a" });
  sim.heal();
  await sim.converge();
  expect(await sim.node(2).call("show", { list: "home" })).toEqual([
    { id: "b", title: "better", isDone: false, tags: ["now", "soon"] },
  ]);
  expect(await sim.node(0).call("notes", { id: "b" })).toBe("see mail");
});
