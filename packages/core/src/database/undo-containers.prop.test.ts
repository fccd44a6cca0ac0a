/**
 * As `undo.prop.test.ts`, of lists, trees, graphs, marks and what is nested in maps: two members write at once and meet
 * now and then, one takes back all of its own steps, and what is left is what the other did alone.
 */

import { createMemoryStore } from "@dunlin/store/memory";
import fc from "fast-check";
import { expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { bytesToHex } from "../base/index.ts";
import { type Database, type EditorOf, graph, list, map, string, text, tree } from "./index.ts";
import { openDatabase } from "./open-database.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = {
  fields: {
    cards: list(string()),
    outline: tree(),
    links: graph(),
    bans: graph({ removeWins: true }),
    body: text(),
    meta: map(),
  },
};
type Board = EditorOf<(typeof definition)["fields"]>;
const boardsOf = (db: Database) => db.collection("boards", definition);
const rootOf = (db: Database) => bytesToHex(db.replica.document.root());

const NODES = [{ id: "t1" }, { id: "t2" }, { id: "t1a", parent: "t1", content: "a" }];
const LINKS = { vertices: [{ id: "v1" }, { id: "v2" }], edges: [{ source: "v1", target: "v2" }] };
const FIRST = { id: "n", cards: ["p", "q", "r", "s"], outline: NODES, links: LINKS, bans: LINKS, body: "abcdefgh" };

const at = <T>(values: readonly T[], n: number): T | undefined => values[n % Math.max(1, values.length)];
const nodesOf = (board: Board) => board.outline.walk().map(({ id }) => id);

/** What the owner does, whose steps are taken back; numbers are taken modulo what there is. */
const OWN: Readonly<Record<string, (board: Board, n: number) => void>> = {
  push: ({ cards }, n) => cards.insert(n % (cards.length + 1), `own${n}`, "own"),
  set: ({ cards }, n) => cards.length > 0 && cards.set(n % cards.length, `own${n}`),
  drop: ({ cards }, n) =>
    cards.length > 0 && cards.delete(n % cards.length, Math.min(1 + (n % 2), cards.length - (n % cards.length))),
  move: ({ cards }, n) => cards.length > 0 && cards.move(n % cards.length, (n >> 3) % cards.length),
  nest: ({ cards }, n) => cards.writer.insertContainer("text", n % (cards.length + 1)).insert(0, "own"),
  node: (board, n) => {
    const id = board.outline.create(at(["", ...nodesOf(board)], n) ?? "");
    board.outline.contents.set(id, n);
  },
  content: (board, n) => {
    const id = at(nodesOf(board), n);
    if (id !== undefined) board.outline.contents.set(id, n);
  },
  replant: ({ outline }, n) => {
    const nodes = outline.walk().map(({ id }) => id);
    const [node, parent] = [at(nodes, n), at(["", ...nodes], n >> 4)];
    if (node === undefined || parent === undefined || parent === node || outline.isDescendant(parent, node)) return;
    outline.move(node, parent, 0);
  },
  uproot: (board, n) => void board.outline.remove(at(nodesOf(board), n) ?? ""),
  vertex: ({ links, bans }, n) => {
    for (const drawn of [links, bans]) if (drawn.addVertex(`own${n % 4}`)) drawn.contents.set(`own${n % 4}`, n);
  },
  edge: ({ links, bans }, n) => {
    for (const drawn of [links, bans]) {
      const [source, target] = [at(drawn.vertices(), n), at(drawn.vertices(), n >> 3)];
      if (source !== undefined && target !== undefined) drawn.addEdge(source, target, "own");
    }
  },
  unlink: ({ links, bans }, n) => {
    for (const drawn of [links, bans]) {
      const edge = at(drawn.edges(), n);
      if (edge !== undefined) drawn.removeEdge(edge.source, edge.target, edge.label);
    }
  },
  isolate: ({ links, bans }, n) => {
    for (const drawn of [links, bans]) drawn.removeVertex(at(drawn.vertices(), n) ?? "");
  },
  mark: ({ body }, n) => {
    const from = n % (body.length + 1);
    body.mark(from, Math.min(body.length, from + 1 + (n % 5)), n % 2 === 0 ? "bold" : "link", n);
  },
  unmark: ({ body }, n) => void body.unmark(0, n % (body.length + 1), "bold"),
  meta: ({ meta }, n) => {
    meta.child("set", "tags").add(n % 3);
    meta.child("counter", "votes").add(n);
    meta.child("register", "title").set(n);
    meta.child("multi-register", "mood").set(n);
    meta.child("remove-wins-set", "banned").add(n % 3);
  },
  unmeta: ({ meta }, n) => {
    if (n % 3 === 0) meta.delete("tags");
    else meta.child("set", "tags").delete(n % 3);
    meta.child("register", "title").clear();
    meta.child("remove-wins-set", "banned").delete(n % 3);
  },
};

interface Model {
  readonly cards: string[];
  readonly nodes: Set<string>;
  readonly vertices: Set<string>;
  readonly edges: Set<string>;
  votes: number;
}

