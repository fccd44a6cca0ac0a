/** The account at the end, as rows of data and as text. */
import type { NodeCheck } from "./checks.ts";
import type { DocumentPlan } from "./documents.ts";
import type { NodeName } from "./ledger.ts";

/** One node's row. */
export interface NodeRow {
  readonly kind: "node";
  readonly node: NodeName;
  readonly edits: number;
  /** Acknowledged calls that wrote. */
  readonly calls: number;
  readonly callsPerSecond: number;
  /** From sending a call here to its event on another node. */
  readonly toOthersP50Ms: number;
  readonly toOthersP99Ms: number;
  readonly toOthersSamples: number;
  /** Events that came only after a restart, and are not among the samples. */
  readonly toOthersHeldUp: number;
  readonly bytesSent: number;
  /** Of all nodes' acknowledged writes, those found here. */
  readonly found: number;
  readonly acknowledged: number;
  readonly deltas: number;
  readonly root: string;
  readonly auditedRoot: string | undefined;
}

/** One document's row: who wrote it, and where its text is the recorded one. */
export interface DocumentRow {
  readonly kind: "document";
  readonly document: string;
  readonly history: DocumentPlan["kind"];
  readonly node: NodeName;
  readonly edits: number;
  readonly characters: number;
  readonly equalOn: readonly NodeName[];
}

export type Row = NodeRow | DocumentRow;

export function documentRow(plan: DocumentPlan, node: NodeName, checks: readonly NodeCheck[]): DocumentRow {
  const { name, kind, edits, endContent } = plan;
  const equalOn = checks.filter((check) => check.equalDocuments.includes(name)).map((check) => check.node);
  return { kind: "document", document: name, history: kind, node, edits, characters: endContent.length, equalOn };
}

/** The table as lines of text. */
export function tableLines(rows: readonly Row[]): string[] {
  const nodes = rows.filter((row) => row.kind === "node");
  const documents = rows.filter((row) => row.kind === "document");
  const line = (title: string, cell: (row: NodeRow) => string): string[] => [title, ...nodes.map(cell)];
  const names = nodes.map(({ node }) => node);
  return [
    ...columns([
      ["", ...nodes.map(({ node }) => `node ${node}`)],
      line("edits replayed", ({ edits }) => (edits === 0 ? "-" : number(edits))),
      line("calls acknowledged", ({ calls }) => number(calls)),
      line("calls per second", ({ callsPerSecond }) => number(Math.round(callsPerSecond))),
      line("call to event elsewhere, p50", ({ toOthersP50Ms }) => milliseconds(toOthersP50Ms)),
      line("call to event elsewhere, p99", ({ toOthersP99Ms }) => milliseconds(toOthersP99Ms)),
      line("events held up by the kill", ({ toOthersHeldUp }) => number(toOthersHeldUp)),
      line("bytes sent to the others", ({ bytesSent }) => number(bytesSent)),
      line("acknowledged writes found", ({ found, acknowledged }) => `${number(found)} of ${number(acknowledged)}`),
      line("deltas in the store", ({ deltas }) => number(deltas)),
      line("root, as the node has it", ({ root }) => root.slice(0, 12)),
      line("root, derived from the store", ({ auditedRoot }) => auditedRoot?.slice(0, 12) ?? "none"),
    ]),
    "",
    ...columns([
      ["document", "history", "by", "edits", "characters", ...names.map((name) => `on ${name}`)],
      ...documents.map(({ document, history, node, edits, characters, equalOn }) => [
        document,
        history,
        node,
        number(edits),
        number(characters),
        ...names.map((name) => (equalOn.includes(name) ? "equal" : "DIFFERS")),
      ]),
    ]),
  ];
}

export function number(value: number): string {
  return value.toLocaleString("en-GB");
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : number(Math.round(value))} ms`;
}

/** The first column to the left, the others to the right. */
function columns(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines.map((line) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
  );
}
