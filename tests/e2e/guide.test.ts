/**
 * The guide, done: the files that a page shows are written into an empty folder, its tests run there, and its commands
 * one after the other, against a node on a home of its own where they need one.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openCluster } from "./support/cluster.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COMMAND = join(ROOT, "packages/cli/bin/dunlin.js");
/** A block of code whose first line names its file. */
const FILE = /^```(?:ts|js)\n\/\/ (\S+)\n(.*?)^```$/gms;
const COMMANDS = /^```sh\n(.*?)^```$/gms;
/** A word of a command, or a text in quotes. */
const WORD = /'([^']*)'|(\S+)/g;
const ID = /\b[1-9A-HJ-NP-Za-km-z]{43,44}\b/;

interface Page {
  readonly folder: string;
  readonly files: readonly string[];
  readonly commands: readonly (readonly string[])[];
}

function open(name: string): Page {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-guide-"));
  const text = readFileSync(join(ROOT, "docs/guide", name), "utf8");
  const files = Array.from(text.matchAll(FILE), ([, file = "", content = ""]) => {
    writeFileSync(join(folder, file), content);
    return file;
  });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }');
  const lines = Array.from(text.matchAll(COMMANDS), ([, block = ""]) => block.trim().split("\n")).flat();
  const commands = lines.map((line) => Array.from(line.matchAll(WORD), ([, quoted, word]) => quoted ?? word ?? ""));
  return { folder, files, commands };
}

/** The output of a program that must succeed. */
function run(args: readonly string[], folder: string, home?: string): Promise<string> {
  const env = { ...process.env, ...(home === undefined ? {} : { DUNLIN_HOME: home }) };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: 60_000 }, (error, out, err) =>
      error === null ? resolve(out) : reject(new Error(`${args.join(" ")}: ${out}${err}`)),
    );
  });
}

it("testing.md: its tests pass as they stand", async () => {
  const { folder, files } = open("testing.md");
  const tests = files.filter((file) => file.endsWith(".test.js"));
  expect(tests).toHaveLength(2);
  expect(await run(["--test", ...tests], folder)).toMatch(/fail 0\n/);
  rmSync(folder, { recursive: true });
});

it("performance.md: what it says of operations is what a profile shows", async () => {
  const { folder, commands } = open("performance.md");
  expect(commands).toHaveLength(1);
  const out = await run([COMMAND, ...(commands[0] ?? []).slice(1)], folder);
  const counted = (operation: string): number[] =>
    Array.from(out.matchAll(new RegExp(`^ +${operation} +(\\d+)`, "gm")), ([, count]) => Number(count));
  // `many` of three words, and `byKey`; `entries` asks once.
  expect(counted("mapGet")).toEqual([3, 3]);
  expect(counted("mapSet")).toEqual([3]);
  expect(counted("mapEntries")).toEqual([1]);
  rmSync(folder, { recursive: true });
});

it("release.md: builds, installs, runs and upgrades", async () => {
  await using cluster = openCluster();
  const node = await cluster.start("a");
  const { folder, commands } = open("release.md");
  const named = new Map<string, string>();
  const answers: string[] = [];
  for (const [, ...words] of commands) {
    const args = words.map((word) => named.get(word) ?? word);
    const out = await run([COMMAND, ...args], folder, node.home);
    const id = ID.exec(out)?.[0];
    const [noun, verb] = words;
    if (id !== undefined && noun === "app") named.set("APPLICATION", id);
    if (id !== undefined && noun === "context" && verb === "create") named.set("CONTEXT", id);
    answers.push(out);
  }
  expect(answers.at(-3)).toContain("prices.apple");
  expect(JSON.parse(answers.at(-1) ?? "")).toEqual({ apple: { amount: 3, currency: "EUR" } });
  rmSync(folder, { recursive: true });
});
