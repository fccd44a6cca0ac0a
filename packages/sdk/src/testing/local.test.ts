import { expect, it } from "vitest";
import { simulate } from "./simulation.ts";

const LOCAL = new URL("../../fixtures/local.ts", import.meta.url);

it("keeps on one node what is local, over a crash, and shows it to no other", async () => {
  await using sim = await simulate(LOCAL, { nodes: 2 });
  const [ann, ben] = [sim.node(0), sim.node(1)];
  expect(await ann.call("write", { page: "day", words: "rain" })).toBe("rain");
  await ann.call("open");
  await ben.call("open");
  await ann.call("open");
  expect(await ann.call("opened")).toBe(2);
  await sim.converge();
  expect(ben.localState()).toEqual({ drafts: {}, opened: 1, kept: {} });
  expect(ann.state()).toEqual({ pages: {} });
  ann.crash();
  await ann.restart();
  expect(await ann.call("write", { page: "day", words: ", sun" })).toBe("rain, sun");
  await ann.call("publish", { page: "day" });
  await sim.converge();
  expect(ben.state()).toEqual({ pages: { day: "rain, sun" } });
  ann.crash();
  await ann.restart();
  expect(ann.localState()).toEqual({ drafts: {}, opened: 2, kept: {} });
  expect(await ben.call("draft", { page: "day" })).toBeNull();
});

it("takes back what is local with the call that fails, and the call with what is local", async () => {
  await using sim = await simulate(LOCAL, { nodes: 1 });
  const node = sim.node(0);
  await node.call("write", { page: "", words: "kept" });
  await expect(node.call("publish", { page: "" })).rejects.toMatchObject({ code: "APPLICATION_ERROR" });
  const before = { drafts: { "": "kept" }, opened: 0, kept: {} };
  expect(node.localState()).toEqual(before);
  for (const too of [
    { kept: 3, pages: 1 },
    { kept: 1, pages: 3 },
  ]) {
    await expect(node.call("fill", too)).rejects.toMatchObject({ code: "TRANSACTION_TOO_LARGE" });
    expect([node.localState(), node.state()]).toEqual([before, { pages: {} }]);
  }
  await expect(node.call("sneak")).rejects.toMatchObject({ code: "METHOD_KIND" });
  await node.call("fill", { kept: 1, pages: 1 });
  expect(Object.keys(node.localState()["kept"] as object)).toEqual(["0"]);
});
