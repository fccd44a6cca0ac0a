/**
 * A process with an LMDB store of its own, for tests that kill it, trace it or make its disk fail.
 *
 * It commits rows [1, i] and [2, i] together, several batches at a time, and prints the number of each acknowledgement.
 * After a failure it prints the failure's code and that of the next commit, and ends well: with code 0, unless something
 * of the failure was left unhandled.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect } from "vitest";
import { openLmdbStore } from "./open-lmdb-store.ts";

const CHILD = `
  import { writeSync } from "node:fs";
  import { openLmdbStore } from "./open-lmdb-store.ts";
  const [path] = process.argv.slice(2);
  const [from, bytes, writers, count] = process.argv.slice(3).map(Number);
  const failed = (failure) => writeSync(1, failure.code + "\\n");
  const store = await openLmdbStore({ path }).catch(failed);
  const row = (table, i, value) => ({ kind: "put", key: Uint8Array.of(table, i >> 16, i >> 8, i), value });
  let next = from;
  let isFailed = typeof store !== "object";
  const writer = async () => {
    while (next < from + count && !isFailed) {
      const i = next++;
      try {
        await store.commit([row(1, i, new Uint8Array(bytes).fill(i)), row(2, i, Uint8Array.of(i))]);
        writeSync(1, i + "\\n");
      } catch (failure) {
        if (isFailed) return;
        isFailed = true;
        failed(failure);
        await store.commit([]).catch(failed);
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  if (isFailed) await new Promise((resolve) => setImmediate(resolve));
  else await store[Symbol.asyncDispose]();
`;

export interface ChildArguments {
  readonly path: string;
  /** The number of the first row. */
  readonly from?: number;
  /** Bytes of a row. */
  readonly bytes: number;
  /** Batches at a time. */
  readonly writers: number;
  /** Rows; without an end when absent. */
  readonly count?: number;
}

export interface CrashChild extends Disposable {
  /** Starts it, under another command if one is given. */
  start(args: ChildArguments, under?: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
}

export async function buildCrashChild(name: string): Promise<CrashChild> {
  const cache = fileURLToPath(new URL("../../../../.cache", import.meta.url));
  const script = join(cache, `${name}-${process.pid}.mjs`);
  mkdirSync(cache, { recursive: true });
  await build({
    stdin: { contents: CHILD, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["lmdb"],
    conditions: ["x-source"],
  });
  return {
    start({ path, from = 0, bytes, writers, count = 1e9 }, under = [], env = {}) {
      const own = [process.execPath, script, path, ...[from, bytes, writers, count].map(String)];
      const [command = "", ...args] = [...under, ...own];
      // lmdb-js tells each failure on the console as well.
      return spawn(command, args, { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, ...env } });
    },
    [Symbol.dispose]: () => rmSync(script, { force: true }),
  };
}

export async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) throw new Error("the child's output is not a pipe");
  const exited = once(child, "exit");
  yield* createInterface({ input: child.stdout });
  await exited;
}

/** Checks that rows come in pairs and without a gap, and gives their number. */
export async function checkRows(path: string): Promise<number> {
  await using store = await openLmdbStore({ path, checkAllPages: true });
  const numbersOf = (table: number): number[] =>
    Array.from(
      store.range({ gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) }),
      ([key]) => ((key[1] ?? 0) << 16) | ((key[2] ?? 0) << 8) | (key[3] ?? 0),
    );
  const numbers = numbersOf(1);
  expect(numbersOf(2)).toEqual(numbers);
  expect(numbers).toEqual(numbers.map((_, i) => i));
  return numbers.length;
}
