import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { type ContainerId, concatBytes, utf8, utf8ToString, type WriteOperation } from "../base/index.ts";
import { type Derivation, type RecordCell, readLast } from "../crdt/index.ts";
import { Replica } from "./replica.ts";
import { tablePrefix, tableRange } from "./rows.ts";
import { testGenesis, testPorts } from "./testing.ts";

/** An index of titles: one row per document, with its title for key. */
class Titles implements Derivation {
  readonly #prefix: Uint8Array;
  #rows: WriteOperation[] = [];

  constructor(prefix: Uint8Array) {
    this.#prefix = prefix;
  }

  onRecord(_: ContainerId, id: string, before: RecordCell | undefined, after: RecordCell): void {
    const [from, to] = [before, after].map((cell) => cell && readLast(cell, "title"));
    if (from !== undefined) this.#rows.push({ kind: "delete", key: this.#key(from, id) });
    if (to !== undefined) this.#rows.push({ kind: "put", key: this.#key(to, id), value: new Uint8Array(0) });
  }

  onContainer(): void {}

  onForeign(): void {}

  takeRows(): readonly WriteOperation[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #key(title: unknown, id: string): Uint8Array {
    return concatBytes(this.#prefix, utf8(`${title} ${id}`));
  }
}

it("derived rows are written with the cells that they derive from, of local and admitted deltas alike", async () => {
  const store = createMemoryStore();
  const ports = testPorts(store, 1);
  const signer = ports.crypto.createSigner(new Uint8Array(32).fill(1));
  const genesis = testGenesis(signer, 1);
  const prefix = tablePrefix(genesis.context, "i");
  const open = async (at: typeof store, place: string) => {
    const derivation = new Titles(prefix);
    const opened = await Replica.open({ ...ports, store: at }, { context: genesis.context, signer, place, derivation });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  const titles = (at: typeof store) =>
    [...at.range(tableRange(prefix))].map(([key]) => utf8ToString(key.subarray(prefix.length)));
  const writer = await open(store, "a");
  writer.admit(genesis.bytes);
  const run = (title: string | undefined) =>
    writer.call((tx) => {
      const todos = tx.field("records", "todos");
      if (title === undefined) todos.delete("x");
      else (todos.has("x") ? todos.edit("x") : todos.insert("x")).set("title", title);
      return title === "no" ? { ok: false, error: { code: "NO", message: "" } } : { ok: true, value: 0, events: [] };
    });
  await run("one");
  await run("two");
  expect(titles(store)).toEqual(["two x"]);
  await run("no");
  expect(titles(store)).toEqual(["two x"]);
  const other = createMemoryStore();
  const reader = await open(other, "b");
  for (const delta of writer.missingFrom(new Map(), 1e9).deltas) reader.admit(delta);
  await reader.settled();
  expect(titles(other)).toEqual(["two x"]);
  await run(undefined);
  expect(titles(store)).toEqual([]);
});
