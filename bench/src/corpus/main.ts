/**
 * `npm run corpus`: every `.wasm` and `.mpk` of the folder that DUNLIN_WASM_CORPUS names, through real nodes.
 *
 * Each is installed, its imports told, and its `init` called with `{}` or with what a `NAME.json` beside it holds; of a
 * bundle with several services each one, the further ones with `NAME.SERVICE.json`. One
 * whose `init` wants arguments that nobody gave has shown that it runs: that is told, and passes. What exports `set`,
 * `get` and `remove` goes through the scenario. The last line counts.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { furtherServices, readApplication } from "@dunlin/runtime";
import { type Node, type Nodes, openNodes, unwrap } from "./nodes.ts";
import { runScenario, SCENARIO_METHODS } from "./scenario.ts";

type Three = readonly [Node, Node, Node];

/** How an application says that its arguments are not what it takes. */
const WANTS_ARGUMENTS = /deserialize input|missing field|expected input|invalid type/i;

process.exitCode = await main();

async function main(): Promise<number> {
  const folder = process.env["DUNLIN_WASM_CORPUS"];
  if (folder === undefined || !existsSync(folder)) {
    console.error("DUNLIN_WASM_CORPUS must name a folder of .wasm and .mpk files");
    return 2;
  }
  const names = readdirSync(folder)
    .filter((name) => /\.(wasm|mpk)$/.test(name))
    .sort();
  await using shared = await openNodes(3);
  let failed = 0;
  for (const name of names) {
    const startMs = performance.now();
    const [isFine, told] = await tryAlone(join(folder, name), shared);
    if (!isFine) failed++;
    console.log(`${isFine ? "ok    " : "FAILED"} ${name}  ${Math.round(performance.now() - startMs)} ms  ${told}`);
  }
  console.log(`${names.length - failed} passed, ${failed} failed`);
  return failed === 0 && names.length > 0 ? 0 : 1;
}

/** A bundle gets nodes of its own: another signer's of its package is refused where it is installed. */
async function tryAlone(path: string, shared: Nodes): Promise<[isFine: boolean, told: string]> {
  if (!path.endsWith(".mpk")) return tryOne(path, shared.nodes as unknown as Three);
  await using own = await openNodes(3);
  return await tryOne(path, own.nodes as unknown as Three);
}

async function tryOne(path: string, nodes: Three): Promise<[isFine: boolean, told: string]> {
  const told: string[] = [];
  try {
    for (const node of nodes) unwrap("install", await node.installApplication({ path }));
    const bytes = new Uint8Array(readFileSync(path));
    const { applicationId } = unwrap("install", await nodes[0].installApplication({ path }));
    for (const [serviceName, artefact] of [[undefined, bytes] as const, ...furtherServices(bytes)]) {
      const { imports, exports } = interfaceOf(artefact);
      const service = { applicationId, serviceName, exports, given: argumentsFor(path, serviceName) };
      const passed = await tryService(service, nodes);
      const name = serviceName === undefined ? "" : `service ${serviceName}: `;
      told.push(`${name}${passed}; imports ${imports.length}: ${imports.join(" ")}`);
    }
    return [true, told.join("; ")];
  } catch (thrown) {
    return [false, [...told, thrown instanceof Error ? thrown.message : String(thrown)].join("; ")];
  }
}

interface Service {
  readonly applicationId: string;
  readonly serviceName: string | undefined;
  readonly exports: readonly string[];
  /** Arguments for its `init`. */
  readonly given: unknown;
}

/** What it went through; throws where it fails. */
async function tryService({ applicationId, serviceName, exports, given }: Service, nodes: Three): Promise<string> {
  const initialization = exports.includes("init") ? { initialization: given ?? {} } : {};
  const created = await nodes[0].createContext({ applicationId, serviceName, ...initialization });
  if (!created.ok && given === undefined && WANTS_ARGUMENTS.test(created.error.message)) {
    return `init wants arguments: ${created.error.message.slice(0, 200)}`;
  }
  const { contextId } = unwrap("create and init", created);
  if (!SCENARIO_METHODS.every((method) => exports.includes(method))) return "init";
  await runScenario(contextId, nodes);
  return "init, two nodes, late join";
}

function interfaceOf(artefact: Uint8Array): {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
} {
  const read = unwrap("read", readApplication(artefact));
  if (read.kind === "bundle") throw new Error("no WebAssembly");
  const module = new WebAssembly.Module(read.guest.module);
  return {
    imports: WebAssembly.Module.imports(module).map(({ name }) => name),
    exports: WebAssembly.Module.exports(module).map(({ name }) => name),
  };
}

function argumentsFor(path: string, service: string | undefined): unknown {
  const beside = path.replace(/\.(wasm|mpk)$/, service === undefined ? ".json" : `.${service}.json`);
  return existsSync(beside) ? JSON.parse(readFileSync(beside, "utf8")) : undefined;
}
