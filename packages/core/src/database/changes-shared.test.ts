import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { type ChangeBatch, type Database, openDatabase, register, string } from "./index.ts";
import { openMember, seededOptions, sharedStores } from "./testing.ts";

const definition = { fields: { title: register(string()) } };

async function collect(db: Database, end: string, since?: string): Promise<string[]> {
  const told: string[] = [];
  for await (const { changes, cursor } of db.changes(since === undefined ? {} : { since })) {
    told.push(...changes.map(({ kind, id }) => `${kind} ${id}`));
    if (cursor === end) break;
  }
  return told;
}

it("two openers of one store have one feed: each change is told once, whoever made it", async () => {
  const [here, there] = sharedStores(createMemoryStore());
  const one = await openDatabase(seededOptions(here, 1));
  const two = await openDatabase(seededOptions(there, 2));
  const [ours, theirs] = [one.collection("todos", definition), two.collection("todos", definition)];
  const live = two.changes({ since: "now" });
  const next = live.next();
  await ours.insert({ id: "a", title: "1" });
  expect(((await next).value as ChangeBatch).changes.map(({ id }) => id)).toEqual(["a"]);
  await theirs.insert({ id: "b", title: "2" });
  await ours.update("b", { title: "3" });
  await theirs.delete("a");
  const end = two.version();
  const expected = ["insert a", "insert b", "update b", "delete a"];
  expect(await collect(two, end)).toEqual(expected);
  await ours.has("a");
  await one.apply([]);
  expect(await collect(one, end)).toEqual(expected);
  expect([await ours.count(), await theirs.count()]).toEqual([1, 1]);

  const member = await openMember(one, createMemoryStore(), 3);
  const batches: ChangeBatch[] = [];
  const version = one.version();
  for await (const batch of one.changes()) {
    batches.push(batch);
    if (batch.cursor === version) break;
  }
  await member.apply(batches);
  await member.collection("todos", definition).insert({ id: "c", title: "4" });
  const since = version;
  for await (const batch of member.changes({ since })) {
    expect((await two.apply([batch])).admitted).toBe(1);
    break;
  }
  expect(await collect(two, member.version(), since)).toEqual(["insert c"]);
  for (const db of [member, one, two]) await db.close();
});
