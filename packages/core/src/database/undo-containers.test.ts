/** Undo in lists, trees, graphs and marks, where somebody else has been at work too. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type Database, graph, list, openDatabase, set, string, text, tree } from "./index.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = {
  fields: {
    cards: list(string()),
    outline: tree(),
    links: graph(),
    bans: graph({ removeWins: true }),
    body: text(),
    tags: set(string()),
  },
};
const boardsOf = (db: Database) => db.collection("boards", definition);

/** Two members, a board that both have, and the first member's undo. */
async function openBoard(seed: number) {
  const a = await openDatabase(seededOptions(createMemoryStore(), seed));
  const b = await openMember(a, createMemoryStore(), seed + 1);
  const meet = async (): Promise<void> => {
    await exchange(a, b);
    await exchange(b, a);
  };
  const [ours, theirs] = [boardsOf(a), boardsOf(b)];
  await ours.insert({ id: "n", cards: ["p", "q"], outline: [{ id: "t" }], body: "abcdef" });
  await meet();
  const undo = a.undo({ captureMs: 0 });
  return {
    ours,
    theirs,
    meet,
    undo,
    [Symbol.asyncDispose]: async () => void (await Promise.all([a.close(), b.close()])),
  };
}

type Ours = Awaited<ReturnType<typeof openBoard>>["ours"];
const cardsOf = (boards: Ours) => boards.read("n", "cards", (cards) => cards.toArray());
const treeOf = (boards: Ours) =>
  boards.read("n", "outline", (outline) => outline.walk().map(({ id, depth }) => `${depth}${id}`));

describe("a list", () => {
  it("keeps an inserted element that somebody else has set or moved", async () => {
    await using board = await openBoard(71);
    const { ours, theirs, undo, meet } = board;
    await ours.update("n", ({ cards }) => cards.push("x", "y", "z"));
    await meet();
    await theirs.update("n", ({ cards }) => {
      cards.set(2, "theirs");
      cards.move(4, 0);
    });
    await meet();
    expect((await undo.undo()).done).toBe(true);
    expect(await cardsOf(ours)).toEqual(["z", "p", "q", "theirs"]);
    expect(await undo.redo()).toMatchObject({ done: true, left: [] });
    expect(await cardsOf(ours)).toEqual(["z", "p", "q", "theirs", "y"]);
  });

  it("gives back what was replaced, moved and deleted, among what others have put there", async () => {
    await using board = await openBoard(73);
    const { ours, theirs, undo, meet } = board;
    await ours.update("n", ({ cards }) => cards.set(0, "P"));
    await ours.update("n", ({ cards }) => cards.move(0, 1));
    await ours.update("n", ({ cards }) => cards.delete(0));
    await meet();
    await theirs.update("n", ({ cards }) => cards.insert(0, "theirs"));
    await meet();
    for (let i = 0; i < 3; i++) expect(await undo.undo()).toMatchObject({ done: true, left: [] });
    expect((await cardsOf(ours))?.filter((card) => card !== "theirs")).toEqual(["p", "q"]);
  });

  it("leaves alone what somebody else has replaced since", async () => {
    await using board = await openBoard(75);
    const { ours, theirs, undo, meet } = board;
    await ours.update("n", ({ cards }) => cards.set(0, "P"));
    await meet();
    await theirs.update("n", ({ cards }) => cards.set(0, "theirs"));
    await meet();
    expect(await undo.undo()).toMatchObject({ done: false, left: [{ field: "cards", reason: "CHANGED_SINCE" }] });
    expect(await cardsOf(ours)).toEqual(["theirs", "q"]);
  });

  it("gives back a container with what was in it, and follows it there", async () => {
    await using board = await openBoard(77);
    const { ours, undo } = board;
    await ours.update("n", ({ cards }) => cards.writer.insertContainer("text", 0).insert(0, "note"));
    await ours.update("n", ({ cards }) => cards.writer.nested("text", 0)?.insert(4, "s"));
    await ours.update("n", ({ cards }) => cards.delete(0));
    const noteOf = () => ours.read("n", "cards", (cards) => cards.nested("text", 0)?.toString());
    await undo.undo();
    expect(await noteOf()).toBe("notes");
    await undo.undo();
    expect(await noteOf()).toBe("note");
    await undo.undo();
    expect(await cardsOf(ours)).toEqual(["p", "q"]);
  });
});

