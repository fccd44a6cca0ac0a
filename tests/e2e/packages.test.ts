/** The packages that others install, installed: what is in them, what they export, and every program of their READMEs. */
import { readFileSync } from "node:fs";
import { connectNode } from "@dunlin/client";
import { must } from "@dunlin/core/base";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Cluster, openCluster } from "./support/cluster.ts";
import { type Block, blocksOf, EmptyFolder, manifestOf, type Packed } from "./support/packed.ts";

const PACKAGES = ["core", "store", "runtime", "sdk", "api", "client", "relay"];
const NODE_LIB = ["ES2023", "ESNext.Disposable"];
/** For other people's tests of what they write; all other exports are for programs. */
const TEST_EXPORTS = ["@dunlin/core/transport/testing", "@dunlin/store/testing", "@dunlin/sdk/testing"];
const EXPECTED_FILES = /^(dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts|bin\/[a-z-]+\.js|README\.md|LICENSE|package\.json)$/;
/** What the compiler finds in other people's declarations. */
const FOREIGN = /^node_modules\/(?!@dunlin)/;
const INSTALL = "/admin-api/install-dev-application";
const TEST_FILES = /\.test\.|\/reference\/|fixtures\//;

describe("the packages, installed in an empty folder", () => {
  const folder = new EmptyFolder();
  const blocks = ["", ...PACKAGES.map((name) => `packages/${name}`)].flatMap(blocksOf);
  const forNode = blocks.filter(({ isForBrowsers }) => !isForBrowsers);
  const forBrowsers = blocks.filter(({ isForBrowsers }) => isForBrowsers);
  let packed: readonly Packed[];
  let missing: string | undefined;

  beforeAll(async () => {
    packed = await folder.pack(PACKAGES);
    missing = await folder.install(packed);
  }, 180_000);

  afterAll(() => folder[Symbol.dispose]());

  beforeEach((context) => {
    if (missing !== undefined) context.skip(missing);
  });

  it.each(PACKAGES)("%s holds its code, its sources, a README, a licence, and no tests", (name) => {
    const { files } = packed.find((one) => one.name === name) as Packed;
    expect(files.filter((path) => !EXPECTED_FILES.test(path) || TEST_FILES.test(path))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "package.json"]));
    expect(files.some((path) => path.startsWith("dist/"))).toBe(true);
    const root = new URL("../..", import.meta.url);
    const licence = (path: string): string => readFileSync(new URL(path, root), "utf8");
    expect(licence(`packages/${name}/LICENSE`)).toBe(licence("LICENSE"));
  });

  it("loads every export, checks its declarations and the programs for browsers", async () => {
    const specifiers = PACKAGES.flatMap((name) => {
      const { name: scoped, exports = {} } = manifestOf(name);
      return Object.keys(exports).map((subpath) => scoped + subpath.slice(1));
    });
    expect(specifiers.filter((specifier) => specifier.includes("testing"))).toEqual(TEST_EXPORTS);
    const text = specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});\n`).join("");
    const block: Block = { name: "exports", text, isForBrowsers: false };
    const { output } = await folder.compile([block, ...forBrowsers], [...NODE_LIB, "DOM"], {
      checksDeclarations: true,
    });
    expect(output.split("\n").filter((line) => line !== "" && !FOREIGN.test(line))).toEqual([]);
    expect(await folder.run(block)).toEqual({ code: 0, output: "" });
  });

  it("runs the command of the relay", async () => {
    const { output } = await folder.command("dunlin-relay", ["--help"]);
    expect(output).toContain("--port");
  });

  describe("the READMEs", () => {
    let cluster: Cluster;
    let env: Record<string, string>;

    beforeAll(async () => {
      if (missing !== undefined) return;
      expect(await folder.compile(forNode, NODE_LIB)).toEqual({ code: 0, output: "" });
      cluster = openCluster();
      const process = await cluster.start("a");
      // The client's programs call the application of the SDK's README.
      const path = folder.programPath(
        must(
          blocks.find(({ name }) => name === "sdk-1"),
          "an application",
        ),
        "ts",
      );
      const { applicationId } = await process.post<{ applicationId: string }>(INSTALL, { path });
      await connectNode(process).contexts.create(applicationId);
      env = { DUNLIN_URL: process.url, DUNLIN_TOKEN: process.token };
    }, 120_000);

    afterAll(() => cluster?.[Symbol.asyncDispose]());

    it("have programs to run", () => {
      const names = new Set(blocks.map(({ name }) => name.slice(0, name.lastIndexOf("-"))));
      expect([...names]).toEqual(["root", "core", "store", "sdk", "client", "relay"]);
    });

    it.each(forNode)("run: $name", async (block) => {
      // The SDK's programs have its application beside them.
      const application = must(
        blocks.find(({ name }) => name === "sdk-1"),
        "an application",
      );
      const { code, output } = await folder.run(block, env, { "notebook.ts": application.text });
      expect(code, output).toBe(0);
    });
  });
});
