/**
 * Proves that the layer check bites: a small copy of the workspace's shape, with violations planted in it, each of
 * which the real configuration must report by the right rule; and the same copy without them, which must be clean.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const repository = resolve(import.meta.dirname, "..");
const made: string[] = [];

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** Sources that keep every rule, and use each way of importing once. */
const CLEAN: Readonly<Record<string, string>> = {
  "packages/core/src/base/index.ts": "export const base = 1;\n",
  "packages/core/src/crypto/index.ts":
    'import { sha256 } from "@noble/hashes/sha2.js";\nimport { base } from "../base/index.ts";\nexport const crypto = [base, sha256];\n',
  "packages/core/src/crdt/index.ts": 'import { crypto } from "../crypto/index.ts";\nexport const crdt = crypto;\n',
  "packages/core/src/replica/index.ts": 'import { crdt } from "../crdt/index.ts";\nexport const replica = crdt;\n',
  "packages/core/src/sync/index.ts": 'import { replica } from "../replica/index.ts";\nexport const sync = replica;\n',
  "packages/core/src/base/index.test.ts":
    'import { readFileSync } from "node:fs";\nexport const free = readFileSync;\n',
  "packages/store/src/index.ts": 'import { base } from "@dunlin/core/base";\nexport const store = base;\n',
  "packages/network/src/index.ts":
    'import { createServer } from "node:net";\nimport { base } from "@dunlin/core/base";\nexport const network = [base, createServer];\n',
  "packages/node/src/index.ts": 'export const openNode = async () => (await import("./open-node.ts")).node;\n',
  "packages/node/src/open-node.ts": 'export { node } from "./node.ts";\n',
  "packages/node/src/node.ts":
    'import { sync } from "@dunlin/core/sync";\nimport { network } from "@dunlin/network";\nexport const node = [sync, network];\n',
  "packages/server/src/index.ts": 'import { node } from "@dunlin/node";\nexport const server = node;\n',
  "packages/store/src/part.ts": 'import type { Whole } from "./whole.ts";\nexport type Part = Whole;\n',
  "packages/store/src/whole.ts": 'import type { Part } from "./part.ts";\nexport type Whole = Part[];\n',
  "sim/src/main.ts": 'import { sync } from "@dunlin/core/sync";\nexport const sim = sync;\n',
};

interface Planted {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly rule: string;
  /** Other files that the violation takes. */
  readonly also?: Readonly<Record<string, string>>;
}

