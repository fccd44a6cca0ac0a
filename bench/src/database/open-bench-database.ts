/** The database of the works in each store that Node has. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyValueStore } from "@dunlin/core/base";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { createMemoryStore } from "@dunlin/store/memory";
import { type BenchDatabase, createBenchDatabase } from "./bench-database.ts";

export type NodeStoreName = "memory" | "lmdb";

export async function openBenchDatabase(name: NodeStoreName): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-bench-"));
  const open = async (part: string): Promise<KeyValueStore> =>
    name === "memory" ? createMemoryStore() : await openLmdbStore({ path: join(folder, part) });
  return createBenchDatabase(await open("store"), await open("rows"), () => rmSync(folder, { recursive: true }));
}
