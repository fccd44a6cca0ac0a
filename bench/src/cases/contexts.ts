/**
 * A real node on a home with many small contexts: what its start takes and holds. The home is made once, by a node of
 * its own; each measured start is in a fresh process, since memory that was once taken is not given back.
 */
import { join } from "node:path";
import { must } from "@dunlin/core/base";
import type { Figures } from "../isolated.ts";
import { openService, type Service } from "../open-bench-node.ts";

const APPLICATION = join(import.meta.dirname, "..", "..", "..", "examples", "notes", "app.ts");
/** Calls per context: each sets an entry. */
const CALLS = 5;
const SETTLE_MS = 3_000;
const LOAD_MS = 10_000;
const LOAD_EVERY_MS = 10_000;
const LOAD_TICK_MS = 20;

/** Fills the home `input` with `runs` contexts; the time of each. */
export async function contextsFill(runs: number, input: string): Promise<Figures> {
  await using service = await openService(input);
  const installed = await service.installApplication({ path: APPLICATION });
  if (!installed.ok) throw new Error(installed.error.message);
  const createMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    const begun = performance.now();
    const created = await service.createContext(installed.value);
    if (!created.ok) throw new Error(created.error.message);
    const { contextId } = created.value;
    createMs.push(performance.now() - begun);
    const calls = Array.from({ length: CALLS }, (_, at) =>
      service.execute({ contextId, method: "put", args: { key: `key ${at}`, value: `value ${i}` } }),
    );
    for (const { ok } of await Promise.all(calls)) if (!ok) throw new Error("a call failed");
  }
  return { createMs };
}

/** Starts a node on the home `input`: until it answers, what it holds then, and the first call of `runs` contexts. */
export async function contextsStart(runs: number, input: string): Promise<Figures> {
  const before = await settledMemory();
  const begun = performance.now();
  await using service = await openService(input);
  const startMs = performance.now() - begun;
  const started = await settledMemory();
  const { contexts } = await service.status();
  const firstCallMs: number[] = [];
  for (const { contextId } of contexts.slice(0, runs)) {
    const asked = performance.now();
    const called = await service.execute({ contextId, method: "settings", args: {} });
    if (!called.ok) throw new Error(called.error.message);
    firstCallMs.push(performance.now() - asked);
  }
  const opened = await settledMemory();
  for (const { contextId } of contexts.slice(runs)) await put(service, contextId, 0);
  const ids = contexts.map(({ contextId }) => contextId);
  const { cpuPercent, calls } = await load(service, ids);
  return {
    cpuPercent: [cpuPercent],
    calls: [calls],
    loadedBytes: [process.memoryUsage().rss],
    startMs: [startMs],
    startBytes: [started - before],
    openedBytes: [opened - started],
    firstCallMs: firstCallMs.slice(1),
    contexts: [contexts.length],
  };
}

/** All contexts are open and each is called once in `LOAD_EVERY_MS`, evenly spread: what the processor does meanwhile. */
async function load(service: Service, ids: readonly string[]): Promise<{ cpuPercent: number; calls: number }> {
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  const under: Promise<void>[] = [];
  while (performance.now() - begun < LOAD_MS) {
    const due = ((performance.now() - begun) * ids.length) / LOAD_EVERY_MS;
    while (under.length < due) under.push(put(service, must(ids[under.length % ids.length], "an id"), under.length));
    await new Promise((resolve) => setTimeout(resolve, LOAD_TICK_MS));
  }
  await Promise.all(under);
  const { user, system } = process.cpuUsage(cpu);
  return { cpuPercent: (user + system) / 10 / (performance.now() - begun), calls: under.length };
}

async function put(service: Service, contextId: string, at: number): Promise<void> {
  const done = await service.execute({ contextId, method: "put", args: { key: `key ${at % 100}`, value: "loaded" } });
  if (!done.ok) throw new Error(done.error.message);
}

/** Resident bytes of the process, its worker's heap among them, once nothing moves any more. */
async function settledMemory(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
