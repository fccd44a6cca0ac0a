import { simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);

it("holds values of every kind, and adds up what was counted apart", async () => {
  await using sim = await simulate(APP, { seed: 1 });
  const big = { sum: 2n ** 80n, bytes: new Uint8Array([1, 2, 3]), list: [null, "a"] };
  await sim.node(0).call("put", { key: "big", value: big });
  await sim.converge();
  expect(await sim.node(4).call("get", { key: "big" })).toEqual(big);

  sim.partition([0, 1], [2, 3, 4]);
  await sim.node(0).call("add", { key: "hits", by: 2 });
  await sim.node(4).call("add", { key: "hits", by: 3 });
  expect(await sim.node(1).call("replace", { key: "big", expected: "x", value: "y" })).toBe(false);
  expect(await sim.node(2).call("remove", { key: "big" })).toBe(true);
  sim.heal();
  await sim.converge();
  for (const node of sim.nodes) {
    expect(await node.call("count", { key: "hits" })).toBe(5);
    expect(await node.call("get", { key: "big" })).toBeNull();
  }
});

it("lists keys by prefix, page by page, and tells of changes", async () => {
  await using sim = await simulate(APP, { nodes: 2 });
  for (const key of ["b/1", "a/2", "a/1"]) await sim.node(0).call("put", { key, value: key });
  await sim.converge();
  expect(await sim.node(1).call("keys", { prefix: "a/" })).toEqual(["a/1", "a/2"]);
  expect(await sim.node(1).call("keys", { after: "a/1" })).toEqual(["a/2", "b/1"]);
  expect(sim.node(1).events.map(({ data }) => data)).toContainEqual({ key: "b/1", isThere: true });
});
