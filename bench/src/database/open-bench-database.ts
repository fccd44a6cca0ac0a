/** A database with two collections, through the public API, in each store that Node has. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { counter, type Database, integer, openDatabase, register, string } from "@dunlin/core";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { createMemoryStore } from "@dunlin/store/memory";

export type StoreName = "memory" | "lmdb";

export interface BenchDocument {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly version: number;
}

/** What the works use of a collection. */
export interface BenchCollection {
  insert(document: BenchDocument): Promise<string>;
  insertMany(documents: readonly BenchDocument[]): Promise<string[]>;
  get(id: string): Promise<BenchDocument | undefined>;
  getMany(ids: readonly string[]): Promise<(BenchDocument | undefined)[]>;
  update(id: string, patch: Partial<BenchDocument>): Promise<void>;
  updateMany(ids: readonly string[], patch: Partial<BenchDocument>): Promise<void>;
  deleteMany(ids: readonly string[]): Promise<number>;
  query(options: BenchQuery): { page(): Promise<{ readonly documents: readonly BenchDocument[] }> };
}

export interface BenchQuery {
  readonly where?: { readonly version?: number };
  readonly range?: { readonly version?: { readonly gte: number } };
  readonly limit?: number;
}

export interface BenchDatabase extends AsyncDisposable {
  readonly database: Database;
  /** Without an index. */
  readonly plain: BenchCollection;
  /** With an index by version. */
  readonly indexed: BenchCollection;
}

export async function openBenchDatabase(store: StoreName): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-bench-"));
  const opened = store === "memory" ? createMemoryStore() : openLmdbStore({ path: join(folder, "store") });
  const database = await openDatabase({ store: opened });
  const fields = {
    title: register(string()),
    content: register(string()),
    version: register(integer()),
    votes: counter(),
  };
  const plain = database.collection("plain", { fields });
  const indexed = database.collection("indexed", { fields, indexes: { version: "version" } });
  await indexed.indexed;
  return {
    database,
    plain,
    indexed,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The document of the guide's benchmarks, by number. */
export function documents(count: number, prefix: string, start = 0): BenchDocument[] {
  return Array.from({ length: count }, (_, at) => {
    const i = start + at;
    return { id: `${prefix}_${i}`, title: `Title ${i}`, content: `Content ${i}`, version: i };
  });
}
