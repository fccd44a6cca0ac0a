/**
 * The packages as a stranger has them: packed, installed into an empty folder that knows nothing of the workspace, and
 * tried with the blocks of their READMEs, each a program of its own.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Nothing here takes that long; what does waits for a network that does not answer. */
const DEADLINE_MS = 90_000;
const BLOCK = /^```ts\n(.*?)^```$/gms;
const NO_REGISTRY =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/;
/** What the READMEs' programs use besides the packages, in the versions of the workspace. */
const COMPANIONS = ["ws", "@types/ws", "@types/node"];

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** One block of a README. Those that need a browser are compiled, but not run. */
export interface Block {
  readonly name: string;
  readonly text: string;
  readonly isForBrowsers: boolean;
}

export interface Packed {
  /** The name of the package's folder below `packages`. */
  readonly name: string;
  readonly tarball: string;
  /** Paths inside it. */
  readonly files: readonly string[];
}

/** The blocks of a README, by its folder below the root, named by that and their place. */
export function blocksOf(folder: string): Block[] {
  const readme = readFileSync(join(ROOT, folder, "README.md"), "utf8");
  const name = folder.split("/").at(-1) ?? "";
  return Array.from(readme.matchAll(BLOCK), ([, text = ""], i) => ({
    name: `${name === "" ? "root" : name}-${i + 1}`,
    text,
    isForBrowsers: text.includes("@dunlin/store/indexeddb"),
  }));
}

export function manifestOf(name: string): { readonly name: string; readonly exports?: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8"));
}

export class EmptyFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "dunlin-packed-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Packs these packages of the workspace into the folder. */
  async pack(names: readonly string[]): Promise<Packed[]> {
    const workspaces = names.map((name) => `--workspace=packages/${name}`);
    const ran = await run("npm", ["pack", ...workspaces, "--json", "--silent", "--pack-destination", this.path], ROOT);
    if (ran.code !== 0) throw new Error(`npm pack: ${ran.output}`);
    const told = JSON.parse(ran.output.slice(ran.output.search(/^[[{]/m))) as unknown;
    const packed = Object.values(told as object) as { name: string; filename: string; files: { path: string }[] }[];
    return names.map((name) => {
      const found = packed.find((one) => one.name === manifestOf(name).name);
      if (found === undefined) throw new Error(`npm pack told nothing of ${name}`);
      return { name, tarball: join(this.path, found.filename), files: found.files.map(({ path }) => path) };
    });
  }

  /** Installs them, and nothing else but what they need. What is missing, in words, when no registry answers. */
  async install(packed: readonly Packed[]): Promise<string | undefined> {
    const manifest = { name: "a-stranger", private: true, type: "module" };
    writeFileSync(join(this.path, "package.json"), JSON.stringify(manifest));
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
    const companions = COMPANIONS.map((name) => `${name}@${lock.packages[`node_modules/${name}`].version}`);
    const quick = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const patience = ["--fetch-retries=0", "--fetch-timeout=15000"];
    const args = ["install", ...quick, ...patience, ...packed.map(({ tarball }) => tarball), ...companions];
    const ran = await run("npm", args, this.path);
    if (ran.code === 0) return undefined;
    if (!NO_REGISTRY.test(ran.output)) throw new Error(`npm install: ${ran.output}`);
    return "the package registry cannot be reached, and npm's cache lacks what the packages need";
  }

  /** Checks and compiles programs against what is installed; the declarations that are installed only when asked to. */
  compile(
    blocks: readonly Block[],
    lib: readonly string[],
    { checksDeclarations = false }: { readonly checksDeclarations?: boolean } = {},
  ): Promise<Ran> {
    const folder = join(this.path, "programs");
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of blocks) writeFileSync(join(folder, `${name}.ts`), text);
    const target = { target: "ES2023", lib, module: "NodeNext", types: ["node"], rootDir: "." };
    const compilerOptions = { ...target, strict: true, skipLibCheck: !checksDeclarations };
    const config = { compilerOptions, files: blocks.map(({ name }) => `${name}.ts`) };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    return run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], this.path);
  }

  /** Runs a compiled program in a folder of its own, which holds these files alone. */
  run(block: Block, env: Record<string, string> = {}, files: Record<string, string> = {}): Promise<Ran> {
    const folder = join(this.path, "runs", block.name);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return run(process.execPath, [this.programPath(block, "js")], folder, env);
  }

  /** Runs a command that an installed package brings. */
  command(name: string, args: readonly string[]): Promise<Ran> {
    return run(process.execPath, [join(this.path, "node_modules/.bin", name), ...args], this.path);
  }

  programPath(block: Block, extension: "ts" | "js"): string {
    return join(this.path, "programs", `${block.name}.${extension}`);
  }
}

/** Code and output, both streams together; a command that cannot start or is too slow has code 1. */
function run(command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: DEADLINE_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({
        code,
        output: error?.killed ? `ETIMEDOUT: ended after ${DEADLINE_MS} ms\n${out}${err}` : `${out}${err}`,
      });
    });
  });
}
