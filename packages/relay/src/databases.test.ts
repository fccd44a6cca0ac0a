import { counter, type Database, openDatabase, register, string } from "@dunlin/core";
import { webSocket } from "@dunlin/core/transport";
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { openRelay } from "./relay.ts";

const definition = { fields: { title: register(string()), votes: counter() } };
const todosOf = (db: Database) => db.collection("todos", definition);
const soon = () => ({ signal: AbortSignal.timeout(20_000) });

it("lets databases that cannot reach each other converge, also when it was away", async () => {
  const relay = await openRelay();
  const { url } = relay;
  const through = () => webSocket(url, { WebSocket: WebSocket as never });
  await using a = await openDatabase({ store: createMemoryStore() });
  const ticket = a.invite({ uses: 2 });
  await using b = await openDatabase({ store: createMemoryStore(), ticket });
  await using c = await openDatabase({ store: createMemoryStore(), ticket });
  const all = [a, b, c];
  const links = all.map((db) => db.sync(through()));
  await Promise.all([b, c].map((db) => db.joined(soon())));
  const id = await todosOf(b).insert({ title: "by b", votes: 1 });
  await Promise.all(links.map((link) => link.settled(soon())));

  await relay[Symbol.asyncDispose]();
  await Promise.all(
    all.map((db) =>
      todosOf(db)
        .update(id, (todo) => todo.votes.increment(1))
        .catch((e) => e),
    ),
  );
  await using _again = await openRelay({ port: Number(new URL(url).port) });
  await expect
    .poll(async () => (await Promise.all(all.map((db) => todosOf(db).get(id)))).map((todo) => todo?.votes), {
      timeout: 20_000,
    })
    .toEqual([4, 4, 4]);
  expect(new Set(all.map((db) => db.replica.document.root().join())).size).toBe(1);
});
