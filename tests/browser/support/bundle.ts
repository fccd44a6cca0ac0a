/** Bundles what the tests open from the sources of the workspace: each page of `pages/`, and the examples. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "vite";

const root = resolve(import.meta.dirname, "../../..");

/** The folder with `NAME.js` for each `pages/NAME.ts`. */
export async function bundlePages(): Promise<string> {
  const pages = join(root, "tests/browser/pages");
  const outDir = join(root, ".cache/browser");
  const names = readdirSync(pages).filter((name) => name.endsWith(".ts"));
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["x-source"] },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name.slice(0, -3), join(pages, name)])),
        output: { entryFileNames: "[name].js" },
        preserveEntrySignatures: "strict",
      },
    },
  });
  return outDir;
}

/** Builds an example by its own configuration into `NAME/` of the folder. */
export async function bundleExample(name: string, folder: string): Promise<void> {
  await build({
    root: join(root, "examples", name),
    base: `/${name}/`,
    logLevel: "warn",
    build: { outDir: join(folder, name), emptyOutDir: true },
  });
}
