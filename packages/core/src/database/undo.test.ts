import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { UNDO_STEP_CHANGES_MAX, UNDO_STEPS_DEFAULT } from "../collections/undo/limits.ts";
import {
  counter,
  type Database,
  firstWriter,
  map,
  multiValue,
  openDatabase,
  register,
  set,
  string,
  text,
  type UndoOptions,
} from "./index.ts";
import { exchange, openMember, seededOptions } from "./testing.ts";

const definition = {
  fields: {
    title: register(string()).optional(),
    by: firstWriter(string()).optional(),
    mood: multiValue(string()),
    votes: counter(),
    views: counter({ growOnly: true }),
    tags: set(string()),
    banned: set(string(), { removeWins: true }),
    body: text(),
    meta: map(),
  },
};
const notesOf = (db: Database) => db.collection("notes", definition);
const bodyOf = (db: Database, id = "n") => notesOf(db).read(id, "body", (body) => body.toString());
const metaOf = (db: Database, id = "n") => notesOf(db).read(id, "meta", (meta) => Object.fromEntries(meta.entries()));

/** Two members of one database, who meet when they are told to. */
async function openPair(seed: number) {
  const a = await openDatabase(seededOptions(createMemoryStore(), seed));
  const b = await openMember(a, createMemoryStore(), seed + 1);
  const meet = async (): Promise<void> => {
    await exchange(a, b);
    await exchange(b, a);
  };
  await meet();
  return { a, b, meet, [Symbol.asyncDispose]: async () => void (await Promise.all([a.close(), b.close()])) };
}

/** The first member's undo, each call a step of its own, and a note that is not among the steps. */
async function openNote(seed: number, options: UndoOptions = { captureMs: 0 }) {
  const pair = await openPair(seed);
  await notesOf(pair.a).insert({ id: "n", title: "old", votes: 1, tags: ["t"], banned: ["x"], body: "hello" });
  await pair.meet();
  return { ...pair, notes: notesOf(pair.a), theirs: notesOf(pair.b), undo: pair.a.undo(options) };
}

describe("a register", () => {
  it("gets back what it held, and again what was written", async () => {
    await using note = await openNote(1);
    const { notes, undo } = note;
    await notes.update("n", { title: "one" });
    await notes.update("n", { title: "two" });
    const titles: (string | undefined)[] = [];
    const look = async (): Promise<unknown> => titles.push((await notes.get("n"))?.title);
    for (const step of ["undo", "undo", "redo", "redo", "undo", "undo"] as const) {
      expect(await undo[step]()).toMatchObject({ done: true, skipped: 0, left: [] });
      await look();
    }
    expect(titles).toEqual(["one", "old", "one", "two", "one", "old"]);
    expect([undo.canUndo, undo.canRedo]).toEqual([false, true]);
    expect(await undo.undo()).toEqual({ done: false, label: undefined, skipped: 0, left: [] });
  });

  it("is emptied where it was empty", async () => {
    await using note = await openNote(2);
    const { notes, undo } = note;
    await notes.insert({ id: "m" });
    await notes.update("m", { title: "first" });
    await undo.undo();
    expect(await notes.get("m")).not.toHaveProperty("title");
  });

  it("is left alone where somebody has written since, and the step before it is taken", async () => {
    await using note = await openNote(3);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", (n) => n.votes.increment(5));
    await notes.update("n", { title: "mine" });
    await meet();
    await theirs.update("n", { title: "theirs" });
    await meet();
    expect(await undo.undo()).toEqual({
      done: true,
      label: undefined,
      skipped: 1,
      left: [{ collection: "notes", id: "n", field: "title", reason: "CHANGED_SINCE" }],
    });
    expect(await notes.get("n")).toMatchObject({ title: "theirs", votes: 1 });
  });
});

