/**
 * Two members write at once and meet now and then; then one takes back all of its own steps. What is left is what the
 * other did alone, by a model that knows of the other only, and both agree on it.
 */

import { createMemoryStore } from "@dunlin/store/memory";
import fc from "fast-check";
import { expect, it } from "vitest";
import { historiesOf } from "../../../../tools/property-runs.ts";
import { bytesToHex } from "../base/index.ts";
import { counter, type Database, type EditorOf, multiValue, register, set, string, text } from "./index.ts";
import { openDatabase } from "./open-database.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = {
  fields: {
    title: register(string()).optional(),
    note: register(string()).default("none"),
    moods: multiValue(string()),
    votes: counter(),
    tags: set(string()),
    body: text(),
  },
};
const docsOf = (db: Database) => db.collection("docs", definition);
const rootOf = (db: Database) => bytesToHex(db.replica.document.root());

const FIRST = { id: "n", title: "first", moods: "even", votes: 1, tags: ["i", "j"], body: "abcdefgh" };
const SPARE = { id: "spare", title: "spare", votes: 5, body: "spare" };

/** What the owner does, whose steps are taken back; numbers are taken modulo what there is. */
const ownKinds = ["title", "note", "moods", "votes", "add", "remove", "type", "erase", "insert", "delete"] as const;
/** What the other does: nothing that builds on the owner's work, but for adding to what was inserted. */
const otherKinds = ["title", "votes", "add", "type", "grow"] as const;

const round = fc.record({
  own: fc.array(fc.record({ kind: fc.constantFrom(...ownKinds), n: fc.nat(1000) }), { maxLength: 5 }),
  other: fc.array(fc.record({ kind: fc.constantFrom(...otherKinds), n: fc.nat(1000) }), { maxLength: 4 }),
  /** Whose turn it is to write the title: of two who write at once the later wins, and hides the other for good. */
  isTitleOwn: fc.boolean(),
});
type Round = typeof round extends fc.Arbitrary<infer T> ? T : never;

const TAGS = ["x", "y", "z"];
const textOf = async (db: Database, id = "n") => (await docsOf(db).read(id, "body", (body) => body.toString())) ?? "";
const sorted = (units: string) => [...units].sort().join("");

type Note = EditorOf<(typeof definition)["fields"]>;

const WRITES: Readonly<Record<string, (doc: Note, n: number, length: number) => void>> = {
  title: (doc, n) => {
    doc.title = `own${n}`;
  },
  note: (doc, n) => {
    doc.note = `own${n}`;
  },
  moods: (doc, n) => doc.moods.set(`own${n}`),
  votes: (doc, n) => doc.votes.increment(n - 500),
  add: (doc, n) => doc.tags.add(TAGS[n % 3] as string),
  remove: (doc, n) => void doc.tags.remove(n % 2 === 0 ? "i" : "j"),
  type: (doc, n, length) => doc.body.insert(n % (length + 1), "012".slice(0, 1 + (n % 3))),
  erase: (doc, n, length) => {
    if (length > 0) doc.body.delete(n % length, Math.min(1 + (n % 4), length - (n % length)));
  },
};

async function write(db: Database, kind: (typeof ownKinds)[number], n: number, count: number): Promise<void> {
  const docs = docsOf(db);
  const { length } = await textOf(db);
  if (kind === "insert") await docs.insert({ id: `own${count}`, title: "own", body: "own" });
  else if (kind === "delete") await docs.delete("spare");
  else await docs.update("n", (doc) => WRITES[kind]?.(doc, n, length));
}

interface Model {
  title: string;
  votes: number;
  readonly tags: Set<string>;
  typed: string;
  /** Votes that the other gave to what the owner inserted. */
  readonly grown: Map<string, number>;
}

async function writeOther(db: Database, kind: (typeof otherKinds)[number], n: number, model: Model): Promise<void> {
  const docs = docsOf(db);
  const { length } = await textOf(db);
  const inserted = (await docs.query({ filter: ({ id }) => id.startsWith("own") }).toArray()).map(({ id }) => id);
  const grown = inserted[n % Math.max(1, inserted.length)];
  if (kind === "grow" && grown === undefined) return;
  if (kind === "title") model.title = `other${n}`;
  else if (kind === "votes") model.votes += n;
  else if (kind === "add") model.tags.add(TAGS[n % 3] as string);
  else if (kind === "type") model.typed += "XY";
  else if (grown !== undefined) model.grown.set(grown, (model.grown.get(grown) ?? 0) + n);
  await docs.update(kind === "grow" && grown !== undefined ? grown : "n", (doc) => {
    if (kind === "title") doc.title = `other${n}`;
    else if (kind === "votes" || kind === "grow") doc.votes.increment(n);
    else if (kind === "add") doc.tags.add(TAGS[n % 3] as string);
    else doc.body.insert(n % (length + 1), "XY");
  });
}

async function showAll(db: Database) {
  const shown: unknown[] = [];
  for await (const doc of docsOf(db).scan()) {
    const { moods, tags } = doc;
    shown.push({ ...doc, moods: moods.toSorted(), tags: tags.toSorted(), body: sorted(await textOf(db, doc.id)) });
  }
  return shown;
}

async function runRounds(rounds: readonly Round[], a: Database, b: Database, meet: () => Promise<void>) {
  const model: Model = { title: "first", votes: 1, tags: new Set(["i", "j"]), typed: "", grown: new Map() };
  let count = 0;
  for (const { own, other, isTitleOwn } of rounds) {
    for (const { kind, n } of own) if (kind !== "title" || isTitleOwn) await write(a, kind, n, count++);
    for (const { kind, n } of other) if (kind !== "title" || !isTitleOwn) await writeOther(b, kind, n, model);
    await meet();
  }
  return model;
}

it("leaves exactly what the other did, and comes back whole", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      await using a = await openDatabase(seededOptions(createMemoryStore(), 51));
      await using b = await openMember(a, createMemoryStore(), 52);
      const meet = async (): Promise<void> => {
        await exchange(a, b);
        await exchange(b, a);
      };
      await docsOf(a).insertMany([FIRST, SPARE]);
      await meet();
      using undo = a.undo({ captureMs: 0 });
      const model = await runRounds(rounds, a, b, meet);
      const before = await showAll(a);

      while (undo.canUndo) await undo.undo();
      await meet();
      const doc = await docsOf(a).get("n");
      const { title, votes } = model;
      expect({ ...doc, tags: doc?.tags.toSorted() }).toEqual({
        ...{ id: "n", title, note: "none", moods: ["even"], votes },
        tags: [...model.tags].sort(),
      });
      const body = await textOf(a);
      expect([body.replaceAll(/[XY]/g, ""), sorted(body.replaceAll(/[a-h]/g, ""))]).toEqual([
        FIRST.body,
        sorted(model.typed),
      ]);
      expect([await docsOf(a).get("spare"), await textOf(a, "spare")]).toMatchObject([{ votes: 5 }, "spare"]);
      const kept = await docsOf(a)
        .query({ filter: ({ id }) => id.startsWith("own") })
        .toArray();
      expect(new Map(kept.map((own) => [own.id, own.votes]))).toEqual(model.grown);
      expect(rootOf(a)).toBe(rootOf(b));

      while (undo.canRedo) await undo.redo();
      expect(await showAll(a)).toEqual(before);
    }),
    { seed: 7, numRuns: historiesOf(25) },
  );
});
