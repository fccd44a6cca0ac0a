/** `dunlin dev` as an author has it: errors while the old version runs, a reload on save with the state kept, an end. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCommand } from "./support/node-process.ts";
import { until } from "./support/until.ts";

const COMMAND = fileURLToPath(new URL("../../packages/cli/bin/dunlin.js", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../examples/notes/app.ts", import.meta.url));

interface Line {
  readonly kind: string;
  readonly [field: string]: unknown;
}

interface Dev {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  /** The first line that is so, from `from` on. */
  line(wanted: (line: Line) => boolean, from?: number): Promise<Line>;
  stop(): Promise<number | null>;
}

let folder: string;
let entry: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-dev-test-"));
  entry = join(folder, "app.ts");
  await copyFile(EXAMPLE, entry);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

function startDev(...args: string[]): Dev {
  const child = spawn(process.execPath, [COMMAND, "dev", entry, "--json", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const lines: Line[] = [];
  let rest = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) lines.push(JSON.parse(part));
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    child,
    lines,
    line: (wanted, from = 0) =>
      until("dunlin dev tells it", () => lines.slice(from).find(wanted), {
        deadlineMs: 60_000,
        seen: () => [lines.slice(-3), errors, child.exitCode],
      }),
    stop: () => {
      child.kill("SIGINT");
      return ended;
    },
  };
}

