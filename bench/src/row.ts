/**
 * One measured line: a value, the reference it is compared with, measured in the same run on the same machine, and
 * whether the ratio of the two holds its target. A ratio means something on any machine; a value alone does not.
 */
export interface Row {
  readonly suite: string;
  readonly name: string;
  /** The best of the samples: what others do on the machine only ever adds to it. */
  readonly value: number;
  /** The median of the samples; null where there is one sample, or where it is a rate over the whole run. */
  readonly median: number | null;
  readonly unit: Unit;
  readonly reference: { readonly name: string; readonly value: number } | null;
  /** Value by reference; null without a reference. */
  readonly ratio: number | null;
  /** What the ratio must reach; null for a line that is only reported. */
  readonly target: Target | null;
  /** Whether the target is met; null without one. */
  readonly holds: boolean | null;
}

export type Unit = "us" | "ms" | "s" | "per s" | "bytes" | "MB";

/** The ratio at most (times, sizes) or at least (rates); or the value itself, where the design names a figure. */
export type Target =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly valueAtMost: number }
  | { readonly valueAtLeast: number };

export interface Measured {
  readonly suite: string;
  readonly name: string;
  readonly value: number;
  readonly median?: number;
  readonly unit: Unit;
  readonly reference?: { readonly name: string; readonly value: number };
  readonly target?: Target;
}

export function toRow({ suite, name, value, median, unit, reference, target }: Measured): Row {
  const ratio = reference === undefined ? null : value / reference.value;
  const holds = target === undefined ? null : meets(value, ratio, target);
  return {
    suite,
    name,
    value,
    median: median ?? null,
    unit,
    reference: reference ?? null,
    ratio,
    target: target ?? null,
    holds,
  };
}

/** The rows as a table for a terminal. */
export function toTable(rows: readonly Row[]): string {
  const head = ["suite", "name", "best", "median", "reference", "ratio", "target", ""];
  const cells = rows.map((row) => [
    row.suite,
    row.name,
    `${short(row.value)} ${row.unit}`,
    row.median === null ? "-" : short(row.median),
    row.reference === null ? "-" : `${row.reference.name} ${short(row.reference.value)}`,
    row.ratio === null ? "-" : short(row.ratio),
    row.target === null ? "-" : targetText(row.target, row.unit),
    row.holds === null ? "" : row.holds ? "holds" : "MISSED",
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const toLine = (line: readonly string[]): string =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [head, ...cells].map(toLine).join("\n");
}

function meets(value: number, ratio: number | null, target: Target): boolean | null {
  if ("valueAtMost" in target) return value <= target.valueAtMost;
  if ("valueAtLeast" in target) return value >= target.valueAtLeast;
  if (ratio === null) return null;
  return "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
}

function targetText(target: Target, unit: Unit): string {
  if ("valueAtMost" in target) return `<= ${target.valueAtMost} ${unit}`;
  if ("valueAtLeast" in target) return `>= ${target.valueAtLeast} ${unit}`;
  return "atMost" in target ? `<= ${short(target.atMost)}x` : `>= ${short(target.atLeast)}x`;
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3);
}