const PLANTED: readonly Planted[] = [
  {
    what: "a relative import upward in core",
    file: "packages/core/src/base/up.ts",
    text: 'import { crdt } from "../crdt/index.ts";\nexport const up = crdt;\n',
    rule: "core-layer-base",
  },
  {
    what: "a type import upward in core",
    file: "packages/core/src/crdt/up-type.ts",
    text: 'import type { replica } from "../replica/index.ts";\nexport type Up = typeof replica;\n',
    rule: "core-layer-crdt",
  },
  {
    what: "an import upward in core by the package's own name",
    file: "packages/core/src/crypto/up-name.ts",
    text: 'import { sync } from "@dunlin/core/sync";\nexport const up = sync;\n',
    rule: "core-layer-crypto",
  },
  {
    what: "a re-export upward in core",
    file: "packages/core/src/base/up-export.ts",
    text: 'export { sync } from "../sync/index.ts";\n',
    rule: "core-layer-base",
  },
  {
    what: "Node in core",
    file: "packages/core/src/dag/disk.ts",
    text: 'import { readFileSync } from "node:fs";\nexport const disk = readFileSync;\n',
    rule: "core-is-pure",
  },
  {
    what: "a dynamic import of Node in core",
    file: "packages/core/src/dag/lazy.ts",
    text: 'export const disk = import("node:fs");\n',
    rule: "core-is-pure",
  },
  {
    what: "another package in core",
    file: "packages/core/src/replica/store.ts",
    text: 'import { store } from "@dunlin/store";\nexport const bad = store;\n',
    rule: "member-packages-core",
  },
  {
    what: "a layer that is not in the table",
    file: "packages/core/src/extras/index.ts",
    text: 'import { base } from "../base/index.ts";\nexport const extras = base;\n',
    rule: "unknown-layer",
  },
  {
    what: "an import upward between packages by name",
    file: "packages/network/src/up.ts",
    text: 'import { node } from "@dunlin/node";\nexport const up = node;\n',
    rule: "member-packages-network",
  },
  {
    what: "an import upward between packages by path",
    file: "packages/store/src/up.ts",
    text: 'import { server } from "../../server/src/index.ts";\nexport const up = server;\n',
    rule: "member-packages-store",
  },
  {
    what: "the network's sight of sync",
    file: "packages/network/src/sync.ts",
    text: 'import { sync } from "@dunlin/core/sync";\nexport const bad = sync;\n',
    rule: "sync-and-network",
  },
  {
    what: "the simulator's sight of the network",
    file: "sim/src/network.ts",
    text: 'import { network } from "@dunlin/network";\nexport const bad = network;\n',
    rule: "member-sim",
  },
  {
    what: "the network's code in what a worker loads",
    file: "packages/node/src/home.ts",
    text: 'import { network } from "@dunlin/network";\nexport const home = network;\n',
    rule: "network-beside-the-worker",
  },
  {
    what: "an import of the runtime in what applications import",
    file: "packages/sdk/src/up.ts",
    text: 'import { runtime } from "@dunlin/runtime";\nexport const up = runtime;\n',
    rule: "sdk-in-the-sandbox",
    also: { "packages/runtime/src/index.ts": "export const runtime = 1;\n" },
  },
  {
    what: "files that import each other",
    file: "packages/store/src/ring-a.ts",
    text: 'import { b } from "./ring-b.ts";\nexport const a = (): unknown => b;\n',
    rule: "no-circular",
    also: { "packages/store/src/ring-b.ts": 'import { a } from "./ring-a.ts";\nexport const b = (): unknown => a;\n' },
  },
  {
    what: "an import of nothing",
    file: "packages/store/src/nothing.ts",
    text: 'import { nothing } from "@dunlin/core/nothing";\nexport const bad = nothing;\n',
    rule: "no-unresolvable",
  },
  {
    what: "a package that its package.json does not list",
    file: "packages/store/src/undeclared.ts",
    text: 'import { sha256 } from "@noble/hashes/sha2.js";\nexport const bad = sha256;\n',
    rule: "no-undeclared-package",
  },
];

describe("the layer check", () => {
  it("finds nothing in sources that keep the layers", () => {
    expect(cruise(CLEAN)).toEqual([]);
  });

  const planted = PLANTED.map(({ file, text, also }) => ({ [file]: text, ...also }));
  const found = cruise(Object.assign({}, CLEAN, ...planted));

  for (const { what, file, rule } of PLANTED) {
    it(`reports ${what}`, () => {
      expect(found.filter((violation) => violation.from === file).map((violation) => violation.rule)).toContain(rule);
    });
  }
});

interface Violation {
  readonly from: string;
  readonly rule: string;
}

function cruise(sources: Readonly<Record<string, string>>): readonly Violation[] {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-layers-"));
  made.push(folder);
  write(folder, "package.json", '{"name":"w","private":true,"type":"module","workspaces":["packages/*","sim"]}');
  const members = new Set(Object.keys(sources).map((path) => path.slice(0, path.indexOf("/src/"))));
  for (const member of members) addMember(folder, member);
  for (const scope of ["@noble"])
    symlinkSync(join(repository, "node_modules", scope), join(folder, "node_modules", scope));
  for (const [path, text] of Object.entries(sources)) write(folder, path, text);
  const bin = join(repository, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs");
  const config = join(repository, ".dependency-cruiser.mjs");
  const run = spawnSync(process.execPath, [bin, "--config", config, "--output-type", "json", "packages", "sim"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const output = JSON.parse(run.stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return output.summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
}

/** A package.json as the real members have it, and the link that npm makes for a workspace. */
function addMember(folder: string, member: string): void {
  const short = member.slice(member.lastIndexOf("/") + 1);
  const face = { "x-source": "./src/index.ts", default: "./dist/index.js" };
  const layer = { "x-source": "./src/*/index.ts", default: "./dist/*/index.js" };
  write(
    folder,
    `${member}/package.json`,
    JSON.stringify({
      name: `@dunlin/${short}`,
      type: "module",
      exports: short === "core" ? { "./*": layer } : { ".": face },
      dependencies: short === "core" ? { "@noble/hashes": "2.4.0" } : { "@dunlin/core": "0.1.0" },
    }),
  );
  const link = join(folder, "node_modules", "@dunlin", short);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(folder, member), link);
}

function write(folder: string, path: string, text: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