async function edit(change: (text: string) => string): Promise<void> {
  const before = await readFile(entry, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(entry, after);
}

it("reports a type error while the old version runs, then reloads on all nodes with the state kept", async () => {
  const dev = startDev("--profile", "--call", 'put {"key":"colour","value":"green"}');
  const ready = await dev.line(({ kind }) => kind === "ready");
  const nodes = ready["nodes"] as { name: string; url: string; home: string }[];
  const contextId = String(ready["contextId"]);
  expect(nodes.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  const call = async (node: number, method: string, args = "{}") => {
    const { out, err } = await runCommand(["call", "--home", nodes[node]?.home ?? "", contextId, method, args]);
    return out.trim() || err.trim();
  };

  // The call is told of where it was made, its delta and event with it, and its delta by the others.
  expect(await dev.line(({ kind }) => kind === "call")).toMatchObject({ node: "a", method: "put", ok: true });
  const made = await dev.line(({ kind, local }) => kind === "commit" && local === true);
  expect(made).toMatchObject({ node: "a", events: [{ kind: "Put", data: '{"key":"colour"}' }] });
  for (const name of ["b", "c"]) {
    const got = await dev.line(({ kind, node, local }) => kind === "commit" && node === name && local === false);
    expect(got).toMatchObject({ deltas: made["deltas"], root: made["root"] });
  }

  await edit((text) => text.replace("return state.tags.values();", "return state.tags.size();"));
  const { errors } = (await dev.line(({ kind }) => kind === "errors")) as unknown as { errors: object[] };
  const lines = (await readFile(entry, "utf8")).split("\n");
  const text = lines.find((line) => line.includes("state.tags.size()")) ?? "";
  const place = { line: lines.indexOf(text) + 1, column: text.indexOf("return") + 1, text };
  expect(errors).toEqual([expect.objectContaining({ ...place, code: "TS2322", message: expect.any(String) })]);
  expect(await call(1, "get", '{"key":"colour"}')).toBe('"green"');

  await edit((whole) =>
    whole
      .replace("return state.tags.size();", "return state.tags.values();")
      .replace(
        "    tags(state)",
        "    keys(state): string[] {\n      return state.settings.keys();\n    },\n    tags(state)",
      )
      .replace('ctx.emit("Put", { key });', 'ctx.log("put " + key);\n      ctx.emit("Put", { key });'),
  );
  const reload = await dev.line(({ kind }) => kind === "reload");
  expect(reload["changes"]).toEqual(["+ query keys"]);
  expect(reload["applicationId"]).not.toBe(ready["applicationId"]);
  for (const node of [0, 1, 2]) expect(await call(node, "keys")).toBe('["colour"]');
  expect(await call(2, "put", '{"key":"size","value":"small"}')).toBe("null");
  expect(await dev.line(({ kind }) => kind === "log")).toMatchObject({ node: "c", method: "put", line: "put size" });
  expect(await call(0, "nothing")).toContain("nothing");
  expect(await dev.line(({ ok }) => ok === false)).toMatchObject({ method: "nothing", code: "METHOD_NOT_FOUND" });

  expect(await dev.stop()).toBe(0);
  const [before, after] = dev.lines.filter(({ kind }) => kind === "profile");
  const rowOf = (line: Line | undefined, method: string) =>
    (line?.["methods"] as { method: string }[] | undefined)?.find((row) => row.method === method);
  expect(rowOf(before, "put")).toMatchObject({ calls: 1, runs: 1 });
  expect(rowOf(after, "put")).toMatchObject({
    calls: 1,
    operations: expect.arrayContaining([expect.objectContaining({ name: "mapSet", count: 1 })]),
  });
  expect(nodes.some(({ home }) => existsSync(home))).toBe(false);
});

it("keeps the nodes in a folder that is named, and takes the state up again", async () => {
  const home = join(folder, "nodes");
  const args = ["--home", home, "--once"];
  const first = startDev(...args, "--call", 'put {"key":"a","value":"kept"}', "--call", 'get {"key":"a"}');
  await first.line(({ kind, node, output }) => kind === "call" && node === "b" && output === "kept");
  await edit((text) => text.replace('version: "1.0.0"', 'version: "1.0.1"'));
  const second = startDev(...args, "--call", "settings", "--call", "settings", "--call", "settings");
  for (const name of ["a", "b", "c"]) {
    const told = await second.line(({ kind, node }) => kind === "call" && node === name);
    expect(told["output"]).toEqual({ a: "kept" });
  }
  const ready = [first, second].map(({ lines }) => lines.find(({ kind }) => kind === "ready"));
  expect(ready[1]?.["contextId"]).toBe(ready[0]?.["contextId"]);
  expect(ready[1]?.["version"]).toBe("1.0.1");
});

it("with --once fails on an error of types, and on a call that fails", async () => {
  const args = ["dev", entry, "--once"];
  const failed = await runCommand([...args, "--call", 'edit {"document":"d","edits":[[5,1,""]]}']);
  expect([failed.code, failed.err]).toEqual([6, expect.stringMatching(/^dunlin: .*app\.ts/)]);
  await edit((text) => text.replace("const EDITS_MAX = 100;", 'const EDITS_MAX: number = "100";'));
  const { code, err } = await runCommand(args);
  expect([code, err]).toEqual([6, expect.stringMatching(/app\.ts:\d+:7 TS2322 Type 'string' is not assignable/)]);
});

it.each(["kv", "chat"])(
  "a new application (%s) is checked, built, called and tested as it stands",
  async (template) => {
    const name = join(folder, `my-${template}`);
    const app = join(name, "app.ts");
    expect((await runCommand(["app", "new", name, "--template", template])).code).toBe(0);
    const again = await runCommand(["app", "new", name]);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("is there already")]);
    const readme = await readFile(join(name, "README.md"), "utf8");
    const calls = [...readme.matchAll(/CONTEXT (\w+)(?: '(.*)')?$/gm)].map(
      ([, method, args = ""]) => `${method} ${args}`,
    );
    expect(calls.length).toBe(3);
    const ran = await runCommand(["dev", app, "--once", "--json", ...calls.flatMap((one) => ["--call", one])]);
    expect([ran.code, ran.err]).toEqual([0, ""]);
    const lines: Line[] = ran.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ kind: "ready", name: `my-${template}`, version: "0.1.0" });
    expect(JSON.stringify(lines.findLast(({ kind }) => kind === "call")?.["output"])).toContain("hello");

    // The test that comes with it, where the SDK is installed.
    await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(name, "node_modules"));
    const tested = spawn(process.execPath, ["--test"], { cwd: name, stdio: ["ignore", "pipe", "inherit"] });
    children.push(tested);
    let report = "";
    tested.stdout.setEncoding("utf8").on("data", (text: string) => {
      report += text;
    });
    expect([await new Promise((resolve) => tested.once("close", resolve)), report]).toEqual([
      0,
      expect.stringMatching(/pass 2\n/),
    ]);

    const [plain, release] = [join(folder, "plain.dunlin"), join(folder, "release.dunlin")];
    const built = await runCommand(["app", "build", app, "--out", plain, "--json"]);
    const small = await runCommand(["app", "build", app, "--release", "--out", release, "--json"]);
    const [one, other] = [JSON.parse(built.out), JSON.parse(small.out)];
    expect(other.methods).toEqual(one.methods);
    expect(other.bytes).toBeLessThan(one.bytes);
    expect((await readFile(release)).length).toBe(other.bytes);
  },
);
