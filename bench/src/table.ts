/** Rows as a table for a terminal, with what must be said of them below. */
import type { Row, Target, Unit } from "./row.ts";

interface Column {
  readonly head: string;
  readonly cell: (row: Row) => string;
}

const COLUMNS: readonly Column[] = [
  { head: "suite", cell: ({ suite }) => suite },
  { head: "name", cell: ({ name }) => name },
  { head: "best", cell: ({ value, unit }) => `${short(value)} ${unit}` },
  { head: "median", cell: ({ median }) => (median === null ? "-" : short(median)) },
  { head: "reference", cell: ({ reference }) => (reference ? `${reference.name} ${short(reference.value)}` : "-") },
  { head: "ratio", cell: ({ ratio }) => (ratio === null ? "-" : short(ratio)) },
  { head: "target", cell: ({ target, unit }) => (target === null ? "-" : targetText(target, unit)) },
  { head: "", cell: ({ holds }) => (holds === null ? "" : holds ? "holds" : "MISSED") },
];

const QUOTED: readonly Column[] = [
  { head: "guide", cell: ({ quoted }) => (quoted ? short(quoted.guide) : "-") },
  { head: "native", cell: ({ quoted }) => (quoted ? short(quoted.native) : "-") },
];

export function toTable(rows: readonly Row[]): string {
  const shown = rows.some(({ quoted }) => quoted) ? [...COLUMNS.slice(0, 2), ...QUOTED, ...COLUMNS.slice(2)] : COLUMNS;
  const lines = [shown.map(({ head }) => head), ...rows.map((row) => shown.map(({ cell }) => cell(row)))];
  const widths = shown.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...table, ...remarks(rows)].join("\n");
}

/** Notes, and rows that were sampled less than asked. */
function remarks(rows: readonly Row[]): string[] {
  const namesByNote = new Map<string, string[]>();
  for (const { name, note } of rows) {
    if (note !== null) namesByNote.set(note, [...(namesByNote.get(note) ?? []), name]);
  }
  const notes = [...namesByNote].map(([note, names]) => `${names.join(", ")}: ${note}`);
  const hurried = rows
    .filter(({ samples, samplesAsked }) => samplesAsked !== null && samples.length < samplesAsked)
    .map(
      ({ name, samples, samplesAsked }) =>
        `${name}: the time was up after ${samples.length} of ${samplesAsked} samples`,
    );
  const all = [...notes, ...hurried];
  return all.length === 0 ? [] : ["", ...all];
}

function targetText(target: Target, unit: Unit): string {
  if ("valueAtMost" in target) return `<= ${target.valueAtMost} ${unit}`;
  if ("valueAtLeast" in target) return `>= ${target.valueAtLeast} ${unit}`;
  return "atMost" in target ? `<= ${short(target.atMost)}x` : `>= ${short(target.atLeast)}x`;
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3);
}
