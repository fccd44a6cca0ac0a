import { simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);

type Shown = { id: string; from: string; text: string; reactions: string[] };

it("has one order of messages for all, each with its author, and counts each once", async () => {
  await using sim = await simulate(APP, { seed: 9 });
  await sim.node(0).call("post", { room: "hall", text: "hello there" });
  await sim.converge();
  sim.partition([0, 1], [2, 3, 4]);
  await sim.node(1).call("post", { room: "hall", text: "from the left" });
  await sim.node(3).call("post", { room: "hall", text: "from the right" });
  sim.heal();
  await sim.converge();
  const shown = await sim.node(0).call<Shown[]>("messages", { room: "hall" });
  expect(shown.map(({ from }) => from).slice(0, 1)).toEqual([sim.node(0).member]);
  expect(shown.map(({ text }) => text).sort()).toEqual(["from the left", "from the right", "hello there"]);
  for (const node of sim.nodes) {
    expect(await node.call("messages", { room: "hall" })).toEqual(shown);
    expect(await node.call("words", { member: sim.node(0).member })).toBe(2);
    expect(await node.call("words", { member: sim.node(3).member })).toBe(3);
    expect(node.events.filter(({ kind }) => kind === "Posted")).toHaveLength(3);
  }
});

it("knows what each member has read, and shows reactions", async () => {
  await using sim = await simulate(APP, { nodes: 2 });
  const first = await sim.node(0).call<string>("post", { room: "hall", text: "one" });
  await sim.node(0).call("post", { room: "hall", text: "two" });
  await sim.converge();
  expect(await sim.node(1).call("unread", { room: "hall" })).toBe(2);
  await sim.node(1).call("markRead", { room: "hall", message: first });
  await sim.node(1).call("react", { message: first, emoji: "+1" });
  await sim.converge();
  expect(await sim.node(1).call("unread", { room: "hall" })).toBe(1);
  expect(await sim.node(0).call("unread", { room: "hall" })).toBe(2);
  expect(await sim.node(0).call("messages", { room: "hall" })).toMatchObject([
    { reactions: ["+1"] },
    { reactions: [] },
  ]);
  await expect(sim.node(0).call("post", { room: "hall", text: " " })).rejects.toMatchObject({
    applicationCode: "MESSAGE_TEXT",
  });
});

it("shows who is there and who types, and stores nothing of it", async () => {
  await using sim = await simulate(APP, { nodes: 3 });
  const [ann, ben, cia] = [sim.node(0), sim.node(1), sim.node(2)];
  await ann.call("enter", { room: "hall", isTyping: true });
  await ben.call("enter", { room: "hall", isTyping: false });
  await sim.advance(1_000);
  const online = await cia.call<{ member: string }[]>("online");
  expect(online.sort((a, b) => (a.member < b.member ? -1 : 1))).toEqual(
    [
      { member: ann.member, room: "hall", isTyping: true },
      { member: ben.member, room: "hall", isTyping: false },
    ].sort((a, b) => (a.member < b.member ? -1 : 1)),
  );
  await ben.call("leave");
  await sim.advance(100_000);
  expect(await cia.call("online")).toEqual([]);
  expect(cia.state()["rooms"]).toEqual({});
});
