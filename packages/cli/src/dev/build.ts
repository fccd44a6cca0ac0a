/**
 * From an author's file to an artefact that nodes install: types first, then the bundle. The bundler and the sandbox are
 * loaded when they are needed, so that other commands start at once.
 */
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { idToText } from "@dunlin/core/base";
import type { Abi, BuildOptions } from "@dunlin/runtime";
import { relativePath, type SourceError } from "./source-error.ts";
import { sourceLine, type TypeChecker } from "./type-check.ts";

export type Built =
  | { readonly ok: true; readonly artefact: Artefact; readonly files: readonly string[] }
  | { readonly ok: false; readonly errors: readonly SourceError[]; readonly files: readonly string[] };

export interface Artefact {
  readonly applicationId: string;
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  /** Undefined of a WebAssembly module, whose author may have said nothing of it. */
  readonly abi: Abi | undefined;
}

const SOURCES: readonly string[] = [".ts", ".js", ".mts", ".mjs"];

export function isSource(path: string): boolean {
  return SOURCES.includes(extname(path));
}

/** Checks and bundles a source; takes anything else as it is. An error stands where the author made it. */
export async function buildFile(entry: string, checker: TypeChecker, options: BuildOptions = {}): Promise<Built> {
  const path = resolve(entry);
  if (!isSource(path)) return readArtefact(path);
  const { errors, files } = checker.check(path);
  if (errors.length > 0) return { ok: false, errors, files };
  const { buildApplication, encodeBundle } = await import("@dunlin/runtime");
  const built = await buildApplication(path, options);
  if (!built.ok) {
    const { code, message, file, line = 1, column = 1 } = built.error;
    const at = file === undefined ? path : resolve(dirname(path), file);
    const text = file === undefined ? undefined : sourceLine(at, line);
    return { ok: false, errors: [{ file: relativePath(at), line, column, code, message, text }], files };
  }
  const bytes = encodeBundle(built.value);
  const { name, version, abi } = built.value;
  return { ok: true, files, artefact: { applicationId: await idOf(bytes), name, version, bytes, abi } };
}

export async function writeArtefact(path: string, { bytes }: Artefact): Promise<void> {
  await writeFile(path, bytes);
}

async function readArtefact(path: string): Promise<Built> {
  const files = [path];
  try {
    const bytes = new Uint8Array(await readFile(path));
    const artefact = { applicationId: await idOf(bytes), name: basename(path), version: "", bytes, abi: undefined };
    return { ok: true, files, artefact };
  } catch (thrown) {
    const at = { file: relativePath(path), line: 1, column: 1, text: undefined };
    const message = `cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    return { ok: false, errors: [{ ...at, code: "APPLICATION_BUILD_FAILED", message }], files };
  }
}

async function idOf(bytes: Uint8Array): Promise<string> {
  const { applicationIdOf } = await import("@dunlin/runtime");
  return idToText(applicationIdOf(bytes));
}
