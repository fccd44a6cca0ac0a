import { expect, it } from "vitest";
import { simulate } from "./simulation.ts";

const CALLER = new URL("../../fixtures/caller.ts", import.meta.url);
const LISTENER = new URL("../../fixtures/listener.ts", import.meta.url);

it("shows who is present until they leave, are not heard of, or go, and writes nothing for it", async () => {
  await using sim = await simulate(CALLER, { nodes: 3 });
  const [ann, ben, cia] = [sim.node(0), sim.node(1), sim.node(2)];
  await ann.call("show", { mood: "glad" });
  await ben.call("show", { mood: "busy", ttlMs: 120_000 });
  await sim.advance(1_000);
  for (const node of sim.nodes) expect(await node.call("moods")).toEqual(["busy", "glad"]);
  await ann.call("leave");
  await sim.advance(1_000);
  expect(await cia.call("moods")).toEqual(["busy"]);
  await ann.call("show", { mood: "back" });
  ann.crash();
  await sim.advance(40_000);
  expect(await cia.call("moods")).toEqual(["busy"]);
  await sim.advance(120_000);
  expect(await ben.call("moods")).toEqual([]);
  expect(cia.state()).toEqual({ heard: {} });
});

it("refuses what cannot be shown, and to show anything in a query or for a call that fails", async () => {
  await using sim = await simulate(CALLER, { nodes: 1 });
  const node = sim.node(0);
  for (const [args, applicationCode] of [
    [{ mood: "x".repeat(5_000) }, "PRESENCE_TOO_LARGE"],
    [{ mood: "x".repeat(20_000) }, "VALUE_REFUSED"],
    [{ mood: "x", ttlMs: 5 }, "PRESENCE_TTL_RANGE"],
  ] as const) {
    await expect(node.call("show", args)).rejects.toMatchObject({ applicationCode });
  }
  await expect(node.call("sneak")).rejects.toMatchObject({ code: "METHOD_KIND" });
  await expect(node.call("tell", { to: node.contextId, words: "x" })).rejects.toMatchObject({
    applicationCode: "CONTEXT_CYCLE",
  });
  expect(await node.call("moods")).toEqual([]);
});

it("calls what another context exposes, once the call is kept, and as whom it is there", async () => {
  await using sim = await simulate(CALLER, { nodes: 2, others: { listener: LISTENER } });
  const [ann, ben] = [sim.node(0), sim.node(1)];
  const there = ann.in("listener");
  expect(there.member).not.toBe(ann.member);
  const to = there.contextId;
  await expect(ann.call("tell", { to, words: "lost", fails: true })).rejects.toMatchObject({
    code: "APPLICATION_ERROR",
  });
  await ann.call("tell", { to, words: "hello" });
  await sim.converge();
  await sim.advance(1_000);
  expect(await ben.call("moods")).toEqual(["hello"]);
  // Other nodes learn of it by the delta there, and do not call again.
  expect(await ben.in("listener").call("said")).toEqual([{ from: ann.contextId, words: "hello" }]);
  expect(there.state()["said"]).toMatchObject([{ member: there.member }]);
  expect(ann.logs).toEqual([]);
});

it("calls nothing that is not exposed, that is not here, nor round in a circle", async () => {
  await using sim = await simulate(CALLER, { nodes: 1, others: { listener: LISTENER } });
  const node = sim.node(0);
  const to = node.in("listener").contextId;
  await node.call("whisper", { to });
  await node.call("roundTrip", { to });
  await node.call("whisper", { to: "1".repeat(32) });
  await sim.advance(1_000);
  expect(node.logs.map((line) => line.split(": ")[1]).sort()).toEqual([
    "APPLICATION_ERROR",
    "CONTEXT_NOT_FOUND",
    "METHOD_NOT_FOUND",
  ]);
  await expect(node.call("whisper", { to: "nowhere" })).rejects.toMatchObject({ applicationCode: "CONTEXT_INVALID" });
  await expect(node.call("many", { to })).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  expect(await node.in("listener").call("said")).toEqual([]);
  expect(() => node.in("nobody")).toThrow(RangeError);
});
