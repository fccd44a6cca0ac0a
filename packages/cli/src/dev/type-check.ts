/**
 * The types of an application, as its sandbox has them: the language and `@dunlin/sdk`, no page and no Node.
 *
 * The SDK is the one that the bundle will hold, found beside this command and not among the author's packages. From the
 * author's `tsconfig.json` come the strictness options alone: what decides how files are found and what is ambient is
 * the build's and the sandbox's. A check after a change takes up what did not change from the one before.
 */
import { readFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import type ts from "typescript";
import { relativePath, type SourceError } from "./source-error.ts";

export interface Checked {
  readonly errors: readonly SourceError[];
  /** The author's files that the application consists of: what is to be watched. */
  readonly files: readonly string[];
}

export interface TypeChecker {
  check(entry: string): Checked;
}

const SDK = "@dunlin/sdk";
const TYPED: readonly string[] = [".ts", ".mts"];
/** `include` matches nothing, which is no matter here: the entry is named. */
const NO_INPUTS = [18002, 18003];

/** Loads the compiler, which takes a third of a second. */
export async function createTypeChecker(): Promise<TypeChecker> {
  const { default: compiler } = await import("typescript");
  return new ProgramChecker(compiler);
}

class ProgramChecker implements TypeChecker {
  readonly #ts: typeof ts;
  readonly #kept = new Map<string, { readonly text: string; readonly file: ts.SourceFile }>();
  #program: ts.Program | undefined;

  constructor(compiler: typeof ts) {
    this.#ts = compiler;
  }

  check(entry: string): Checked {
    if (!TYPED.includes(extname(entry))) return { errors: [], files: [entry] };
    const { options, errors } = this.#options(entry);
    const { host, sdkFolder } = this.#host(options);
    const oldProgram = this.#program;
    const program = this.#ts.createProgram({ rootNames: [entry], options, host, ...(oldProgram && { oldProgram }) });
    this.#program = program;
    const own = program.getSourceFiles().filter((file) => {
      if (program.isSourceFileDefaultLibrary(file) || program.isSourceFileFromExternalLibrary(file)) return false;
      return !file.fileName.startsWith(sdkFolder());
    });
    const found = own.flatMap((file) => {
      const syntactic = program.getSyntacticDiagnostics(file);
      return syntactic.length > 0 ? syntactic : program.getSemanticDiagnostics(file);
    });
    const missing = program.getSourceFile(entry)
      ? []
      : [...program.getGlobalDiagnostics(), ...program.getOptionsDiagnostics()];
    return {
      errors: [...errors, ...found, ...missing].map((diagnostic) => this.#describe(diagnostic, entry)),
      files: own.length > 0 ? own.map(({ fileName }) => fileName) : [entry],
    };
  }

  #options(entry: string): { options: ts.CompilerOptions; errors: readonly ts.Diagnostic[] } {
    const { sys, ModuleKind, ModuleResolutionKind, ScriptTarget } = this.#ts;
    const given: ts.CompilerOptions = { strict: true };
    const errors: ts.Diagnostic[] = [];
    const path = this.#ts.findConfigFile(dirname(entry), sys.fileExists);
    if (path !== undefined) {
      const onUnRecoverableConfigFileDiagnostic = (diagnostic: ts.Diagnostic): void => void errors.push(diagnostic);
      const parseHost = { ...sys, onUnRecoverableConfigFileDiagnostic };
      const parsed = this.#ts.getParsedCommandLineOfConfigFile(path, {}, parseHost);
      errors.push(...(parsed?.errors ?? []).filter(({ code }) => !NO_INPUTS.includes(code)));
      for (const name of STRICTNESS) if (parsed?.options[name] !== undefined) given[name] = parsed.options[name];
    }
    const options: ts.CompilerOptions = {
      ...given,
      target: ScriptTarget.ES2023,
      lib: ["lib.es2023.d.ts"],
      types: [],
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.Bundler,
      customConditions: ["x-source"],
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      isolatedModules: true,
      noEmit: true,
      skipLibCheck: true,
    };
    return { options, errors };
  }

  #host(options: ts.CompilerOptions): { host: ts.CompilerHost; sdkFolder: () => string } {
    const { resolveModuleName } = this.#ts;
    const host = this.#ts.createCompilerHost(options);
    const libFolder = dirname(this.#ts.getDefaultLibFilePath(options));
    let folder: string | undefined;
    host.getSourceFile = (name, languageVersion) => {
      const kept = this.#kept.get(name);
      if (kept && name.startsWith(libFolder)) return kept.file;
      const text = host.readFile(name);
      if (text === undefined) return undefined;
      if (kept?.text === text) return kept.file;
      const file = this.#ts.createSourceFile(name, text, languageVersion);
      this.#kept.set(name, { text, file });
      return file;
    };
    const sdk = (): ts.ResolvedModuleWithFailedLookupLocations => {
      const found = resolveModuleName(SDK, fileURLToPath(import.meta.url), options, host);
      if (found.resolvedModule) folder = dirname(found.resolvedModule.resolvedFileName);
      return found;
    };
    host.resolveModuleNameLiterals = (literals, from) =>
      literals.map(({ text }) => (text === SDK ? sdk() : resolveModuleName(text, from, options, host)));
    // Nothing begins with it while no file has asked for the SDK.
    return { host, sdkFolder: () => folder ?? "\0" };
  }

  #describe({ file, start, code, messageText }: ts.Diagnostic, entry: string): SourceError {
    const message = this.#ts.flattenDiagnosticMessageText(messageText, "\n");
    const base = { code: `TS${code}`, message };
    if (!file) return { ...base, file: relativePath(entry), line: 1, column: 1, text: undefined };
    const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0);
    const text = file.text.split(/\r?\n/)[line];
    return { ...base, file: relativePath(file.fileName), line: line + 1, column: character + 1, text };
  }
}

/** Options of an author's that make the check stricter or milder, and change nothing of what is found. */
const STRICTNESS = [
  "strict",
  "strictNullChecks",
  "strictFunctionTypes",
  "strictBindCallApply",
  "strictPropertyInitialization",
  "noImplicitAny",
  "noImplicitThis",
  "useUnknownInCatchVariables",
  "alwaysStrict",
  "exactOptionalPropertyTypes",
  "noUncheckedIndexedAccess",
  "noImplicitOverride",
  "noImplicitReturns",
  "noFallthroughCasesInSwitch",
  "noPropertyAccessFromIndexSignature",
  "noUnusedLocals",
  "noUnusedParameters",
  "allowUnreachableCode",
  "allowUnusedLabels",
  "erasableSyntaxOnly",
] as const;

/** The line of a file, for an error that does not bring it. */
export function sourceLine(path: string, line: number): string | undefined {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/)[line - 1];
  } catch {
    return undefined;
  }
}
