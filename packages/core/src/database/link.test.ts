import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { bytesToHex, type KeyValueStore } from "../base/index.ts";
import { memoryPair } from "../transport/index.ts";
import { counter, type Database, openDatabase, register, set, string } from "./index.ts";

const definition = {
  fields: { title: register(string()), votes: counter(), tags: set(string()) },
  indexes: { byVotes: (t: { votes: number }) => t.votes },
};
const todosOf = (db: Database) => db.collection("todos", definition);
const rootOf = (db: Database) => bytesToHex(db.replica.document.root());

/** Rejections of these tests say how far the link was. */
const soon = () => ({ signal: AbortSignal.timeout(10_000) });

async function openPair(): Promise<{ a: Database; b: Database } & AsyncDisposable> {
  const a = await openDatabase({ store: createMemoryStore() });
  const b = await openDatabase({ store: createMemoryStore(), ticket: a.invite() });
  return {
    a,
    b,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([a.close(), b.close()]);
    },
  };
}

describe("two databases", () => {
  it("converge: what was there, what is written at once, and what is written later", async () => {
    await using pair = await openPair();
    const { a, b } = pair;
    const id = await todosOf(a).insert({ title: "before", votes: 1, tags: ["x"] });
    expect(b.role).toBeUndefined();
    const [left, right] = memoryPair();
    const links = [a.sync(left), b.sync(right)];
    expect(await b.joined(soon())).toBe("writer");
    await Promise.all(links.map((link) => link.settled(soon())));
    expect(await todosOf(b).get(id)).toMatchObject({ title: "before", votes: 1, tags: ["x"] });

    await Promise.all([
      todosOf(a).update(id, (todo) => todo.votes.increment(2)),
      todosOf(b).update(id, (todo) => {
        todo.votes.increment(4);
        todo.tags.add("y");
      }),
      todosOf(b).insertMany(Array.from({ length: 500 }, (_, i) => ({ title: `b${i}`, votes: i }))),
    ]);
    await Promise.all(links.map((link) => link.settled(soon())));
    for (const db of [a, b]) {
      expect(await todosOf(db).get(id)).toMatchObject({ votes: 7, tags: ["x", "y"] });
      expect(
        await todosOf(db)
          .query({ range: { byVotes: { gte: 490 } } })
          .count(),
      ).toBe(10);
    }
    expect(rootOf(a)).toBe(rootOf(b));
    expect(links[0]?.status).toMatchObject({ unacknowledged: 0, peers: [{ state: "in sync", even: true }] });
  });

  it("work apart and come together again", async () => {
    await using pair = await openPair();
    const { a, b } = pair;
    const meet = async (): Promise<void> => {
      const [left, right] = memoryPair();
      const links = [a.sync(left), b.sync(right)];
      await Promise.all(links.map((link) => link.settled(soon())));
      await Promise.all(links.map((link) => link.close()));
    };
    await meet();
    await todosOf(a).insert({ id: "one", title: "by a", votes: 1 });
    await todosOf(b).insert({ id: "one", title: "by b", votes: 2 });
    await meet();
    expect((await todosOf(a).get("one"))?.votes).toBe(3);
    expect(rootOf(a)).toBe(rootOf(b));
  });

  it("tell live queries of what comes from the other", async () => {
    await using pair = await openPair();
    const { a, b } = pair;
    const [left, right] = memoryPair();
    a.sync(left);
    b.sync(right);
    await b.joined(soon());
    const { signal } = soon();
    for await (const { documents } of todosOf(b)
      .query({ orderBy: ["byVotes", "desc"] })
      .watch({ signal })) {
      if (documents.length === 0) await todosOf(a).insert({ title: "seen", votes: 9 });
      else {
        expect(documents[0]).toMatchObject({ title: "seen", votes: 9 });
        break;
      }
    }
  });
});

describe("a ticket", () => {
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "none",
      (error: { code: string }) => error.code,
    );

  it.each([
    ["that is none", () => "hello"],
    ["that is cut short", (a: Database) => a.invite().slice(0, -4)],
    ["with another secret", (a: Database) => `${a.invite().slice(0, 10)}zzzz${a.invite().slice(14)}`],
  ])("%s is refused", async (_name, make) => {
    await using a = await openDatabase({ store: createMemoryStore() });
    expect(await codeOf(openDatabase({ store: createMemoryStore(), ticket: make(a) }))).toBe("TICKET_INVALID");
  });

  it("is for a store that holds no other database", async () => {
    await using a = await openDatabase({ store: createMemoryStore() });
    const store = createMemoryStore();
    await (await openDatabase({ store, keepsStoreOpen: true })).close();
    expect(await codeOf(openDatabase({ store, ticket: a.invite() }))).toBe("DATABASE_OTHER");
  });

  it.each([{ uses: 0 }, { uses: 1.5 }, { validForMs: 0 }, { validForMs: Number.NaN }])(
    "is not made for %o",
    async (options) => {
      await using a = await openDatabase({ store: createMemoryStore() });
      expect(() => a.invite(options)).toThrow(expect.objectContaining({ code: "INVITE_INVALID" }));
    },
  );

  it("is made by admins alone", async () => {
    await using pair = await openPair();
    const { a, b } = pair;
    const [left, right] = memoryPair();
    a.sync(left);
    b.sync(right);
    await b.joined(soon());
    expect(() => b.invite()).toThrow(expect.objectContaining({ code: "ACCESS_DENIED" }));
  });

  it("lets in as many as it says, and tells the others why not", async () => {
    await using a = await openDatabase({ store: createMemoryStore() });
    const ticket = a.invite();
    const join = async () => {
      const db = await openDatabase({ store: createMemoryStore(), ticket });
      const [left, right] = memoryPair();
      a.sync(left);
      return { db, link: db.sync(right) };
    };
    const first = await join();
    expect(await first.db.joined(soon())).toBe("writer");
    const second = await join();
    await expect.poll(() => second.link.status.ticketRefused).toBe("INVITATION_USED");
    expect(second.db.role).toBeUndefined();
    await Promise.all([first.db.close(), second.db.close()]);
  });

  it("is kept until it was redeemed, through a restart, and a reader stays one", async () => {
    await using a = await openDatabase({ store: createMemoryStore() });
    const store: KeyValueStore = createMemoryStore();
    await (await openDatabase({ store, ticket: a.invite({ role: "reader" }), keepsStoreOpen: true })).close();
    await using b = await openDatabase({ store });
    expect(await codeOf(todosOf(b).insert({ title: "too early" }))).toBe("ACCESS_DENIED");
    const [left, right] = memoryPair();
    a.sync(left);
    b.sync(right);
    expect(await b.joined(soon())).toBe("reader");
    expect(await codeOf(todosOf(b).insert({ title: "not allowed" }))).toBe("ACCESS_DENIED");
  });
});

describe("a link", () => {
  it("does not settle alone, and says so when it is told to stop waiting", async () => {
    await using a = await openDatabase({ store: createMemoryStore() });
    const link = a.sync(memoryPair()[0]);
    await expect(link.settled({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    const waiting = link.settled();
    await link.close();
    await expect(waiting).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
  });
});
