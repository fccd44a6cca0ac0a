/** Reads a sequential editing history, in the form that `fixtures/traces/README.md` gives, with positions in UTF-16 units. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export type Edit = readonly [position: number, deleted: number, inserted: string];

export interface EditingTrace {
  readonly edits: readonly Edit[];
  readonly end: string;
}

interface TraceFile {
  readonly endContent: string;
  readonly txns: readonly { readonly patches: readonly Edit[] }[];
}

export function readTrace(path: string): EditingTrace {
  const file = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as TraceFile;
  const edits = file.txns.flatMap(({ patches }) => patches);
  const isNarrow = edits.every(([, , inserted]) => inserted.length === [...inserted].length);
  return { edits: isNarrow ? edits : toUtf16(edits), end: file.endContent };
}

/** Positions and counts in files are code points. */
function toUtf16(edits: readonly Edit[]): Edit[] {
  const widths: number[] = [];
  return edits.map(([position, deleted, inserted]) => {
    const from = total(widths, 0, position);
    const units = total(widths, position, position + deleted);
    widths.splice(position, deleted, ...[...inserted].map((character) => character.length));
    return [from, units, inserted];
  });
}

function total(widths: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += widths[i] ?? 0;
  return sum;
}
