/**
 * What others of a node feel of an application that does nothing but work: a context with 50 calls a second that are
 * timed from when they were due, alone and beside two callers of another context whose method never ends. With a budget
 * of fuel, which an operator sets, and without. Each part takes 30 s, with the context alone before and after, and that without a budget a quarter.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "@dunlin/core/base";
import { GUEST_MODULE } from "../guest-module.ts";
import { type BenchNode, openBenchNode } from "../open-bench-node.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "hostile";
const CALLS_PER_SECOND = 50;
const HOSTILE_CALLERS = 2;
/** A tenth of the defaults, or the part without a budget takes minutes on a machine with other work. */
const CALL_LIMITS = { callFuel: 30_000_000, guestFuel: 200_000_000 };
/** About five milliseconds of work in each second, of either kind of application. */
const BUDGETS = { typescript: 1_000_000, webassembly: 6_000_000 };
const SCRIPT = join(import.meta.dirname, "..", "..", "..", "packages", "runtime", "fixtures", "hostile.ts");

interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

export const hostile: Suite = {
  name: SUITE,
  about: "latency of a context beside an application that never stops working",
  async run({ isQuick }) {
    const durationMs = isQuick ? 4_000 : 30_000;
    const rows: Row[] = [];
    for (const [kind, budget] of Object.entries(BUDGETS)) {
      await using node = await openBenchNode();
      const contextId = await hostileContext(node, kind);
      await measure(node, durationMs / 4);
      const before = await measure(node, durationMs);
      await setBudget(node, contextId, budget);
      const bounded = await beside(node, contextId, () => measure(node, durationMs));
      const after = await measure(node, durationMs);
      await setBudget(node, contextId, null);
      const unbounded = await beside(node, contextId, () => measure(node, durationMs / 4));
      rows.push(...rowsOf(kind, [before, after], { bounded, unbounded }));
    }
    return rows;
  },
};

async function hostileContext({ service, folder }: BenchNode, kind: string): Promise<string> {
  const module = join(folder, "hostile.wasm");
  writeFileSync(module, GUEST_MODULE);
  const installed = await service.installApplication({ path: kind === "typescript" ? SCRIPT : module });
  if (!installed.ok) throw new Error(installed.error.message);
  const created = await service.createContext(installed.value);
  if (!created.ok) throw new Error(created.error.message);
  return created.value.contextId;
}

async function setBudget({ service }: BenchNode, contextId: string, fuelPerSecond: number | null): Promise<void> {
  const set = await service.setContextLimits({ contextId, changes: { fuelPerSecond, ...CALL_LIMITS } });
  if (!set.ok) throw new Error(set.error.message);
}

/** Calls what never ends, again as soon as it is answered, while something else is done. */
async function beside<T>({ service }: BenchNode, contextId: string, work: () => Promise<T>): Promise<T> {
  let isDone = false;
  const codes = new Set<string>();
  const callers = Array.from({ length: HOSTILE_CALLERS }, async () => {
    while (!isDone) {
      const called = await service.execute({ contextId, method: "spin", args: {} });
      codes.add(called.ok ? "ok" : called.error.code);
      await new Promise(setImmediate);
    }
  });
  const done = await work().finally(() => {
    isDone = true;
  });
  await Promise.all(callers);
  if (![...codes].every((code) => ["BUDGET_FUEL", "FUEL_LIMIT", "TIME_LIMIT"].includes(code)))
    throw new Error(`the hostile calls ended with ${[...codes].join(", ")}`);
  return done;
}

/** From when each call was due, so that one that waits makes those behind it late too. */
async function measure({ service, contextId }: BenchNode, durationMs: number): Promise<Latencies> {
  const begun = performance.now();
  const latencies: number[] = [];
  const calls: Promise<void>[] = [];
  for (let due = begun; due < begun + durationMs; due += 1000 / CALLS_PER_SECOND) {
    const waitMs = due - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const called = service.execute({ contextId, method: "put", args: { key: `k${calls.length % 256}`, value: "v" } });
    calls.push(
      called.then(({ ok }) => {
        if (!ok) throw new Error("a call of the context that is timed failed");
        latencies.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(calls);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => must(latencies[Math.floor(share * (latencies.length - 1))], "a call");
  return { p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
}

function rowsOf(
  kind: string,
  alone: readonly Latencies[],
  { bounded, unbounded }: { readonly bounded: Latencies; readonly unbounded: Latencies },
): Row[] {
  const mean = (of: keyof Latencies): number => alone.reduce((sum, one) => sum + one[of], 0) / alone.length;
  const reference = { name: "alone", value: mean("p99Ms") };
  const base = { suite: SUITE, unit: "ms" } as const;
  return [
    toRow({
      ...base,
      name: `p99 beside a ${kind} loop with a budget`,
      value: bounded.p99Ms,
      median: bounded.p50Ms,
      reference,
      target: { atMost: 1.5 },
      note: `worst ${bounded.worstMs.toFixed(0)} ms, alone ${mean("worstMs").toFixed(0)} ms`,
    }),
    toRow({
      ...base,
      name: `p99 beside a ${kind} loop without one`,
      value: unbounded.p99Ms,
      median: unbounded.p50Ms,
      reference,
      note: `worst ${unbounded.worstMs.toFixed(0)} ms: a call holds up the thread for its fuel, here a tenth of the default`,
    }),
  ];
}
