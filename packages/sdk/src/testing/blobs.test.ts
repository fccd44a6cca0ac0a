import { expect, it } from "vitest";
import { simulate } from "./simulation.ts";

const BLOBS = new URL("../../fixtures/blobs.ts", import.meta.url);

it("stores what a call writes before its delta refers to it, once, whatever the call draws", async () => {
  await using sim = await simulate(BLOBS, { nodes: 1 });
  const node = sim.node(0);
  await node.call("draw");
  await node.call("keep", { key: "a", content: "hello" });
  expect(node.logs).toEqual(["kept a"]);
  expect((await node.blobs()).map(({ size }) => size)).toContain(5);
  node.crash();
  await node.restart();
  expect(await node.call("text", { key: "a" })).toBe("hello");
  await expect(node.call("fail")).rejects.toMatchObject({ code: "APPLICATION_ERROR" });
  await expect(node.call("tooMuch")).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  await expect(node.call("sneak")).rejects.toMatchObject({ code: "METHOD_KIND" });
  expect(await node.blobs()).toHaveLength(2);
});

it("runs a handler that reads a blob once it is there, once on each node", async () => {
  await using sim = await simulate(BLOBS, { nodes: 3 });
  const [ann, ...others] = sim.nodes;
  await ann?.call("keep", { key: "a", content: "hello" });
  await sim.converge();
  const seen = sim.node(1).state()["seen"];
  expect(seen).toEqual(Object.fromEntries(others.map(({ member }) => [member, "hello"])));
});

it("keeps what any field refers to, lets the rest go, and refuses to refer to what is not to be had", async () => {
  await using sim = await simulate(BLOBS, { nodes: 2 });
  const [ann, ben] = [sim.node(0), sim.node(1)];
  await ann.call("keep", { key: "a", content: "hello" });
  await ann.call("keep", { key: "b", content: "hello" });
  await ann.call("hide", { key: "c" });
  await sim.converge();
  await sim.advance(3_000);
  expect((await ann.blobs()).map(({ size }) => size).sort()).toEqual([5, 8]);
  await ann.call("drop", { key: "a" });
  await sim.advance(3_000);
  expect(await ann.blobs()).toHaveLength(2);
  await ben.call("drop", { key: "b" });
  await sim.converge();
  await sim.advance(3_000);
  expect((await ann.blobs()).map(({ size }) => size)).toEqual([8]);
  // What is local elsewhere is another's, though its id may be known.
  const [hidden] = await ann.blobs();
  await expect(ben.call("forge", { id: ben.member })).rejects.toMatchObject({ applicationCode: "BLOB_NOT_FOUND" });
  expect(hidden?.size).toBe(8);
});