describe("values that are for good", () => {
  it("stay, and are reported", async () => {
    await using note = await openNote(4);
    const { notes, undo } = note;
    await notes.update("n", (n) => {
      n.by = "me";
      n.views.increment();
    });
    const { done, left } = await undo.undo();
    expect(done).toBe(false);
    expect(left.map(({ field, reason }) => [field, reason])).toEqual([
      ["by", "FINAL"],
      ["views", "FINAL"],
    ]);
    expect(await notes.get("n")).toMatchObject({ by: "me", views: 1 });
  });
});

describe("a multi-value register", () => {
  it("shows again what showed before, beside what others wrote at the same time", async () => {
    await using note = await openNote(5);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", { mood: "calm" });
    await meet();
    await notes.update("n", { mood: "glad" });
    await theirs.update("n", { mood: "sad" });
    await meet();
    expect((await notes.get("n"))?.mood.toSorted()).toEqual(["glad", "sad"]);
    await undo.undo();
    expect((await notes.get("n"))?.mood.toSorted()).toEqual(["calm", "sad"]);
    await undo.undo();
    expect((await notes.get("n"))?.mood).toEqual(["sad"]);
    await undo.redo();
    expect((await notes.get("n"))?.mood.toSorted()).toEqual(["calm", "sad"]);
    await meet();
    expect((await theirs.get("n"))?.mood.toSorted()).toEqual(["calm", "sad"]);
  });

  it("is left alone once somebody has settled it", async () => {
    await using note = await openNote(6);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", { mood: "glad" });
    await meet();
    await theirs.update("n", { mood: "even" });
    await meet();
    expect((await undo.undo()).left).toMatchObject([{ field: "mood", reason: "CHANGED_SINCE" }]);
    expect((await notes.get("n"))?.mood).toEqual(["even"]);
  });
});

describe("a counter", () => {
  it("loses one's own amount alone", async () => {
    await using note = await openNote(7);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", (n) => n.votes.increment(10));
    await theirs.update("n", (n) => n.votes.increment(100));
    await meet();
    await undo.undo();
    expect((await notes.get("n"))?.votes).toBe(101);
    await undo.redo();
    expect((await notes.get("n"))?.votes).toBe(111);
  });
});

describe("a set", () => {
  it("loses what was added, unless others added it too or it was there", async () => {
    await using note = await openNote(8);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", ({ tags }) => {
      for (const tag of ["t", "mine", "both"]) tags.add(tag);
    });
    await theirs.update("n", (n) => n.tags.add("both"));
    await meet();
    const report = await undo.undo();
    expect((await notes.get("n"))?.tags.toSorted()).toEqual(["both", "t"]);
    expect(report.left).toMatchObject([{ field: "tags", reason: "CHANGED_SINCE" }]);
    await undo.redo();
    expect((await notes.get("n"))?.tags.toSorted()).toEqual(["both", "mine", "t"]);
  });

  it("gets back what was removed, unless others have added it and removed it since", async () => {
    await using note = await openNote(9);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", (n) => n.tags.add("u"));
    await notes.update("n", ({ tags }) => {
      tags.remove("t");
      tags.remove("u");
    });
    await meet();
    await theirs.update("n", (n) => n.tags.add("u"));
    await theirs.update("n", (n) => void n.tags.remove("u"));
    await meet();
    expect((await undo.undo()).left).toMatchObject([{ field: "tags", reason: "CHANGED_SINCE" }]);
    expect((await notes.get("n"))?.tags).toEqual(["t"]);
  });

  it("that lets removals win gets back what was removed, unless somebody else has removed it too", async () => {
    await using note = await openNote(10);
    const { notes, theirs, undo, meet } = note;
    await notes.update("n", (n) => n.banned.add("y"));
    await meet();
    await notes.update("n", ({ banned }) => {
      banned.remove("x");
      banned.remove("y");
    });
    await theirs.update("n", (n) => void n.banned.remove("y"));
    await meet();
    expect((await undo.undo()).left).toMatchObject([{ field: "banned", reason: "CHANGED_SINCE" }]);
    expect((await notes.get("n"))?.banned).toEqual(["x"]);
    await undo.redo();
    expect((await notes.get("n"))?.banned).toEqual([]);
  });
});

