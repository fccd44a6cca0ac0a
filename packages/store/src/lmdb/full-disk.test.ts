import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCrashChild, type CrashChild, checkRows, linesOf } from "./crash-process.fixture.ts";

/** A mount that nobody else sees. */
const OWN_MOUNTS = ["--map-root-user", "--mount"] as const;
const DISK_MIB = 24;

const root = mkdtempSync(join(tmpdir(), "dunlin-full-"));
const [disk, kept] = [join(root, "disk"), join(root, "kept")];
const store = join(disk, "store");
/** Writes until it cannot, opens again and writes, and does so once more when others have filled what was left. */
const SCRIPT = `
  mount -t tmpfs -o size=${DISK_MIB}m tmpfs ${disk}
  "$@"; echo ended with $?
  "$@"; echo ended with $?
  cat /dev/zero > ${disk}/others 2> /dev/null
  "$@"; echo ended with $?
  cp -r ${store} ${kept}
`;
let crash: CrashChild;

beforeAll(async () => {
  crash = await buildCrashChild("full-disk-child");
  mkdirSync(disk);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  crash[Symbol.dispose]();
});

describe("an LMDB store on a disk that becomes full", () => {
  it("says so, each time that it is opened again, and keeps what it acknowledged", async ({ skip }) => {
    const can = spawnSync("unshare", [...OWN_MOUNTS, "mount", "-t", "tmpfs", "tmpfs", disk], { encoding: "utf8" });
    if (can.status !== 0) skip(`this machine allows no mount of one's own: ${can.stderr.trim()}`);
    const shell = ["unshare", ...OWN_MOUNTS, "sh", "-c", SCRIPT, "sh"];
    const lines: string[] = [];
    for await (const line of linesOf(crash.start({ path: store, bytes: 3000, writers: 3 }, shell))) lines.push(line);
    const isRow = (line: string): boolean => /^\d+$/.test(line);
    expect(lines.filter((line) => !isRow(line))).toEqual([
      ...["STORE_WRITE_FAILED", "STORE_CLOSED", "ended with 0"],
      ...["STORE_WRITE_FAILED", "STORE_CLOSED", "ended with 0"],
      ...["STORE_WRITE_FAILED", "ended with 0"],
    ]);
    const acknowledged = lines.filter(isRow).map(Number);
    expect(acknowledged.length).toBeGreaterThan(1000);
    expect(await checkRows(kept)).toBeGreaterThan(Math.max(...acknowledged));
  });
});
