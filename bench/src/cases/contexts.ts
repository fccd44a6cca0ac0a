/**
 * A real node on a home with many small contexts: what its start takes and holds. The home is made once, by a node of
 * its own; each measured start is in a fresh process, since memory that was once taken is not given back.
 */
import { join } from "node:path";
import { SYNC_PRESETS } from "@dunlin/api";
import { silentLog } from "@dunlin/core/base";
import { openNode } from "@dunlin/node";
import type { Figures } from "../isolated.ts";

const config = {
  network: { listen: ["/ip4/127.0.0.1/tcp/0"], peers: [], mdns: false },
  sync: { ...SYNC_PRESETS.medium, contexts: {} },
  limits: { callTimeMs: 10_000, callFuel: 1e9 },
};
const APPLICATION = join(import.meta.dirname, "..", "..", "..", "examples", "notes", "app.ts");
/** Calls per context: each sets an entry. */
const CALLS = 5;
const SETTLE_MS = 3_000;

/** Fills the home `input` with `runs` contexts; the time of each. */
export async function contextsFill(runs: number, input: string): Promise<Figures> {
  await using service = await openNode({ home: input, config, log: silentLog });
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
  await using service = await openNode({ home: input, config, log: silentLog });
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
  return {
    startMs: [startMs],
    startBytes: [started - before],
    openedBytes: [opened - started],
    firstCallMs: firstCallMs.slice(1),
    contexts: [contexts.length],
  };
}

/** Resident bytes of the process, its worker's heap among them, once nothing moves any more. */
async function settledMemory(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
