import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrng } from "@dunlin/core/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCrashChild, type CrashChild, checkRows, linesOf } from "./crash-process.fixture.ts";

// A real process that is killed, or whose disk is full. That shows atomicity, order and recovery, but not that a write
// is on the device when it is acknowledged, since a killed process leaves its page cache: the audit of system calls does.

const root = mkdtempSync(join(tmpdir(), "dunlin-crash-"));
let crash: CrashChild;

beforeAll(async () => {
  crash = await buildCrashChild("crash-child");
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  crash[Symbol.dispose]();
});

describe("an LMDB store whose process", () => {
  it("is killed has every acknowledged write, whole and in order", async () => {
    const path = join(root, "killed");
    const prng = createPrng(23);
    let acknowledged = -1;
    let found = 0;
    for (let kill = 0; kill < 10; kill++) {
      const target = acknowledged + 1 + prng.below(120);
      const child = crash.start({ path, from: found, bytes: 600, writers: 5 });
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
    const limited = ["/bin/sh", "-c", `trap '' XFSZ; ulimit -f 4000; exec "$0" "$@"`];
    const child = crash.start({ path, bytes: 20_000, writers: 5 }, limited);
    const lines: string[] = [];
    for await (const line of linesOf(child)) lines.push(line);
    expect(child.exitCode).toBe(0);
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
    const strace = ["/usr/bin/strace", "-f", "-o", log, "-e", calls];
    const child = crash.start({ path, bytes: 600, writers: 1, count: 40 }, strace);
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