describe("a document", () => {
  it("that was inserted is deleted, and comes back whole", async () => {
    await using note = await openNote(11);
    const { a, notes, undo } = note;
    await notes.insert({ id: "m", title: "new", votes: 3, tags: ["z"], body: "text", meta: { k: 1 } });
    await notes.update("m", (n) => n.body.insert(4, "ure"));
    await notes.update("m", (n) => n.meta.set("k", 2));
    for (let i = 0; i < 3; i++) await undo.undo();
    expect(await notes.get("m")).toBeUndefined();
    await undo.redo();
    expect(await notes.get("m")).toMatchObject({ title: "new", votes: 3, tags: ["z"] });
    expect([await bodyOf(a, "m"), await metaOf(a, "m")]).toEqual(["text", { k: 1 }]);
    await undo.redo();
    await undo.redo();
    expect([await bodyOf(a, "m"), await metaOf(a, "m")]).toEqual(["texture", { k: 2 }]);
    for (let i = 0; i < 2; i++) await undo.undo();
    expect([await bodyOf(a, "m"), await metaOf(a, "m")]).toEqual(["text", { k: 1 }]);
  });

  it.each(["title", "body", "meta"] as const)(
    "that was inserted stays when others have changed its %s",
    async (field) => {
      await using note = await openNote(12);
      const { notes, theirs, undo, meet } = note;
      await notes.insert({ id: "m", title: "new", body: "text", meta: {} });
      await meet();
      await theirs.update("m", (n) => {
        if (field === "title") n.title = "theirs";
        else if (field === "body") n.body.insert(0, "a ");
        else n.meta.set("key", "value");
      });
      await meet();
      expect(await undo.undo()).toEqual({
        done: false,
        label: undefined,
        skipped: 1,
        left: [{ collection: "notes", id: "m", reason: "CHANGED_SINCE" }],
      });
      expect(await notes.has("m")).toBe(true);
    },
  );

  it("that was deleted is inserted again, and earlier steps of it can still be taken back", async () => {
    await using note = await openNote(13);
    const { a, notes, undo, meet, b } = note;
    await notes.update("n", (n) => {
      n.title = "new";
      n.mood.set("m");
      n.votes.increment(2);
      n.tags.add("mine");
    });
    await notes.update("n", (n) => n.body.insert(5, " there"));
    await notes.update("n", (n) => n.body.delete(0, 1));
    await notes.delete("n");
    await undo.undo();
    expect(await notes.get("n")).toMatchObject({ title: "new", mood: ["m"], votes: 3, tags: ["mine", "t"] });
    expect(await bodyOf(a)).toBe("ello there");
    await undo.undo();
    expect(await bodyOf(a)).toBe("hello there");
    await undo.undo();
    expect(await bodyOf(a)).toBe("hello");
    await undo.undo();
    expect(await notes.get("n")).toMatchObject({ title: "old", mood: [], votes: 1, tags: ["t"] });
    await meet();
    expect(await notesOf(b).get("n")).toEqual(await notes.get("n"));
  });

  it("that was deleted by somebody else too, or is there again, is left alone", async () => {
    await using note = await openNote(14);
    const { notes, theirs, undo, meet } = note;
    await notes.delete("n");
    await meet();
    await theirs.insert({ id: "n", title: "anew" });
    await meet();
    expect((await undo.undo()).left).toEqual([{ collection: "notes", id: "n", reason: "DOCUMENT_THERE" }]);
    await notes.update("n", { title: "mine" });
    await meet();
    await theirs.delete("n");
    await meet();
    expect((await undo.undo()).left).toEqual([{ collection: "notes", id: "n", reason: "DOCUMENT_GONE" }]);
  });
});

