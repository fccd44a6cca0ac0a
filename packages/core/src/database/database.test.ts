import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { boolean, counter, openDatabase, register, set, string, text } from "./index.ts";

const definition = {
  fields: {
    title: register(string()),
    done: register(boolean()).default(false),
    votes: counter(),
    tags: set(string()),
    body: text(),
  },
  indexes: { done: (t: { done: boolean }) => t.done, byVotes: (t: { votes: number }) => t.votes },
};

describe("a database", () => {
  it("keeps documents and finds them again after it was closed", async () => {
    const store = createMemoryStore();
    const db = await openDatabase({ store, keepsStoreOpen: true });
    const todos = db.collection("todos", definition);
    const ids = await todos.insertMany([
      { title: "a", votes: 3, tags: ["x"], body: "hello" },
      { title: "b", done: true },
      { title: "c", votes: 5 },
    ]);
    expect(ids).toHaveLength(3);
    await todos.update(ids[0] as string, (todo) => {
      todo.votes.increment(4);
      todo.tags.add("y");
      todo.title = "a2";
      todo.body.insert(5, " world");
    });
    const query = todos.query({ where: { done: false }, orderBy: ["byVotes", "desc"], limit: 50 });
    expect((await query.toArray()).map(({ title, votes }) => [title, votes])).toEqual([
      ["a2", 7],
      ["c", 5],
    ]);
    await db.close();
    const again = await openDatabase({ store });
    const reopened = again.collection("todos", definition);
    expect(await reopened.get(ids[0] as string)).toEqual({
      id: ids[0],
      title: "a2",
      done: false,
      votes: 7,
      tags: ["x", "y"],
    });
    expect(await reopened.read(ids[0] as string, "body", (body) => body.toString())).toBe("hello world");
    expect(await reopened.query({ where: { done: true } }).count()).toBe(1);
    expect((await reopened.query({ where: { done: true } }).explain()).index).toBe("done");
    await again.close();
  });
});
