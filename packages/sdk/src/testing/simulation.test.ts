import { describe, expect, it } from "vitest";
import { NotConverged, simulate } from "./index.ts";

const BOARD = new URL("../../fixtures/board.ts", import.meta.url);
const PARTED = [
  [0, 1],
  [2, 3, 4],
] as const;

describe("a simulated application", () => {
  it("merges what parted nodes wrote", async () => {
    await using sim = await simulate(BOARD, { seed: 42 });
    sim.partition(...PARTED);
    await sim.node(0).call("count", { key: "a", by: 1 });
    await sim.node(3).call("count", { key: "a", by: 2 });
    await sim.node(1).call("add", { item: "left" });
    await sim.node(4).call("add", { item: "right" });
    await sim.advance(30_000);
    expect(await sim.node(2).call("items")).toEqual(["right"]);
    expect(await sim.node(0).call("items")).toEqual(["left"]);
    sim.heal();
    await sim.converge();
    sim.assertConverged();
    for (const node of sim.nodes) {
      expect(node.state()["sums"]).toEqual({ a: 3 });
      expect(node.state()["items"]).toHaveLength(2);
    }
  });

  it("says which parts differ, and that no time heals what stays parted", async () => {
    await using sim = await simulate(BOARD, { nodes: 3 });
    sim.partition([0, 1], [2]);
    await sim.node(0).call("name", { title: "ours" });
    await sim.node(2).call("name", { title: "theirs" });
    await sim.node(2).call("card", { id: "c", points: 2 });
    await sim.node(2).call("tag", { tag: 7n });
    await sim.advance(5_000);
    expect(() => sim.assertConverged()).toThrow(NotConverged);
    const failed = await sim.converge().catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(NotConverged);
    const { message } = failed as Error;
    expect(message).toContain("nodes 0 and 2 differ");
    for (const part of ['title: "ours" and "theirs"', "cards.c: nothing and", 'tags[0]: nothing and {"$bigint":"7"}']) {
      expect(message).toContain(part);
    }
  });

  it("gives the same run for the same seed, and another for another", async () => {
    const run = async (seed: number) => {
      await using sim = await simulate(BOARD, { seed, nodes: 3, cutChance: 0.05 });
      for (let i = 0; i < 10; i++) {
        await sim.node(i % 3).call("add", { item: `${i}`, handler: "receivers" });
        if (i % 4 === 0) await sim.advance(20);
      }
      await sim.converge();
      return { at: sim.nowMs, state: sim.node(0).state(), members: sim.nodes.map(({ member }) => member) };
    };
    const [once, again, other] = [await run(5), await run(5), await run(6)];
    expect(again).toEqual(once);
    expect(other.members).not.toEqual(once.members);
  });

  it("passes bigints and bytes both ways, and fails with the codes of a node", async () => {
    await using sim = await simulate(BOARD, { nodes: 2, roles: ["admin", "reader"] });
    const [first, second] = [sim.node(0), sim.node(1)];
    expect(await first.call("name", { title: "t" })).toEqual({ title: "t", bytes: new Uint8Array([1, 2]) });
    expect(await first.call("tag", { tag: 2n ** 70n })).toBe(true);
    await first.call("vote", { choice: new Uint8Array([9]) });
    expect(first.state()["votes"]).toEqual({ [first.member]: new Uint8Array([9]) });
    await expect(first.call("fail")).rejects.toMatchObject({ code: "APPLICATION_ERROR", applicationCode: "NOT_TODAY" });
    expect(first.state()["title"]).toBe("t");
    await expect(first.call("nothing")).rejects.toMatchObject({ code: "METHOD_NOT_FOUND" });
    await expect(second.call("name", { title: "mine" })).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(await second.call("members")).toEqual(
      expect.arrayContaining([
        { publicKey: first.member, role: "admin" },
        { publicKey: second.member, role: "reader" },
      ]),
    );
  });

  it("tells events and runs handlers by their policy", async () => {
    await using sim = await simulate(BOARD, { nodes: 4, seed: 3 });
    for (const handler of ["receivers", "author", "one"]) await sim.node(1).call("add", { item: "x", handler });
    await sim.converge();
    expect(sim.node(2).state()["heard"]).toEqual({ "receivers x": 3, "author x": 1, "one x": 1 });
    const told = { kind: "Added", data: { item: "x", size: 1n } };
    expect(sim.node(1).events.filter(({ kind }) => kind === "Added")[0]).toEqual({ ...told, isLocal: true });
    expect(sim.node(3).events.filter(({ kind }) => kind === "Added")[0]).toEqual({ ...told, isLocal: false });
    expect(sim.node(1).logs).toEqual(["added x", "added x", "added x"]);
  });

  it("goes on after a crash with what was on the disk", async () => {
    await using sim = await simulate(BOARD, { nodes: 3 });
    await sim.node(2).call("write", { at: 0, words: "kept" });
    sim.node(2).crash();
    await expect(sim.node(2).call("items")).rejects.toMatchObject({ code: "NODE_DOWN" });
    await sim.node(0).call("add", { item: "meanwhile" });
    await sim.node(2).restart();
    expect(sim.node(2).state()["body"]).toBe("kept");
    await sim.converge();
    expect(sim.node(2).state()).toEqual(sim.node(0).state());
    expect(sim.node(2).state()["items"]).toEqual(["meanwhile"]);
  });

  it("answers calls that are made at once, and shows one time to all", async () => {
    await using sim = await simulate(BOARD, { nodes: 2 });
    const sums = await Promise.all([1, 2, 3].map((by) => sim.node(0).call<number>("count", { key: "k", by })));
    expect(sums).toEqual([1, 3, 6]);
    const before = await sim.node(0).call<number>("now");
    await sim.advance(1_000);
    expect(await sim.node(1).call<number>("now")).toBe(before + 1_000);
  });

  it("says where a file does not build", async () => {
    await expect(simulate(new URL("../../fixtures/not-there.ts", import.meta.url))).rejects.toThrow(/not-there/);
    await expect(simulate(BOARD, { nodes: 0 })).rejects.toThrow(RangeError);
  });
});
