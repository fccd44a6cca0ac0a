import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { UNDO_STEP_CHANGES_MAX, UNDO_STEPS_DEFAULT } from "../collections/undo/limits.ts";
import { counter, type Database, openDatabase, register, string, text } from "./index.ts";
import { seededOptions } from "./testing.ts";

const definition = { fields: { title: register(string()).optional(), votes: counter(), body: text() } };
const notesOf = (db: Database) => db.collection("notes", definition);
const bodyOf = (db: Database) => notesOf(db).read("n", "body", (body) => body.toString());

/** A database with a note, whose clock stands still. */
async function open(seed: number): Promise<Database> {
  const db = await openDatabase(seededOptions(createMemoryStore(), seed));
  await notesOf(db).insert({ id: "n", title: "old" });
  return db;
}

describe("steps", () => {
  it("take in what follows within the time, and end at a label and at an undo", async () => {
    let now = 1_800_000_000_000;
    const options = { ...seededOptions(createMemoryStore(), 19), clock: { now: () => now } };
    await using db = await openDatabase(options);
    const notes = notesOf(db);
    await notes.insert({ id: "n", body: "" });
    using undo = db.undo();
    for (const [i, pauseMs] of [0, 499, 499, 500].entries()) {
      now += pauseMs;
      await notes.update("n", (n) => n.body.insert(i, `${i}`));
    }
    await undo.transaction("label", (tx) => tx.in(notes).update("n", (n) => n.body.insert(0, "L")));
    await notes.update("n", (n) => n.body.insert(0, "M"));
    const seen: unknown[] = [];
    while (undo.canUndo) seen.push([(await undo.undo()).label, await bodyOf(db)]);
    expect(seen).toEqual([
      [undefined, "L0123"],
      ["label", "0123"],
      [undefined, "012"],
      [undefined, ""],
    ]);
  });

  it("are kept up to the limit, and those undone until the next write", async () => {
    await using db = await open(20);
    const notes = notesOf(db);
    using undo = db.undo({ captureMs: 0, limit: 2 });
    for (const title of ["1", "2", "3"]) await notes.update("n", { title });
    await undo.undo();
    await undo.undo();
    expect([undo.canUndo, (await notes.get("n"))?.title]).toEqual([false, "1"]);
    await notes.update("n", { title: "4" });
    expect(undo.canRedo).toBe(false);
  });

  it("are 200 when nobody says otherwise, and no step takes in more than a thousand changes and a transaction", async () => {
    await using db = await open(23);
    const notes = notesOf(db);
    using undo = db.undo();
    await notes.insertMany(Array.from({ length: UNDO_STEP_CHANGES_MAX }, (_, i) => ({ id: `${i}` })));
    for (const title of ["1", "2"]) await notes.update("0", { title });
    await undo.undo();
    expect([await notes.get("0"), undo.canUndo]).toEqual([expect.not.objectContaining({ title: "1" }), true]);
    for (let i = 0; i < UNDO_STEPS_DEFAULT; i++) {
      await undo.transaction("count", (tx) => tx.in(notes).update("0", (n) => n.votes.increment()));
    }
    let steps = 0;
    for (; undo.canUndo; steps++) await undo.undo();
    expect([steps, (await notes.get("0"))?.votes, await notes.has("1")]).toEqual([UNDO_STEPS_DEFAULT, 0, true]);
  });

  it("follow the order of calls that nobody waited for, and hold nothing of what failed", async () => {
    await using db = await open(21);
    const notes = notesOf(db);
    using undo = db.undo({ captureMs: 0 });
    const calls = [notes.update("n", { title: "x" }), undo.undo(), notes.update("n", { title: "y" })];
    await Promise.all(calls);
    expect((await notes.get("n"))?.title).toBe("y");
    const failing = db.transact((tx) => {
      tx.in(notes).update("n", { title: "z" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await undo.undo();
    expect([(await notes.get("n"))?.title, undo.canUndo]).toEqual(["old", false]);
  });

  it("are of one undo at a time, and end with it", async () => {
    await using db = await open(22);
    const undo = db.undo();
    expect(() => db.undo()).toThrow(expect.objectContaining({ code: "UNDO_OPEN" }));
    undo[Symbol.dispose]();
    await expect(undo.undo()).rejects.toMatchObject({ code: "UNDO_CLOSED" });
    using again = db.undo();
    expect(again.canUndo).toBe(false);
  });
});
