/** What runs in the browser: the works on documents over IndexedDB, in a profile that is thrown away afterwards. */
import { openIndexedDbStore } from "@dunlin/store/indexeddb";
import { createBenchDatabase } from "../database/bench-database.ts";
import { timeDocuments } from "../database/document-works.ts";
import type { Figures } from "../isolated.ts";

export async function run(runs: number): Promise<Figures> {
  const [store, rows] = [await openIndexedDbStore("store"), await openIndexedDbStore("rows")];
  await using bench = await createBenchDatabase(store, rows, () => undefined);
  return await timeDocuments(bench, runs);
}
