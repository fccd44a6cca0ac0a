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
import { apps } from "./cases/apps.ts";
import { contextsFill, contextsStart } from "./cases/contexts.ts";
import { dag } from "./cases/dag.ts";
import { deltas } from "./cases/deltas.ts";
import { heap, heapAfter, objects, plainHeap, registerHeap, registerObjects } from "./cases/heap.ts";
import { list, plainList } from "./cases/list.ts";
import { map, plainMap } from "./cases/map.ts";
import { heapSnapshot, memory } from "./cases/memory.ts";
import { fillStore, reopen } from "./cases/restart.ts";
import { serve } from "./cases/serve.ts";
import { loadText, mergeText, plainText, receiveText, replayText } from "./cases/text.ts";
import { plainUpdates, updates } from "./cases/updates.ts";

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
  | "fillStore"
  | "heap"
  | "heapSnapshot"
  | "list"
  | "loadText"
  | "map"
  | "memory"
  | "mergeText"
  | "heapAfter"
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
  | "updates";

const CASES: { readonly [name in CaseName]: Case } = {
  apps,
  contextsFill,
  contextsStart,
  dag,
  deltas,
  fillStore,
  heap,
  heapSnapshot,
  list,
  loadText,
  map,
  memory,
  mergeText,
  heapAfter,
  objects,
  plainHeap,
  plainList,
  plainMap,
  plainText,
  plainUpdates,
  receiveText,
  registerHeap,
  registerObjects,
  reopen,
  replayText,
  serve,
  updates,
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
  const figures = await CASES[name as CaseName](Number(runs), input);
  process.stdout.write(JSON.stringify(figures));
}
