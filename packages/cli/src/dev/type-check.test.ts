import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTypeChecker, type TypeChecker } from "./type-check.ts";

const GOOD = `import { app, counter } from "@dunlin/sdk";
import { step } from "./step.ts";
export default app({
  state: { hits: counter() },
  queries: { value: (state) => state.hits.value() },
  mutations: { hit: (state) => state.hits.add(step) },
});
`;

let folder: string;
let entry: string;
let checker: TypeChecker;

beforeAll(async () => {
  checker = await createTypeChecker();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-types-"));
  entry = join(folder, "app.ts");
  await write({ "app.ts": GOOD, "step.ts": "export const step = 1;\n" });
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** Errors as `file line:column code`, of files in the folder. */
function errors(): string[] {
  return checker.check(entry).errors.map(({ file, line, column, code }) => {
    return `${file.split("/").at(-1)} ${line}:${column} ${code}`;
  });
}

describe("the types of an application", () => {
  it("are found good with nothing installed beside it, and its own files are named", () => {
    const { errors: found, files } = checker.check(entry);
    expect(found).toEqual([]);
    expect([...files].sort()).toEqual([entry, join(folder, "step.ts")]);
  });

  it("are wrong where the author is wrong, with the line, and right again after a change", async () => {
    await write({ "app.ts": GOOD.replace("hits.value()", "hits.valeu()") });
    const [error] = checker.check(entry).errors;
    const line = "  queries: { value: (state) => state.hits.valeu() },";
    expect(error).toMatchObject({ line: 5, column: line.indexOf("valeu") + 1, code: "TS2551", text: line });
    await write({ "app.ts": GOOD, "step.ts": 'export const step = "1";\n' });
    expect(errors()).toEqual(["app.ts 6:47 TS2345"]);
    await write({ "step.ts": "export const step = 2;\n" });
    expect(errors()).toEqual([]);
  });

  it("are those of the sandbox: no page, no Node, no packages of types that lie about", async () => {
    const ambient = ["console.log(1)", "process.exit()", "fetch", "setTimeout(() => {}, 1)", "document", "Buffer"];
    await write({ "app.ts": `${GOOD}${ambient.map((text) => `${text};\n`).join("")}` });
    expect(errors().map((error) => error.split(" ")[1])).toEqual(ambient.map((_, at) => `${8 + at}:1`));
    await write({ "tsconfig.json": '{"compilerOptions":{"lib":["DOM"],"types":["node"]}}' });
    expect(errors()).toHaveLength(ambient.length);
  });

  it("are as strict as the author's configuration says", async () => {
    await write({ "app.ts": `${GOOD}const unused = 1;\nfunction loose(x) {}\nloose(1);\n` });
    expect(errors()).toEqual(["app.ts 9:16 TS7006"]);
    await write({ "tsconfig.json": '{"compilerOptions":{"strict":false,"noUnusedLocals":true,"outDir":"x"}}' });
    expect(errors()).toEqual(["app.ts 8:7 TS6133"]);
    await write({ "tsconfig.json": '{"compilerOptions":{"strict":"maybe"}}' });
    expect(errors().some((error) => error.startsWith("tsconfig.json 1:"))).toBe(true);
  });

  it("are of no matter in JavaScript", async () => {
    await write({ "app.js": "nothing.at(all" });
    expect(checker.check(join(folder, "app.js"))).toEqual({ errors: [], files: [join(folder, "app.js")] });
  });

  it("say so when the file is not there, or imports one that is not", async () => {
    await rm(join(folder, "step.ts"));
    expect(errors()).toEqual(["app.ts 2:22 TS2307"]);
    await rm(entry);
    expect(errors()).toEqual(["app.ts 1:1 TS6053"]);
  });
});
