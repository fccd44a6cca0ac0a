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

test("members who wrote while they were apart see one room in one order", async (context) => {
  const sim = await start(context);
  await sim.node(0).call("introduce", { name: "Ann" });
  sim.partition([0], [1, 2]);
  await sim.node(0).call("send", { room: "lobby", text: "from here" });
  await sim.node(2).call("send", { room: "lobby", text: "from there" });
  sim.heal();
  await sim.converge();
  const messages = await sim.node(0).call("read", { room: "lobby" });
  assert.deepEqual(messages.map(({ text }) => text).sort(), ["from here", "from there"]);
  assert.equal(messages.find(({ text }) => text === "from here").name, "Ann");
  for (const node of sim.nodes) assert.deepEqual(await node.call("read", { room: "lobby" }), messages);
});

test("an empty message is refused, and no room is made for it", async (context) => {
  const sim = await start(context);
  await assert.rejects(sim.node(0).call("send", { room: "lobby", text: "" }));
  assert.deepEqual(await sim.node(0).call("rooms"), []);
});