describe("a text", () => {
  it("loses what was typed, and others' typing within stays", async () => {
    await using note = await openNote(15);
    const { a, b, notes, theirs, undo, meet } = note;
    await notes.update("n", (n) => n.body.insert(5, " world"));
    await meet();
    await theirs.update("n", (n) => n.body.insert(8, "XX"));
    await meet();
    expect(await bodyOf(a)).toBe("hello woXXrld");
    await undo.undo();
    expect(await bodyOf(a)).toBe("helloXX");
    await undo.redo();
    expect(await bodyOf(a)).toBe("hello woXXrld");
    await undo.undo();
    await meet();
    expect(await bodyOf(b)).toBe("helloXX");
  });

  it("gets back what was deleted, at its place among what others have typed since", async () => {
    await using note = await openNote(16);
    const { a, notes, theirs, undo, meet } = note;
    await notes.update("n", (n) => n.body.delete(1, 3));
    await theirs.update("n", (n) => n.body.insert(2, "X"));
    await meet();
    expect(await bodyOf(a)).toBe("hXo");
    await undo.undo();
    expect(await bodyOf(a)).toBe("heXllo");
  });

  it("forgets what was typed and deleted and brought back, whichever ids it has", async () => {
    await using note = await openNote(17);
    const { a, notes, undo } = note;
    await notes.update("n", (n) => n.body.insert(5, " world"));
    await notes.update("n", (n) => n.body.delete(3, 5));
    await undo.undo();
    expect(await bodyOf(a)).toBe("hello world");
    await undo.undo();
    expect(await bodyOf(a)).toBe("hello");
    await undo.redo();
    await undo.redo();
    expect(await bodyOf(a)).toBe("helrld");
  });
});

describe("a map", () => {
  it("gets back values and containers where nobody has written since", async () => {
    await using note = await openNote(18);
    const { a, notes, theirs, undo, meet } = note;
    await notes.update("n", ({ meta }) => {
      meta.set("x", 1);
      meta.child("text", "t").insert(0, "nested");
    });
    await notes.update("n", ({ meta }) => {
      meta.set("x", 2);
      meta.set("y", 3);
      meta.set("t", "gone");
    });
    await meet();
    await theirs.update("n", ({ meta }) => meta.set("y", 4));
    await meet();
    expect((await undo.undo()).left).toMatchObject([{ field: "meta.y", reason: "CHANGED_SINCE" }]);
    expect(await metaOf(a)).toEqual({ x: 1, y: 4 });
    expect(await notes.read("n", "meta", (meta) => meta.nested("text", "t")?.toString())).toBe("nested");
    await undo.undo();
    expect(await metaOf(a)).toEqual({ y: 4 });
  });
});

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
    await using note = await openNote(20, { captureMs: 0, limit: 2 });
    const { notes, undo } = note;
    for (const title of ["1", "2", "3"]) await notes.update("n", { title });
    await undo.undo();
    await undo.undo();
    expect([undo.canUndo, (await notes.get("n"))?.title]).toEqual([false, "1"]);
    await notes.update("n", { title: "4" });
    expect(undo.canRedo).toBe(false);
  });

  it("are 200 when nobody says otherwise, and no step takes in more than a thousand changes and a transaction", async () => {
    await using db = await openDatabase(seededOptions(createMemoryStore(), 23));
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
    await using note = await openNote(21);
    const { a, notes, undo } = note;
    const calls = [notes.update("n", { title: "x" }), undo.undo(), notes.update("n", { title: "y" })];
    await Promise.all(calls);
    expect((await notes.get("n"))?.title).toBe("y");
    const failing = a.transact((tx) => {
      tx.in(notes).update("n", { title: "z" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await undo.undo();
    expect([(await notes.get("n"))?.title, undo.canUndo]).toEqual(["old", false]);
  });

  it("are of one undo at a time, and end with it", async () => {
    await using note = await openNote(22);
    const { a, undo } = note;
    expect(() => a.undo()).toThrow(expect.objectContaining({ code: "UNDO_OPEN" }));
    undo[Symbol.dispose]();
    await expect(undo.undo()).rejects.toMatchObject({ code: "UNDO_CLOSED" });
    using again = a.undo();
    expect(again.canUndo).toBe(false);
  });
});
