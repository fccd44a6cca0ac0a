import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createPrng } from "@dunlin/core/base";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLmdbStore } from "./open-lmdb-store.ts";

// A real process that is killed, or whose disk is full. This shows atomicity, order and recovery; that a write is on
// the device when it is acknowledged is for an audit of system calls, since a killed process leaves its page cache.

const workspace = fileURLToPath(new URL("../../../../", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "dunlin-crash-"));
const script = join(workspace, ".cache", `crash-child-${process.pid}.mjs`);

/** Commits rows [1, i] and [2, i] together, several batches at a time, and tells each acknowledgement. */
const CHILD = `
  import { writeSync } from "node:fs";
  import { openLmdbStore } from "./open-lmdb-store.ts";
  const [path, from, bytes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
  const store = await openLmdbStore({ path });
  const row = (table, i, value) => ({ kind: "put", key: Uint8Array.of(table, i >> 16, i >> 8, i), value });
  let next = from;
  const writer = async () => {
    for (;;) {
      const i = next++;
      try {
        await store.commit([row(1, i, new Uint8Array(bytes).fill(i)), row(2, i, Uint8Array.of(i))]);
      } catch (failure) {
        writeSync(1, failure.code + "\\n");
        writeSync(1, await store.commit([]).catch((refusal) => refusal.code) + "\\n");
        process.exit(0);
      }
      writeSync(1, i + "\\n");
    }
  };
  await Promise.all([writer(), writer(), writer(), writer(), writer()]);
`;

beforeAll(async () => {
  mkdirSync(join(workspace, ".cache"), { recursive: true });
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
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(script, { force: true });
});

describe("an LMDB store whose process", () => {
  it("is killed has every acknowledged write, whole and in order", async () => {
    const path = join(root, "killed");
    const prng = createPrng(23);
    let acknowledged = -1;
    let found = 0;
    for (let kill = 0; kill < 10; kill++) {
      const target = acknowledged + 1 + prng.below(120);
      const child = spawn(process.execPath, [script, path, String(found), "600"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      for await (const line of linesOf(child)) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (acknowledged >= target) child.kill("SIGKILL");
      }
      expect(acknowledged).toBeGreaterThanOrEqual(target);
      found = await checkRows(path);
      expect(found).toBeGreaterThan(acknowledged);
    }
  });

  it.runIf(process.platform === "linux")(
    "runs out of disk fails its writes, and keeps what it acknowledged",
    async () => {
      const path = join(root, "full");
      // A limit on file size (in blocks of 512 bytes) makes writes fail as on a full disk; its signal is ignored.
      const command = `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`;
      const child = spawn("/bin/sh", ["-c", command, process.execPath, script, path, "0", "20000"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const lines: string[] = [];
      for await (const line of linesOf(child)) lines.push(line);
      const codes = lines.filter((line) => line.startsWith("STORE"));
      expect(new Set(codes)).toEqual(new Set(["STORE_WRITE_FAILED", "STORE_CLOSED"]));
      // Nothing is acknowledged after the first failure.
      expect(lines.slice(0, -codes.length).every((line) => /^\d+$/.test(line))).toBe(true);
      const acknowledged = Math.max(...lines.slice(0, -codes.length).map(Number));
      expect(acknowledged).toBeGreaterThan(5);
      expect(await checkRows(path)).toBeGreaterThan(acknowledged);
    },
  );
});

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) throw new Error("the child's output is not a pipe");
  const exited = once(child, "exit");
  yield* createInterface({ input: child.stdout });
  await exited;
}

/** Checks that rows come in pairs and without a gap, and gives their number. */
async function checkRows(path: string): Promise<number> {
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
