/**
 * Cases that get a process of their own, so that no other library has shaped the engine's code and heap before:
 *
 *   node isolated.js CASE RUNS [INPUT]       prints { figure: [samples] } as JSON
 *
 * `inOwnProcess` runs one from a suite. A case that is spawned several times is cold each time.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Samples by figure; in milliseconds unless the figure says otherwise. */
export type Figures = { readonly [figure: string]: readonly number[] };

/** Runs a case `runs` times in this process. */
export type Case = (runs: number, input: string) => Figures | Promise<Figures>;

export type CaseName =
  | "apps"
  | "contextsFill"
  | "contextsStart"
  | "dag"
  | "deltas"
  | "fillNode"
  | "fillStore"
  | "heap"
  | "heapAfter"
  | "heapSnapshot"
  | "list"
  | "loadText"
  | "map"
  | "memory"
  | "nodeWhole"
  | "nodeParts"
  | "nodeNetwork"
  | "nodeBase"
  | "mergeText"
  | "objects"
  | "plainHeap"
  | "plainList"
  | "plainMap"
  | "plainText"
  | "plainUpdates"
  | "receiveText"
  | "registerHeap"
  | "registerObjects"
  | "reopen"
  | "replayText"
  | "serve"
  | "startNode"
  | "updates";

/** Each loads what it needs and no more: loading code is most of a start, and some cases measure one. */
const CASES: { readonly [name in CaseName]: () => Promise<Case> } = {
  apps: async () => (await import("./cases/apps.ts")).apps,
  contextsFill: async () => (await import("./cases/contexts.ts")).contextsFill,
  contextsStart: async () => (await import("./cases/contexts.ts")).contextsStart,
  dag: async () => (await import("./cases/dag.ts")).dag,
  deltas: async () => (await import("./cases/deltas.ts")).deltas,
  fillNode: async () => (await import("./cases/long-log.ts")).fillNode,
  fillStore: async () => (await import("./cases/restart.ts")).fillStore,
  heap: async () => (await import("./cases/heap.ts")).heap,
  heapAfter: async () => (await import("./cases/heap.ts")).heapAfter,
  heapSnapshot: async () => (await import("./cases/memory.ts")).heapSnapshot,
  list: async () => (await import("./cases/list.ts")).list,
  loadText: async () => (await import("./cases/text.ts")).loadText,
  map: async () => (await import("./cases/map.ts")).map,
  nodeBase: async () => (await import("./cases/node-memory.ts")).nodeBase,
  nodeNetwork: async () => (await import("./cases/node-memory.ts")).nodeNetwork,
  nodeParts: async () => (await import("./cases/node-memory.ts")).nodeParts,
  nodeWhole: async () => (await import("./cases/node-memory.ts")).nodeWhole,
  memory: async () => (await import("./cases/memory.ts")).memory,
  mergeText: async () => (await import("./cases/text.ts")).mergeText,
  objects: async () => (await import("./cases/heap.ts")).objects,
  plainHeap: async () => (await import("./cases/heap.ts")).plainHeap,
  plainList: async () => (await import("./cases/list.ts")).plainList,
  plainMap: async () => (await import("./cases/map.ts")).plainMap,
  plainText: async () => (await import("./cases/text.ts")).plainText,
  plainUpdates: async () => (await import("./cases/updates.ts")).plainUpdates,
  receiveText: async () => (await import("./cases/text.ts")).receiveText,
  registerHeap: async () => (await import("./cases/heap.ts")).registerHeap,
  registerObjects: async () => (await import("./cases/heap.ts")).registerObjects,
  reopen: async () => (await import("./cases/restart.ts")).reopen,
  replayText: async () => (await import("./cases/text.ts")).replayText,
  serve: async () => (await import("./cases/serve.ts")).serve,
  startNode: async () => (await import("./cases/long-log.ts")).startNode,
  updates: async () => (await import("./cases/updates.ts")).updates,
};

/** The figures of a case, run in a fresh process. */
export function inOwnProcess(name: CaseName, runs: number, input = "", options: readonly string[] = []): Figures {
  const script = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, ["--expose-gc", ...options, script, name, `${runs}`, input], {
    encoding: "utf8",
    maxBuffer: 16_777_216,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`the case ${name} ended with ${child.status ?? child.signal}`);
  return JSON.parse(child.stdout) as Figures;
}

/** Two cases in turns, `processes` times each, with all samples of a figure together. */
export function inTurns(names: readonly CaseName[], processes: number, runs: number, input = ""): Figures {
  const all: { [figure: string]: number[] } = {};
  for (let i = 0; i < processes; i++) {
    for (const name of names) {
      const figures = inOwnProcess(name, runs, input);
      for (const figure of Object.keys(figures)) {
        all[figure] ??= [];
        all[figure].push(...(figures[figure] ?? []));
      }
    }
  }
  return all;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [name = "", runs = "1", input = ""] = process.argv.slice(2);
  const measured: Case = await CASES[name as CaseName]();
  const figures = await measured(Number(runs), input);
  process.stdout.write(JSON.stringify(figures));
}
