import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeBundle } from "@dunlin/runtime";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildFile } from "./build.ts";
import { reportLines } from "./source-error.ts";
import { filesOf, TEMPLATES } from "./templates.ts";
import { createTypeChecker } from "./type-check.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-build-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function build(text: string, name = "app.ts", options = {}) {
  await writeFile(join(folder, name), text);
  return buildFile(join(folder, name), await createTypeChecker(), options);
}

it.each(Object.keys(TEMPLATES))("builds the template %s as it stands, smaller for a release", async (template) => {
  const files = await filesOf(template, "my-own");
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  const [plain, small] = [
    await build(files.get("app.ts") ?? ""),
    await build(files.get("app.ts") ?? "", "app.ts", { minify: true }),
  ];
  if (!plain.ok || !small.ok) throw new Error("it builds");
  expect(plain.artefact).toMatchObject({ name: "my-own", version: "0.1.0", abi: small.artefact.abi });
  expect(small.artefact.bytes.length).toBeLessThan(plain.artefact.bytes.length);
  expect(decodeBundle(small.artefact.bytes).ok).toBe(true);
  for (const one of TEMPLATES[template]?.tries ?? []) {
    expect(plain.artefact.abi?.methods.map(({ name }) => name)).toContain(one.split(" ")[0]);
  }
});

it("shows where the sandbox refuses what types allow, and marks the place", async () => {
  const built = await build(
    `import { app } from "@dunlin/sdk";\nfunction fail(): void {\n\tthrow new Error("at the top");\n}\nfail();\nexport default app({ state: {} });\n`,
  );
  if (built.ok) throw new Error("it throws");
  const [head, text, mark] = reportLines(built.errors);
  expect(head).toMatch(/app\.ts:3:\d+ APPLICATION_BUILD_FAILED at the top/);
  expect(text).toBe('  3 | \tthrow new Error("at the top");');
  expect(mark?.startsWith("    | \t")).toBe(true);
  expect(mark?.endsWith("^")).toBe(true);
});

it("takes what is no source as it is, and says what cannot be read", async () => {
  const built = await build("\0asm", "app.wasm");
  expect(built).toMatchObject({ ok: true, artefact: { name: "app.wasm", abi: undefined } });
  expect(built.ok && built.artefact.bytes).toEqual(new Uint8Array(await readFile(join(folder, "app.wasm"))));
  const missing = await buildFile(join(folder, "none.wasm"), await createTypeChecker());
  expect(missing).toMatchObject({ ok: false, errors: [{ line: 1, message: expect.stringContaining("ENOENT") }] });
});

it("shortens a long report, and shows no line that is too long for a mark", () => {
  const error = { file: "app.ts", line: 1, column: 3, code: "TS1", message: "wrong", text: "x".repeat(200) };
  const lines = reportLines(Array.from({ length: 25 }, () => error));
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe("and 5 more");
});
