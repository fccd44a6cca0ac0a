import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const START = "tools/start.mjs";
const DEMO = "examples/notes/dist/demo.js";
const DEADLINE_MS = 100_000;
const GONE_DEADLINE_MS = 15_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly lines: readonly string[];
}

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-demo-test-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Runs the demonstration; `onOutput` is shown all that it has written whenever there is more. */
function run(
  script: string,
  args: readonly string[],
  { traces, onOutput }: { traces?: string; onOutput?: (output: string, child: ChildProcess) => void } = {},
): Promise<Ended> {
  const env = { ...process.env, DUNLIN_TRACES: traces ?? "" };
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let output = "";
  const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      onOutput?.(output, child);
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output, lines: output.trim().split("\n") });
    });
  });
}

/** A history of a line typed letter by letter, several times over. */
async function writeHistory(name: string, { endContent }: { endContent?: string } = {}): Promise<void> {
  const typed = "The dunlin turns as one. ".repeat(40);
  const txns = [...typed].map((letter, at) => ({ patches: [[at, 0, letter]] }));
  await writeFile(join(folder, name), JSON.stringify({ startContent: "", endContent: endContent ?? typed, txns }));
}

/** Every pid that was printed, of nodes that may run. */
function pidsOf(output: string): number[] {
  return [...output.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("npm start", () => {
  it("replays the project's histories, loses nothing, and ends with an account", async () => {
    const json = join(folder, "rows.json");
    const { code, output, lines } = await run(START, ["--once", "--json", json]);
    expect(lines.at(-1)).toMatch(/^ALL EQUAL: [\d,]+ acknowledged writes on every node, 3 documents, one root\.$/);
    expect(code).toBe(0);
    expect(output).toMatch(/C was killed \(kill -9\) with \d+ acknowledged writes/);
    const { default: rows } = await import(json, { with: { type: "json" } });
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      if (row.kind === "document") expect(row.equalOn).toEqual(["A", "B", "C"]);
      else expect(row).toMatchObject({ found: row.acknowledged, auditedRoot: rows[0].root, root: rows[0].root });
    }
    expect(pidsOf(output).filter(isAlive)).toEqual([]);
  });

  it("says what is not equal, and fails", async () => {
    await writeHistory("planted.json", { endContent: "another text" });
    const { code, output, lines } = await run(START, ["--once", "--keep", join(folder, "nodes")], { traces: folder });
    expect(code).toBe(1);
    for (const node of ["A", "B", "C"]) {
      expect(output).toContain(`NOT EQUAL: node ${node}: the text of planted is not the recorded one: 1000 characters`);
      expect(output).toContain(`NOT EQUAL: node ${node}: the text of planted made from its store`);
    }
    expect(output).toMatch(/planted +sequential +A .* DIFFERS +DIFFERS +DIFFERS/);
    expect(output).not.toContain("ALL EQUAL");
    expect(lines.some((line) => /^FAILED: \d+ of the checks above do not hold$/.test(line))).toBe(true);
    expect(pidsOf(output).filter(isAlive)).toEqual([]);
  });

  it("refuses what it cannot use in one line, before any node is started", async () => {
    await writeFile(join(folder, "bad.json"), "{}");
    const held = createServer().listen(0, "127.0.0.1");
    await once(held, "listening");
    const { port } = held.address() as { port: number };
    const cases: [readonly string[], string | undefined, number, RegExp][] = [
      [["--once"], join(folder, "none"), 2, /^FAILED: the folder of histories cannot be read: ENOENT/],
      [["--once"], folder, 2, /^FAILED: .*bad\.json is no recorded history: endContent is no text$/],
      [["--port", "x"], undefined, 2, /^FAILED: --port must be/],
      [["--wrong"], undefined, 2, /^FAILED: .*--wrong/],
      [["--once", "--keep", folder], undefined, 3, /^FAILED: .* holds other things: name an empty folder$/],
      [["--once", "--port", String(port)], undefined, 3, /^FAILED: port \d+ cannot be listened on: .*EADDRINUSE/],
    ];
    for (const [args, traces, wanted, why] of cases) {
      const { code, output, lines } = await run(DEMO, args, traces === undefined ? {} : { traces });
      expect([code, lines.findLast((line) => line.startsWith("FAILED"))]).toEqual([wanted, expect.stringMatching(why)]);
      expect(pidsOf(output).filter(isAlive)).toEqual([]);
    }
    held.close();
  });

  it("stops its nodes when it is interrupted, with the code of an interrupt", async () => {
    const { code, output } = await run(START, [], {
      onOutput: (text, child) => {
        if (/ keys {2}\d+ calls\n/.test(text)) child.kill("SIGINT");
      },
    });
    expect(code).toBe(130);
    expect(pidsOf(output)).toHaveLength(3);
    expect(pidsOf(output).filter(isAlive)).toEqual([]);
  });

  it("leaves no node behind when it is killed itself", async () => {
    const { output } = await run(DEMO, ["--keep", join(folder, "nodes")], {
      onOutput: (text, child) => {
        if (/ keys {2}\d+ calls\n/.test(text)) child.kill("SIGKILL");
      },
    });
    expect(pidsOf(output)).toHaveLength(3);
    await expect.poll(() => pidsOf(output).filter(isAlive), { timeout: GONE_DEADLINE_MS }).toEqual([]);
  });
});
