/** Where the time goes: by method, what callers wait for and what its operations on the state take. */
import { Histogram } from "@dunlin/core/metrics";
import type { DevEvent } from "./dev-nodes.ts";

export interface OperationProfile {
  readonly name: string;
  readonly count: number;
  readonly ms: number;
}

/** Milliseconds. `calls` are those that somebody made; handlers of events run besides. */
export interface MethodProfile {
  readonly method: string;
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
  readonly total: number;
  /** Runs of it in the sandbox, handlers' and those that failed included. */
  readonly runs: number;
  readonly sandbox: number;
  /** Most of the time first. */
  readonly operations: readonly OperationProfile[];
}

interface Sums {
  readonly calls: Histogram;
  runs: number;
  sandbox: number;
  readonly operations: Map<string, { count: number; ms: number }>;
}

const NANOSECONDS_PER_MS = 1_000_000;

export class Profiler {
  #sumsByMethod = new Map<string, Sums>();

  take(event: DevEvent): void {
    if (event.kind === "call") this.#of(event.request.method).calls.record(event.ms);
    if (event.kind !== "log" || event.event !== "application.profile") return;
    const { method, ms, operations } = event.fields as object as ProfileFields;
    const sums = this.#of(method);
    sums.runs++;
    sums.sandbox += ms;
    for (const [name, [count, spent]] of Object.entries(operations)) {
      const sum = sums.operations.get(name) ?? { count: 0, ms: 0 };
      sums.operations.set(name, { count: sum.count + count, ms: sum.ms + spent });
    }
  }

  /** What was taken since the last time, most of the time first. */
  drain(): readonly MethodProfile[] {
    const rows = [...this.#sumsByMethod].map(([method, { calls, runs, sandbox, operations }]): MethodProfile => {
      const { count, sum, p50, p99 } = calls.summary();
      const byName = [...operations].map(([name, spent]) => ({ name, ...spent })).sort((a, b) => b.ms - a.ms);
      return { method, calls: count, p50, p99, total: sum, runs, sandbox, operations: byName };
    });
    this.#sumsByMethod = new Map();
    return rows.sort((a, b) => b.total - a.total || b.sandbox - a.sandbox);
  }

  #of(method: string): Sums {
    const found = this.#sumsByMethod.get(method);
    if (found) return found;
    const made: Sums = { calls: new Histogram(NANOSECONDS_PER_MS), runs: 0, sandbox: 0, operations: new Map() };
    this.#sumsByMethod.set(method, made);
    return made;
  }
}

interface ProfileFields {
  readonly method: string;
  readonly ms: number;
  readonly operations: Readonly<Record<string, readonly [count: number, ms: number]>>;
}

const HEADS = ["method", "calls", "p50", "p99", "total", "sandbox"];

/** A table: a row for each method, and under it one for each operation that it uses. */
export function profileLines(rows: readonly MethodProfile[]): readonly string[] {
  if (rows.length === 0) return ["no calls to profile"];
  const cells: (readonly string[])[] = [HEADS];
  for (const { method, calls, p50, p99, total, runs, sandbox, operations } of rows) {
    const waited = calls > 0 ? [shown(p50), shown(p99), shown(total)] : ["", "", ""];
    // Of a WebAssembly application, which no sandbox of ours tells of, only what callers wait is known.
    cells.push([method, String(calls), ...waited, runs > 0 ? shown(sandbox) : ""]);
    for (const { name, count, ms } of operations) cells.push([`  ${name}`, String(count), "", "", "", shown(ms)]);
  }
  const widths = HEADS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [
    "milliseconds: p50, p99 and total as callers wait, the flush to disk included; sandbox is the method's own part",
    ...cells.map(line),
  ];
}

function shown(ms: number): string {
  return ms.toFixed(ms < 10 ? 3 : 1);
}
