/** The house rules, run over every file that git knows or would add; and violations planted to prove that each bites. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedDocs, undocumented } from "./docs.mjs";
import { staleReason } from "./ensure.mjs";
import {
  checkSource,
  countLines,
  FILE_LINES_MAX,
  type Finding,
  LONG_FILES,
  type SourceFile,
} from "./tidy/source-rules.ts";
import { checkExports, checkLinks, checkText } from "./tidy/tree-rules.ts";

const root = resolve(import.meta.dirname, "..");
const TEXT = /\.(ts|tsx|mjs|cjs|js|json|md|html|css|yml|yaml|toml|txt|wat)$|(^|\/)(\.npmrc|\.gitignore|run|LICENSE)$/;

const files: readonly SourceFile[] = listFiles().map((path) => ({
  path,
  text: TEXT.test(path) ? readFileSync(join(root, path), "utf8") : "",
}));
const sources = files.filter(({ path }) => /\.tsx?$/.test(path) && !path.startsWith("fixtures/"));

describe("the tree", () => {
  it("keeps the house rules in every source file", () => {
    expect(sources.length).toBeGreaterThan(10);
    expect(lines(sources.flatMap(checkSource))).toEqual([]);
  });

  it("waives the length of no file that keeps it", () => {
    const long = sources.filter(({ text }) => countLines(text) > FILE_LINES_MAX).map(({ path }) => path);
    expect(Object.keys(LONG_FILES).filter((path) => !long.includes(path))).toEqual([]);
  });

  it("holds no machine path and no registry address", () => {
    expect(lines(files.flatMap(checkText))).toEqual([]);
  });

  it("has no broken link in its documentation", () => {
    const textByPath = new Map(files.map(({ path, text }) => [path, path.endsWith(".md") ? text : null]));
    const pages = files.filter(({ path }) => path.endsWith(".md"));
    expect(lines(pages.flatMap((page) => checkLinks(page, textByPath)))).toEqual([]);
  });

  it("has export maps that match its files", () => {
    const manifests = files.filter(({ path }) => /^packages\/[^/]+\/package\.json$/.test(path));
    expect(
      lines(manifests.flatMap((manifest) => checkExports(manifest, (path) => existsSync(join(root, path))))),
    ).toEqual([]);
  });

  it("says of every error code and every limit what it is", () => {
    expect(undocumented()).toEqual([]);
  });

  it("has generated pages that are fresh: `node tools/docs.mjs` writes them", () => {
    for (const { path, text } of generatedDocs()) {
      expect(existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "", path).toBe(text);
    }
  });

  it("is installed as its lock says", () => {
    expect(staleReason()).toBeNull();
  });
});

describe("planted violations in a source file", () => {
  const core = "packages/core/src/dag/planted.ts";
  const planted: readonly (readonly [rule: string, path: string, text: string])[] = [
    ["global", core, "// x\nexport const now = (): number => Date.now();\n"],
    ["global", core, "// x\nexport const roll = (): number => Math.random();\n"],
    ["global", core, "// x\nexport const later = (then: () => void): unknown => setTimeout(then, 1);\n"],
    ["global", core, "// x\nexport const clock = globalThis.performance;\n"],
    ["global", core, "// x\nexport const ports = { fetch };\n"],
    ["global", "packages/core/src/crypto/planted.ts", "// x\nexport const home = process.env;\n"],
    ["core-node", core, '// x\nimport { readFileSync } from "node:fs";\nexport const read = readFileSync;\n'],
    ["await", core, "// x\nexport const wait = async (): Promise<void> => {};\n"],
    [
      "await",
      "packages/core/src/sync/planted.ts",
      "// x\nexport const wait = (p: Promise<void>) => ({ async go() { await p; } });\n",
    ],
    ["header", core, "export const bare = 1;\n"],
    ["suppression", core, "// x\n// biome-ignore lint/a/b: a long enough reason\nexport const hidden = 1;\n"],
    ["suppression", "packages/cli/src/planted.ts", "// @ts-expect-error\nexport const hidden: string = 1;\n"],
    ["file-length", "sim/src/planted.ts", "// x\n".repeat(FILE_LINES_MAX + 1)],
    ["marker", "sim/src/planted.ts", "// TODO: some day\n"],
    ["marker", "sim/src/planted.ts", "/* x\n * FIXME(#1) */\n"],
    [
      "relative-import",
      "packages/store/src/planted.ts",
      'import { x } from "../../core/src/base/index.ts";\nexport const y = x;\n',
    ],
    ["only", "sim/src/planted.test.ts", 'it.only("x", () => {});\n'],
    ["skip", "sim/src/planted.test.ts", 'describe.skipIf(true)("x", () => {});\n'],
    ["skip", "sim/src/planted.test.ts", 'it.skip("x", () => {});\n'],
  ];

  for (const [rule, path, text] of planted) {
    it(`reports ${rule}: ${text
      .split("\n")
      .find((line) => line !== "// x")
      ?.slice(0, 60)}`, () => {
      expect(checkSource({ path, text }).map((finding) => finding.rule)).toContain(rule);
    });
  }

  const clean: readonly (readonly [path: string, text: string])[] = [
    [core, '/** Date.now() in a comment. */\nexport const text = "Date.now() and process";\n'],
    [
      core,
      "// x\nexport const use = (clock: { fetch(): number }, crypto: number): number => clock.fetch() + crypto;\n",
    ],
    [
      "packages/core/src/crypto/node.ts",
      '// x\nexport const load = () => globalThis.process?.getBuiltinModule("node:crypto");\n',
    ],
    [
      "packages/core/src/dag/a.test.ts",
      'import { fuzzDecoder } from "../../../../tools/fuzz.ts";\nimport "node:fs";\nfuzzDecoder;\n',
    ],
    [
      "packages/cli/src/a.ts",
      "// TODO(#12): say more\n// @ts-expect-error: the types of this package are wrong\nexport const a = 1;\n",
    ],
    ["sim/src/a.test.ts", 'it("x", (context) => context.skip("no device"));\n'],
  ];
  for (const [path, text] of clean) {
    it(`is content with ${text.split("\n").at(-2)?.slice(0, 60)}`, () => {
      expect(checkSource({ path, text })).toEqual([]);
    });
  }
});

