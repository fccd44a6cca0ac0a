/** A database with two collections over whatever store, and rows of a store by themselves. Runs in browsers too. */

import { counter, type Database, integer, openDatabase, register, string } from "@dunlin/core";
import type { KeyValueStore } from "@dunlin/core/base";

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
  /** A store of the same kind, empty. */
  readonly rows: KeyValueStore;
}

/** Over two stores of one kind; `remove` takes away what they leave behind. */
export async function createBenchDatabase(
  store: KeyValueStore,
  rows: KeyValueStore,
  remove: () => Promise<void> | void,
): Promise<BenchDatabase> {
  const database = await openDatabase({ store });
  const fields = {
    title: register(string()),
    content: register(string()),
    version: register(integer()),
    votes: counter(),
  };
  const plain = database.collection("plain", { fields });
  const indexed = database.collection("indexed", { fields, indexes: { version: "version" } });
  await indexed.indexed();
  return {
    database,
    plain,
    indexed,
    rows,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await rows[Symbol.asyncDispose]();
      await remove();
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