describe("a tree", () => {
  it("keeps a node below which somebody else has put one", async () => {
    await using board = await openBoard(79);
    const { ours, theirs, undo, meet } = board;
    await ours.update("n", ({ outline }) => {
      outline.create("t", { id: "own" });
      outline.create("t", { id: "bare" });
    });
    await meet();
    await theirs.update("n", ({ outline }) => outline.create("own", { id: "theirs" }));
    await meet();
    const { done, left } = await undo.undo();
    expect([done, left]).toEqual([
      true,
      [{ collection: "boards", id: "n", field: "outline.own", reason: "CHANGED_SINCE" }],
    ]);
    expect(await treeOf(ours)).toEqual(["1t", "2own", "3theirs"]);
  });

  it("does not put a node back below one that somebody else has removed", async () => {
    await using board = await openBoard(81);
    const { ours, theirs, undo, meet } = board;
    await theirs.update("n", ({ outline }) => outline.create("t", { id: "leaf" }));
    await meet();
    await ours.update("n", ({ outline }) => outline.move("leaf", ""));
    await meet();
    await theirs.update("n", ({ outline }) => outline.remove("t"));
    await meet();
    expect(await undo.undo()).toMatchObject({ done: false, left: [{ field: "outline.leaf", reason: "PLACE_GONE" }] });
    expect(await treeOf(ours)).toEqual(["1leaf"]);
  });
});

describe("a graph", () => {
  it.each(["links", "bans"] as const)("keeps a vertex at which somebody else has drawn an edge: %s", async (field) => {
    await using board = await openBoard(83);
    const { ours, theirs, undo, meet } = board;
    await ours.update("n", (edited) => {
      for (const id of ["a", "b", "c"]) edited[field].addVertex(id);
    });
    await meet();
    await theirs.update("n", (edited) => edited[field].addEdge("a", "b"));
    await meet();
    expect((await undo.undo()).done).toBe(true);
    expect(await ours.read("n", field, (drawn) => [drawn.vertices(), drawn.edges().length])).toEqual([["a", "b"], 1]);
  });
});

describe("marks", () => {
  it("give way where they decide still, and leave what others have marked", async () => {
    await using board = await openBoard(85);
    const { ours, theirs, undo, meet } = board;
    await ours.update("n", ({ body }) => void body.mark(0, 4, "bold", true));
    await meet();
    await theirs.update("n", ({ body }) => void body.mark(2, 6, "bold", "theirs"));
    await meet();
    expect(await undo.undo()).toMatchObject({ done: true, left: [] });
    const marks = () => ours.read("n", "body", (body) => body.marks());
    expect(await marks()).toEqual([{ from: 2, to: 6, name: "bold", value: "theirs" }]);
    await undo.redo();
    expect(await marks()).toMatchObject([
      { from: 0, to: 2, value: true },
      { from: 2, to: 6, value: "theirs" },
    ]);
  });
});

describe("a set", () => {
  it("makes again the removal of what somebody else had added", async () => {
    await using board = await openBoard(87);
    const { ours, theirs, undo, meet } = board;
    await theirs.update("n", ({ tags }) => tags.add("x"));
    await meet();
    await ours.update("n", ({ tags }) => tags.remove("x"));
    await undo.undo();
    expect((await ours.get("n"))?.tags).toEqual(["x"]);
    await undo.redo();
    expect((await ours.get("n"))?.tags).toEqual([]);
  });
});