/** What the other does: nothing that builds on the owner's work. */
const OTHER: Readonly<Record<string, (board: Board, n: number, model: Model) => void>> = {
  push: ({ cards }, n, model) => {
    cards.insert(n % (cards.length + 1), `other${n}`);
    model.cards.push(`other${n}`);
  },
  node: ({ outline }, n, model) => {
    if (model.nodes.has(`other${n}`)) return;
    outline.create("", { id: `other${n}`, index: n % (outline.childCount("") + 1) });
    model.nodes.add(`other${n}`);
  },
  vertex: ({ links, bans }, n, model) => {
    for (const drawn of [links, bans]) drawn.addVertex(`other${n % 4}`);
    model.vertices.add(`other${n % 4}`);
  },
  edge: ({ links, bans }, n, model) => {
    const [source, target] = n % 2 === 0 ? ["v1", "v2"] : ["v2", "v1"];
    if (![links, bans].every((drawn) => drawn.has(source) && drawn.has(target))) return;
    for (const drawn of [links, bans]) drawn.addEdge(source, target, "other");
    model.edges.add(`${source} ${target} other`);
  },
  votes: ({ meta }, n, model) => {
    meta.child("counter", "votes").add(n);
    model.votes += n;
  },
};

const round = fc.record({
  own: fc.array(fc.record({ kind: fc.constantFrom("delete", ...Object.keys(OWN)), n: fc.nat(1000) }), { maxLength: 6 }),
  other: fc.array(fc.record({ kind: fc.constantFrom(...Object.keys(OTHER)), n: fc.nat(1000) }), { maxLength: 4 }),
});

/** The owner alone writes in the other document, and may delete it. */
async function writeOwn(db: Database, kind: string, n: number): Promise<void> {
  const boards = boardsOf(db);
  if (kind === "delete") await boards.delete("spare");
  else if (n % 3 > 0) await boards.update("n", (board) => OWN[kind]?.(board, n));
  else if ((await boards.get("spare")) !== undefined) await boards.update("spare", (board) => OWN[kind]?.(board, n));
}

async function show(db: Database, id = "n") {
  const boards = boardsOf(db);
  const graphOf = async (field: "links" | "bans") => ({
    vertices: await boards.read(id, field, (drawn) => [...drawn.vertices()]),
    edges: await boards.read(id, field, (drawn) =>
      drawn.edges().map(({ source, target, label }) => `${source} ${target} ${label}`.trim()),
    ),
  });
  return {
    cards: await boards.read(id, "cards", (cards) =>
      cards.toArray().map((value, index) => value ?? cards.nested("text", index)?.toString() ?? ""),
    ),
    nodes: await boards.read(id, "outline", (outline) =>
      outline.walk().map(({ id }) => ({ id, parent: outline.parentOf(id), content: outline.contents.get(id) })),
    ),
    links: await graphOf("links"),
    bans: await graphOf("bans"),
    spans: await boards.read(id, "body", (body) => body.toSpans()),
    meta: await boards.read(id, "meta", (meta) => ({
      tags: meta.nested("set", "tags")?.values() ?? [],
      banned: meta.nested("remove-wins-set", "banned")?.values() ?? [],
      votes: meta.nested("counter", "votes")?.value() ?? 0,
      title: meta.nested("register", "title")?.get(),
      mood: meta.nested("multi-register", "mood")?.get(),
    })),
  };
}

/** The long gate takes more. */
const RUNS = historiesOf(15);

const isOthers = (name: string): boolean => name.startsWith("other");

it("leaves exactly what the other did, and comes back whole", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      await using a = await openDatabase(seededOptions(createMemoryStore(), 61));
      await using b = await openMember(a, createMemoryStore(), 62);
      const meet = async (): Promise<void> => {
        await exchange(a, b);
        await exchange(b, a);
      };
      await boardsOf(a).insertMany([FIRST, { ...FIRST, id: "spare" }]);
      await boardsOf(a).update("spare", ({ body }) => void body.mark(1, 3, "bold", 1));
      // The map is there for both: of two that each makes at once, one would be hidden.
      for (const id of ["n", "spare"]) {
        await boardsOf(a).update(id, ({ meta }) => void meta.child("counter", "votes").add(1));
      }
      await meet();
      using undo = a.undo({ captureMs: 0 });
      const model: Model = { cards: [], nodes: new Set(), vertices: new Set(), edges: new Set(), votes: 1 };
      const [first, spare] = [await show(a), await show(a, "spare")];
      for (const { own, other } of rounds) {
        for (const { kind, n } of own) await writeOwn(a, kind, n);
        for (const { kind, n } of other) await boardsOf(b).update("n", (board) => OTHER[kind]?.(board, n, model));
        await meet();
      }
      const [before, spareBefore] = [await show(a), await show(a, "spare")];

      while (undo.canUndo) await undo.undo();
      await meet();
      const left = await show(a);
      expect(left.cards?.filter((card) => !isOthers(card))).toEqual(first.cards);
      expect(left.cards?.filter(isOthers).sort()).toEqual(model.cards.sort());
      expect(left.nodes?.filter(({ id }) => !isOthers(id))).toEqual(first.nodes);
      expect(left.nodes?.filter(({ id }) => isOthers(id)).map(({ id, parent }) => [id, parent])).toEqual(
        expect.arrayContaining([...model.nodes].map((id) => [id, ""])),
      );
      for (const { vertices, edges } of [left.links, left.bans]) {
        expect(vertices).toEqual(["v1", "v2", ...model.vertices].sort());
        expect(edges?.toSorted()).toEqual(["v1 v2", ...model.edges].sort());
      }
      expect(left.spans).toEqual(first.spans);
      expect(left.meta).toEqual({ ...first.meta, votes: model.votes });
      expect(await show(a, "spare")).toEqual(spare);
      expect(rootOf(a)).toBe(rootOf(b));

      while (undo.canRedo) await undo.redo();
      const [again, spareAgain] = [await show(a), await show(a, "spare")];
      expect(spareAgain).toEqual(spareBefore);
      expect({ ...again, cards: again.cards?.toSorted() }).toEqual({ ...before, cards: before.cards?.toSorted() });
    }),
    { seed: 11, numRuns: RUNS },
  );
});