describe("planted violations in the tree", () => {
  it("reports a machine path and a registry address", () => {
    const text = `see ${["", "home", "me", "x"].join("/")}\n"${"resolved"}": "https://example.org/a.tgz"\n`;
    expect(checkText({ path: "README.md", text }).map(({ rule }) => rule)).toEqual(["machine-path", "registry"]);
    expect(checkText({ path: "README.md", text: "https://example.org/home/me and ~/desk/x and ./root/x\n" })).toEqual(
      [],
    );
  });

  it("reports links to files and headings that are not there", () => {
    const page = {
      path: "docs/a.md",
      text: "[b](b.md) [c](../c.md) [d](b.md#no) [e](b.md#two-words) [f](https://x.org)\n",
    };
    const textByPath = new Map([["docs/b.md", "# Two words\n"]]);
    expect(checkLinks(page, textByPath).map(({ message }) => message)).toEqual([
      "../c.md: no such file",
      "b.md#no: no such heading",
    ]);
  });

  it("reports export maps that do not match", () => {
    const manifest = (entry: object): SourceFile => ({
      path: "packages/x/package.json",
      text: JSON.stringify({ exports: { ".": entry } }),
    });
    const good = { "x-source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" };
    expect(checkExports(manifest(good), () => true)).toEqual([]);
    expect(checkExports(manifest(good), () => false)).toHaveLength(1);
    expect(checkExports(manifest({ ...good, types: "./dist/other.d.ts" }), () => true)).toHaveLength(1);
    expect(checkExports(manifest({ types: good.types, "x-source": good["x-source"] }), () => true)).toHaveLength(1);
  });
});

function lines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ path, line, rule, message }) => `${path}:${line} ${rule}: ${message}`);
}

function listFiles(): readonly string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  const paths = [...new Set(listed.split("\0"))].filter((path) => path !== "");
  return paths.filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile());
}
