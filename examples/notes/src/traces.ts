/**
 * Recorded editing histories, in the JSON form of josephg/editing-traces, gzipped.
 *
 * Sequential: `{ startContent, endContent, txns: [{ patches: [[position, deleteCount, inserted], ...] }] }`.
 * Concurrent: `{ kind: "concurrent", endContent, numAgents, txns: [{ parents, agent, patches }] }`, a transaction's
 * positions being relative to the merge of its parents. Positions in files are Unicode code points.
 *
 * Refuses files of another form, naming the first thing that is wrong; whether positions lie in the text shows when
 * they are applied.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { err, ok, type Result } from "@dunlin/core/base";

/** Delete `deleteCount` from `position` on, then insert there. */
export type Patch = readonly [position: number, deleteCount: number, inserted: string];

export interface SequentialTrace {
  readonly kind: "sequential";
  readonly startContent: string;
  readonly endContent: string;
  readonly patches: readonly Patch[];
}

export interface ConcurrentTransaction {
  readonly parents: readonly number[];
  readonly agent: number;
  readonly patches: readonly Patch[];
}

export interface ConcurrentTrace {
  readonly kind: "concurrent";
  readonly endContent: string;
  readonly agents: number;
  readonly transactions: readonly ConcurrentTransaction[];
}

export type Trace = SequentialTrace | ConcurrentTrace;

const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Reads a trace, gzipped or not. Positions stay code points. */
export function readTrace(bytes: Uint8Array): Result<Trace> {
  let parsed: unknown;
  try {
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const json = isZipped ? gunzipSync(bytes, { maxOutputLength: FILE_BYTES_MAX }) : bytes;
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (thrown) {
    return invalid(`it is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  if (!isObject(parsed)) return invalid("it holds no object");
  const { kind, startContent = "", endContent, txns, numAgents = 1 } = parsed;
  if (typeof endContent !== "string" || typeof startContent !== "string") return invalid("endContent is no text");
  if (!Array.isArray(txns)) return invalid("txns is no list");
  const wrong = txns.findIndex((transaction) => !isObject(transaction) || !arePatches(transaction["patches"]));
  if (wrong !== -1) return invalid(`txns[${wrong}].patches is no list of [position, deleteCount, inserted]`);
  const transactions = txns as readonly TransactionInFile[];
  if (kind !== "concurrent") {
    const patches = transactions.flatMap((transaction) => transaction.patches);
    return ok({ kind: "sequential", startContent, endContent, patches });
  }
  if (startContent !== "") return invalid("a concurrent history starts with the empty text");
  if (!isCount(numAgents)) return invalid("numAgents is no number");
  const lost = transactions.findIndex(({ parents, agent }, index) => !isCount(agent) || !areBefore(parents, index));
  if (lost !== -1) return invalid(`txns[${lost}] has no agent, or a parent that does not come before it`);
  return ok({ kind, endContent, agents: numAgents, transactions: transactions as readonly ConcurrentTransaction[] });
}

/** Reads a trace file of the form above; throws on any other. */
export function loadTrace(path: string): Trace {
  const trace = readTrace(readFileSync(path));
  if (!trace.ok) throw new Error(`${path}: ${trace.error.message}`);
  return trace.value;
}

/** The same edits of `startContent` with positions and counts in UTF-16 units. */
export function codePointEditsToUtf16(patches: readonly Patch[], startContent = ""): Patch[] {
  if (patches.every(([, , inserted]) => !hasAstral(inserted)) && !hasAstral(startContent)) return [...patches];
  const widths = new Widths(startContent);
  return patches.map(([position, deleteCount, inserted]) => {
    const from = widths.unitsBefore(position);
    const deleted = widths.unitsBefore(position + deleteCount) - from;
    widths.replace(position, deleteCount, inserted);
    return [from, deleted, inserted];
  });
}

/** Edits in UTF-16 units, applied to a string. */
export function applyEdits(start: string, edits: readonly Patch[]): string {
  let text = start;
  for (const [position, deleteCount, inserted] of edits) {
    text = text.slice(0, position) + inserted + text.slice(position + deleteCount);
  }
  return text;
}

const HIGH_SURROGATE = /[\ud800-\udbff]/;

export function hasAstral(text: string): boolean {
  return HIGH_SURROGATE.test(text);
}

/** Where the code points of two units are in a text that is being edited. */
class Widths {
  #astral: number[];

  constructor(text: string) {
    this.#astral = astralPositions(text, 0);
  }

  unitsBefore(position: number): number {
    return position + this.#countBefore(position);
  }

  replace(position: number, deleteCount: number, inserted: string): void {
    const from = this.#countBefore(position);
    const to = this.#countBefore(position + deleteCount);
    const shift = [...inserted].length - deleteCount;
    const after = this.#astral.slice(to).map((at) => at + shift);
    this.#astral = [...this.#astral.slice(0, from), ...astralPositions(inserted, position), ...after];
  }

  #countBefore(position: number): number {
    const at = this.#astral.findIndex((astral) => astral >= position);
    return at === -1 ? this.#astral.length : at;
  }
}

function astralPositions(text: string, from: number): number[] {
  if (!hasAstral(text)) return [];
  return [...text].flatMap((character, i) => (character.length === 2 ? [from + i] : []));
}

interface TransactionInFile {
  readonly parents?: unknown;
  readonly agent?: unknown;
  readonly patches: readonly Patch[];
}

function arePatches(value: unknown): boolean {
  return Array.isArray(value) && value.every(isPatch);
}

function isPatch(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [position, deleteCount, inserted] = value;
  return isCount(position) && isCount(deleteCount) && typeof inserted === "string";
}

function areBefore(parents: unknown, index: number): boolean {
  return Array.isArray(parents) && parents.every((parent) => isCount(parent) && parent < index);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(message: string): Result<never> {
  return err("TRACE_INVALID", message);
}
