import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCrashChild, type CrashChild, checkRows, linesOf } from "./crash-process.fixture.ts";

/** How many operations of the disk are made to fail, each in a process of its own. `npm run verify` sets more. */
const FAILURES = Number(process.env["DUNLIN_DISK_FAILURES"] ?? 12);
const ERRORS = ["EIO", "ENOSPC"];
const CALLS = "pwrite64,pwritev,writev,fdatasync";
/** The first makes the data file: lmdb-js dies when it fails, and there is nothing to lose. */
const FIRST = 2;
/** LMDB's writes all on one thread, so that they are counted together. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: "1" };
/** About one operation each: enough of them that the last one to fail comes. */
const ROWS = 60 + 2 * FAILURES;

const root = mkdtempSync(join(tmpdir(), "dunlin-failures-"));
let crash: CrashChild;

beforeAll(async () => {
  crash = await buildCrashChild("failing-child");
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  crash[Symbol.dispose]();
});

/** Runs a store whose N-th operation on the disk fails; how many operations did. */
async function runFailing(n: number): Promise<number> {
  const [path, log] = [join(root, `${n}`), join(root, `${n}.txt`)];
  const inject = `inject=${CALLS}:error=${ERRORS[n % ERRORS.length]}:when=${n}`;
  const strace = ["/usr/bin/strace", "-f", "-o", log, "-e", `trace=${CALLS}`, "-e", inject];
  const child = crash.start({ path, bytes: 3000, writers: 3, count: ROWS }, strace, ONE_THREAD);
  const lines: string[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  // Nothing of the failure was left unhandled, which would have ended the process. What can end it is lmdb-js, when it
  // tells of a page further on in the file (`room.ts`): then what counts is that nothing acknowledged is lost.
  if (child.signalCode !== "SIGABRT") expect({ n, code: child.exitCode }).toEqual({ n, code: 0 });
  const acknowledged = lines.filter((line) => /^\d+$/.test(line)).map(Number);
  const injected = readFileSync(log, "utf8").split("(INJECTED)").length - 1;
  // One commit says what failed, or the opening does; what is committed after that is refused.
  const codes = lines.slice(acknowledged.length);
  const told = injected === 0 ? [] : ["STORE_WRITE_FAILED", ...(codes.length > 1 ? ["STORE_CLOSED"] : [])];
  expect({ n, codes }).toEqual({ n, codes: told });
  expect(await checkRows(path)).toBeGreaterThan(Math.max(-1, ...acknowledged));
  return injected;
}

describe("an LMDB store whose disk", () => {
  it(`fails at one operation, each of ${FAILURES}, says so once and keeps what it acknowledged`, async (context) => {
    if (!existsSync("/usr/bin/strace")) context.skip("strace is not installed");
    let injected = 0;
    for (let n = FIRST; n < FIRST + FAILURES; n++) injected += await runFailing(n);
    expect(injected).toBeGreaterThan(FAILURES / 2);
  });
});
