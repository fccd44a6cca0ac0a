/**
 * Reads recorded editing histories, in the form that `fixtures/traces/README.md` gives, with positions in UTF-16 units,
 * and in columns: whoever times an edit should not time how the edit was read.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

type Patch = readonly [position: number, deleted: number, inserted: string];

/** At `positions[i]`, `deleted[i]` units go and `inserted[i]` comes. */
export interface Edits {
  readonly positions: Int32Array;
  readonly deleted: Int32Array;
  readonly inserted: readonly string[];
}

export interface EditingTrace extends Edits {
  readonly end: string;
}

/** Of two writers, each with a replica. Edit i is `writers[i]`'s, who has seen the first `seen[i]` of the other's. */
export interface ConcurrentTrace extends EditingTrace {
  readonly writers: Uint8Array;
  readonly seen: Int32Array;
}

interface TraceFile {
  readonly endContent: string;
  readonly txns: readonly {
    readonly patches: readonly Patch[];
    readonly agent?: number;
    readonly parents?: readonly number[];
  }[];
}

export function readTrace(path: string): EditingTrace {
  const { txns, endContent } = readFile(path);
  const patches = txns.flatMap((transaction) => transaction.patches);
  return { ...toColumns(isNarrow(patches) ? patches : toUtf16(patches)), end: endContent };
}

/** Throws unless each of the two writers' own edits follow one another, all in the basic plane. */
export function readConcurrentTrace(path: string): ConcurrentTrace {
  const { txns, endContent } = readFile(path);
  const patches = txns.flatMap((transaction) => transaction.patches);
  if (!isNarrow(patches)) throw new Error("positions in units need the text of both writers");
  const writers: number[] = [];
  const seen: number[] = [];
  /** How many edits each writer has made up to here, and has seen, by transaction. */
  const made: [number, number] = [0, 0];
  const pasts: (readonly [number, number])[] = [];
  for (const { agent = 0, parents = [], patches: own } of txns) {
    const writer = agent === 0 ? 0 : 1;
    const past = [0, 1].map((of) => Math.max(0, ...parents.map((parent) => pasts[parent]?.[of] ?? 0)));
    if (past[writer] !== made[writer]) throw new Error("a writer forks");
    for (const _ of own) {
      writers.push(writer);
      seen.push(past[1 - writer] ?? 0);
    }
    made[writer] += own.length;
    past[writer] = made[writer];
    pasts.push([past[0] ?? 0, past[1] ?? 0]);
  }
  return {
    ...toColumns(patches),
    end: endContent,
    writers: Uint8Array.from(writers),
    seen: Int32Array.from(seen),
  };
}

function readFile(path: string): TraceFile {
  return JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as TraceFile;
}

function toColumns(patches: readonly Patch[]): Edits {
  return {
    positions: Int32Array.from(patches, ([position]) => position),
    deleted: Int32Array.from(patches, ([, deleted]) => deleted),
    inserted: patches.map(([, , inserted]) => inserted),
  };
}

function isNarrow(patches: readonly Patch[]): boolean {
  return patches.every(([, , inserted]) => inserted.length === [...inserted].length);
}

/** Positions and counts in files are code points. */
function toUtf16(patches: readonly Patch[]): Patch[] {
  const widths: number[] = [];
  return patches.map(([position, deleted, inserted]) => {
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
