import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createPrng } from "@dunlin/core/base";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLmdbStore } from "./open-lmdb-store.ts";

// A real process that is killed, or whose disk is full. That shows atomicity, order and recovery, but not that a write
// is on the device when it is acknowledged, since a killed process leaves its page cache: the audit of system calls does.

const workspace = fileURLToPath(new URL("../../../../", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "dunlin-crash-"));
const script = join(workspace, ".cache", `crash-child-${process.pid}.mjs`);

/** Commits rows [1, i] and [2, i] together, several batches at a time, and tells each acknowledgement. */
const CHILD = `
  import { writeSync } from "node:fs";
  import { openLmdbStore } from "./open-lmdb-store.ts";
  const [path] = process.argv.slice(2);
  const [from, bytes, writers, count] = process.argv.slice(3).map(Number);
  const store = await openLmdbStore({ path });
  const row = (table, i, value) => ({ kind: "put", key: Uint8Array.of(table, i >> 16, i >> 8, i), value });
  let next = from;
  const writer = async () => {
    while (next < from + count) {
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
  await Promise.all(Array.from({ length: writers }, writer));
  await store[Symbol.asyncDispose]();
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
      const child = spawn(process.execPath, [script, path, String(found), "600", "5", "1e9"], {
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

  it("runs out of disk fails its writes, and keeps what it acknowledged", async (context) => {
    if (process.platform !== "linux") context.skip("a limit on file size stands for a full disk on Linux only");
    const path = join(root, "full");
    // A limit on file size (in blocks of 512 bytes) makes writes fail as on a full disk; its signal is ignored.
    const command = `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`;
    const child = spawn("/bin/sh", ["-c", command, process.execPath, script, path, "0", "20000", "5", "1e9"], {
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
  });
});

describe("the system calls of an LMDB store", () => {
  it("sync every write before it is acknowledged", async (context) => {
    if (!existsSync("/usr/bin/strace")) context.skip("strace is not installed");
    const [path, log] = [join(root, "traced"), join(root, "trace.txt")];
    const calls = "trace=openat,pwrite64,pwritev,write,writev,fdatasync,fsync,msync,close";
    const child = spawn(
      "/usr/bin/strace",
      ["-f", "-o", log, "-e", calls, process.execPath, script, path, "0", "600", "1", "40"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    for await (const _ of linesOf(child));
    expect(audit(readFileSync(log, "utf8"), join(path, "data.mdb"))).toEqual({ acknowledged: 40, early: 0, empty: 0 });
  });

  it("are judged by an audit that notices what is missing", () => {
    const open = '1 openat(AT_FDCWD, "/d", O_RDWR|O_CLOEXEC) = 5\n1 openat(AT_FDCWD, "/d", O_WRONLY|O_DSYNC) = 6\n';
    const [page, sync, meta, ack] = [
      '2 pwrite64(5, "x", 1, 0) = 1\n',
      "2 fdatasync(5) = 0\n",
      '2 pwrite64(6, "m", 1, 0) = 1\n',
      '1 write(1, "0\\n", 2) = 2\n',
    ];
    expect(audit(open + page + sync + meta + ack, "/d")).toEqual({ acknowledged: 1, early: 0, empty: 0 });
    expect(audit(open + page + meta + ack, "/d")).toEqual({ acknowledged: 1, early: 1, empty: 0 });
    expect(audit(open + page + ack + sync + meta, "/d")).toEqual({ acknowledged: 1, early: 1, empty: 1 });
    expect(audit(`${open}2 pwrite64(5, "x" <unfinished ...>\n${ack}`, "/d").early).toBe(1);
  });
});

type Call = "page" | "meta" | "sync" | "acknowledgement";

/**
 * Of the acknowledgements (lines on descriptor 1) in a trace: how many came while pages were not synced, and how many
 * without a meta page written since the one before.
 */
function audit(trace: string, file: string): { acknowledged: number; early: number; empty: number } {
  const found = { acknowledged: 0, early: 0, empty: 0 };
  let isDirty = false;
  let metas = 0;
  for (const call of callsOf(trace, file)) {
    if (call === "page") isDirty = true;
    else if (call === "sync") isDirty = false;
    else if (call === "meta") metas++;
    else {
      found.acknowledged++;
      if (isDirty) found.early++;
      if (metas === 0) found.empty++;
      metas = 0;
    }
  }
  return found;
}

/** What a trace does to a file, and its acknowledgements. A write to a synced descriptor is a meta page's. */
function* callsOf(trace: string, file: string): Generator<Call> {
  const isSyncedByDescriptor = new Map<string, boolean>();
  for (const line of trace.split("\n")) {
    const opened = /openat\([^,]+, "([^"]*)", ([^)]*)\) += (\d+)/.exec(line);
    if (opened?.[1] === file) isSyncedByDescriptor.set(opened[3] ?? "", /O_D?SYNC/.test(opened[2] ?? ""));
    const [, name = "", descriptor = ""] = /^\d+ +(\w+)\((\d+)/.exec(line) ?? [];
    const isSynced = isSyncedByDescriptor.get(descriptor);
    const isOurs = isSynced !== undefined;
    if (isOurs && name.startsWith("pwrite")) yield isSynced ? "meta" : "page";
    // A sync counts when it has returned.
    const hasResumed = /<\.\.\. f(?:data)?sync resumed>.*= 0/.test(line);
    if (hasResumed || (isOurs && /^f(?:data)?sync$/.test(name) && / = 0$/.test(line))) yield "sync";
    if (name === "write" && descriptor === "1" && /"\d+\\n"/.test(line)) yield "acknowledgement";
  }
}

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
