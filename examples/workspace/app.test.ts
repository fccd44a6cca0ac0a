import { simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);
const CHAT = new URL("../chat/app.ts", import.meta.url);

it("lets editors write, whom admins make, and everybody comment", async () => {
  await using sim = await simulate(APP, { nodes: 4, roles: ["admin", "writer", "writer", "reader"] });
  const [admin, ann, ben, reader] = [sim.node(0), sim.node(1), sim.node(2), sim.node(3)];
  await expect(ann.call("create", { title: "Home" })).rejects.toMatchObject({ applicationCode: "EDITOR_REQUIRED" });
  const grant = { member: ann.member, duty: "editor" };
  await expect(ben.call("grant", grant)).rejects.toMatchObject({ applicationCode: "ROLE_REQUIRED" });
  await admin.call("grant", grant);
  await sim.converge();
  const page = await ann.call<string>("create", { title: "Home" });
  await ann.call("write", { page, at: 0, words: "Welcome" });
  await sim.converge();
  await ben.call("comment", { page, words: "Nice" });
  await expect(reader.call("comment", { page, words: "Me too" })).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  await sim.converge();
  expect(await reader.call("body", { page })).toBe("Welcome");
  expect(await reader.call("comments", { page })).toEqual([{ from: ben.member, words: "Nice" }]);
  expect(await admin.call("history")).toEqual([
    { by: admin.member, what: "made editor" },
    { by: ann.member, what: "created" },
  ]);
});

it("keeps one tree of pages, whatever was moved under what at the same time", async () => {
  await using sim = await simulate(APP, { seed: 3, roles: ["admin", "admin", "admin", "admin", "admin"] });
  const a = await sim.node(0).call<string>("create", { title: "A" });
  const b = await sim.node(0).call<string>("create", { title: "B" });
  await sim.converge();
  sim.partition([0, 1], [2, 3, 4]);
  await sim.node(0).call("move", { page: a, parent: b });
  await sim.node(2).call("move", { page: b, parent: a });
  sim.heal();
  await sim.converge();
  const outline = await sim.node(0).call<{ id: string; depth: number }[]>("outline");
  expect(outline.map(({ id }) => id).sort()).toEqual([a, b].sort());
  expect(outline.map(({ depth }) => depth)).toEqual([1, 2]);
  for (const node of sim.nodes) expect(await node.call("outline")).toEqual(outline);
});

it("announces new pages in a chat, by the node of whoever creates them, as its user is known there", async () => {
  await using sim = await simulate(APP, { nodes: 2, roles: ["admin", "admin"], others: { chat: CHAT } });
  const [ann, ben] = [sim.node(0), sim.node(1)];
  await ann.call("create", { title: "Before" });
  await ann.call("announceIn", { chat: ann.in("chat").contextId, room: "news" });
  await sim.converge();
  await ben.call("create", { title: "Plans" });
  await expect(ben.call("move", { page: "nowhere", parent: "nowhere" })).rejects.toThrow();
  await sim.converge();
  const posted = await ann.in("chat").call("messages", { room: "news" });
  expect(posted).toMatchObject([{ from: ben.in("chat").member, text: "New page: Plans" }]);
  expect(ben.logs).toEqual([]);
});
