// Three nodes of this process in virtual time: what the network does to them is yours to say, and the same each time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "@dunlin/sdk/testing";

const APP = new URL("app.ts", import.meta.url);

async function start(context) {
  const sim = await simulate(APP, { nodes: 3, seed: 1 });
  context.after(() => sim[Symbol.asyncDispose]());
  return sim;
}

test("what two members put while they were apart is there for all, and counted", async (context) => {
  const sim = await start(context);
  sim.partition([0], [1, 2]);
  await sim.node(0).call("put", { key: "a", value: "1" });
  await sim.node(2).call("put", { key: "b", value: "2" });
  sim.heal();
  await sim.converge();
  for (const node of sim.nodes) {
    assert.deepEqual(await node.call("all"), { a: "1", b: "2" });
    assert.equal(await node.call("puts"), 2);
  }
});

test("nothing is put under no key, and what is not there is not removed", async (context) => {
  const sim = await start(context);
  await assert.rejects(sim.node(0).call("put", { key: "", value: "1" }));
  assert.equal(await sim.node(0).call("remove", { key: "a" }), false);
  assert.deepEqual(await sim.node(0).call("all"), {});
});
