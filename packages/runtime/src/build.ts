/**
 * From an author's TypeScript file to a bundle: esbuild bundles it, and the sandbox runs its top level once, to learn
 * what it declares.
 *
 * `@dunlin/sdk` is found here and not among the author's packages, so an application needs no install. Machine paths
 * stay out of the bundle: the same sources give the same bytes, and so the same application id, wherever they lie.
 * Types are not checked: that is the part of the editor and of `dunlin dev`.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Err, must, ok, type Result, utf8 } from "@dunlin/core/base";
import { type BuildFailure, build, type Message, type Plugin } from "esbuild";
import { deriveAbi } from "./abi/abi.ts";
import { readSourceTypes } from "./abi/source-types.ts";
import type { ApplicationBundle } from "./bundle.ts";
import { createEngine, type LoadError } from "./engine.ts";
import { BUNDLE_BYTES_MAX, BUNDLE_NAME_BYTES_MAX } from "./limits.ts";

/** Where a build went wrong. Line and column count from 1. */
export interface BuildError {
  readonly code: "APPLICATION_BUILD_FAILED";
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface BuildOptions {
  /** Shorter code that does the same, for a release: another id than without. */
  readonly minify?: boolean;
}

/** Name, version and lengths, beside the texts. */
const BUNDLE_OVERHEAD_BYTES = 1024;
const SDK = "@dunlin/sdk";
const SDK_NAMESPACE = "dunlin";

export async function buildApplication(
  entryPath: string,
  { minify = false }: BuildOptions = {},
): Promise<Result<ApplicationBundle, BuildError>> {
  const path = resolve(entryPath);
  const bundled = await bundle(path, minify);
  if (!bundled.ok) return bundled;
  const { code, sourceMap } = bundled.value;
  const engine = await createEngine(bundled.value);
  if (!engine.ok) return loadFailed(engine.error);
  const { description } = engine.value;
  const abi = deriveAbi(description, readSourceTypes(await readFile(path, "utf8")));
  const name = description.name ?? basename(path, extname(path)).slice(0, BUNDLE_NAME_BYTES_MAX / 4);
  const version = description.version ?? "0.0.0";
  const bytes = [code, sourceMap, JSON.stringify(abi)].reduce((sum, text) => sum + utf8(text).length, 0);
  if (bytes > BUNDLE_BYTES_MAX - BUNDLE_OVERHEAD_BYTES)
    return failed(`the bundle is larger than ${BUNDLE_BYTES_MAX} bytes`);
  return ok({ name, version, code, sourceMap, abi });
}

async function bundle(path: string, minify: boolean): Promise<Result<{ code: string; sourceMap: string }, BuildError>> {
  try {
    const built = await build({
      stdin: { contents: START, resolveDir: dirname(path), sourcefile: "dunlin:start", loader: "ts" },
      absWorkingDir: dirname(path),
      plugins: [sdkPlugin, entryPlugin(path)],
      bundle: true,
      minify,
      write: false,
      format: "iife",
      platform: "neutral",
      target: "es2023",
      conditions: ["x-source"],
      mainFields: ["module", "main"],
      outfile: "app.js",
      sourcemap: "external",
      sourcesContent: false,
      // A guest holds the text of its functions, and is put back whole before each call.
      minifyWhitespace: true,
      logLevel: "silent",
      tsconfigRaw: {},
    });
    const [sourceMap, code] = [".js.map", ".js"].map((end) =>
      built.outputFiles.find((file) => file.path.endsWith(end)),
    );
    return ok({ code: must(code, "esbuild gives code").text, sourceMap: must(sourceMap, "esbuild gives a map").text });
  } catch (thrown) {
    if (!isBuildFailure(thrown)) throw thrown;
    return messageFailed(thrown.errors[0]);
  }
}

/** What the bundle begins with: the entry file, and its registration with the sandbox. */
const ENTRY = "dunlin:application";
const START = `import application from "${ENTRY}"; globalThis.__dunlin.serve(application);`;

function entryPlugin(path: string): Plugin {
  return {
    name: "dunlin-entry",
    setup: ({ onResolve }) => onResolve({ filter: /^dunlin:application$/ }, () => ({ path })),
  };
}

/** Gives the SDK's own sources, under names that do not tell where they lie. */
const sdkPlugin: Plugin = {
  name: "dunlin-sdk",
  setup: ({ onResolve, onLoad, resolve: resolveWith }) => {
    let folder: string | undefined;
    onResolve({ filter: /^@dunlin\/sdk$/ }, async ({ pluginData }) => {
      if (pluginData === SDK) return undefined;
      const resolveDir = dirname(fileURLToPath(import.meta.url));
      const found = await resolveWith(SDK, { kind: "import-statement", resolveDir, pluginData: SDK });
      if (found.errors.length > 0) return { errors: found.errors };
      folder = dirname(found.path);
      return { path: `sdk/${basename(found.path)}`, namespace: SDK_NAMESPACE };
    });
    onResolve({ filter: /^\.\//, namespace: SDK_NAMESPACE }, ({ path }) => ({
      path: `sdk/${basename(path)}`,
      namespace: SDK_NAMESPACE,
    }));
    onLoad({ filter: /^sdk\//, namespace: SDK_NAMESPACE }, async ({ path }) => ({
      contents: await readFile(join(must(folder, "the SDK is found before it is read"), basename(path)), "utf8"),
      loader: path.endsWith(".ts") ? "ts" : "js",
    }));
  },
};

function isBuildFailure(thrown: unknown): thrown is BuildFailure {
  return thrown instanceof Error && "errors" in thrown && Array.isArray(thrown.errors);
}

function messageFailed(message: Message | undefined): Err<BuildError> {
  const { location } = message ?? {};
  const text = message?.text ?? "the bundler failed";
  return location ? failed(text, { ...location, column: location.column + 1 }) : failed(text);
}

/** The top level threw, or declares what is not allowed. */
function loadFailed(error: LoadError): Err<BuildError> {
  return failed(error.message, error.stack[0]);
}

function failed(message: string, at?: { file: string; line: number; column: number }): Err<BuildError> {
  const place = at === undefined ? {} : { file: at.file, line: at.line, column: at.column };
  return { ok: false, error: { code: "APPLICATION_BUILD_FAILED", message, ...place } };
}
