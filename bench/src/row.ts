/**
 * One measured line: a value, the reference it is compared with, measured in the same run on the same machine, and
 * whether the ratio of the two holds its target. A ratio means something on any machine; a value alone does not.
 */
export interface Row {
  readonly suite: string;
  readonly name: string;
  readonly value: number;
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

/** A ratio at most (times, sizes), or at least (rates). */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

export interface Measured {
  readonly suite: string;
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly reference?: { readonly name: string; readonly value: number };
  readonly target?: Target;
}

export function toRow({ suite, name, value, unit, reference, target }: Measured): Row {
  const ratio = reference === undefined ? null : value / reference.value;
  const holds = ratio === null || target === undefined ? null : meets(ratio, target);
  return { suite, name, value, unit, reference: reference ?? null, ratio, target: target ?? null, holds };
}

/** The rows as a table for a terminal. */
export function toTable(rows: readonly Row[]): string {
  const head = ["suite", "name", "value", "reference", "ratio", "target", ""];
  const cells = rows.map((row) => [
    row.suite,
    row.name,
    `${short(row.value)} ${row.unit}`,
    row.reference === null ? "-" : `${row.reference.name} ${short(row.reference.value)}`,
    row.ratio === null ? "-" : short(row.ratio),
    row.target === null ? "-" : targetText(row.target),
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

function meets(ratio: number, target: Target): boolean {
  return "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
}

function targetText(target: Target): string {
  return "atMost" in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`;
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3);
}
