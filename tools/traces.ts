/**
 * Recorded editing histories, in the JSON form of josephg/editing-traces, gzipped.
 *
 * Sequential: `{ startContent, endContent, txns: [{ patches: [[position, deleteCount, inserted], ...] }] }`.
 * Concurrent: `{ kind: "concurrent", endContent, numAgents, txns: [{ parents, agent, patches }] }`, a transaction's
 * positions being relative to the merge of its parents. Positions in files are Unicode code points.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { TextState } from "../packages/core/src/crdt/text/index.ts";

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

interface TraceFile {
  readonly kind?: string;
  readonly startContent?: string;
  readonly endContent: string;
  readonly numAgents?: number;
  readonly txns: readonly { readonly parents?: number[]; readonly agent?: number; readonly patches: Patch[] }[];
}

/** Reads a `.json.gz` trace. Positions stay code points. */
export function loadTrace(path: string): Trace {
  const file = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as TraceFile;
  if (file.kind !== "concurrent") {
    const patches = file.txns.flatMap((transaction) => transaction.patches);
    return { kind: "sequential", startContent: file.startContent ?? "", endContent: file.endContent, patches };
  }
  const transactions = file.txns.map(({ parents = [], agent = 0, patches }) => ({ parents, agent, patches }));
  return { kind: "concurrent", endContent: file.endContent, agents: file.numAgents ?? 1, transactions };
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

/** The join of one transaction, by the actor that made it. */
export interface RecordedJoin {
  readonly actor: Uint8Array;
  readonly join: Uint8Array;
}

export interface Replay {
  /** By transaction; undefined when it changed nothing. */
  readonly joins: readonly (RecordedJoin | undefined)[];
  /** One text per line of work, each with every join applied. */
  readonly replicas: readonly TextState[];
}

/** One line of work. Its text is exactly the transactions up to its last one. */
interface Branch {
  readonly text: TextState;
  readonly actor: Uint8Array;
  readonly agent: number;
  readonly has: Uint8Array;
  tip: number;
}

const ACTOR_BYTES = 16;

/** Replays a history: a replica per agent, one more wherever an agent's own history forks, merged as recorded. */
export function replayConcurrent(trace: ConcurrentTrace): Replay {
  const { transactions } = trace;
  const isWide = transactions.some(({ patches }) => patches.some(([, , inserted]) => hasAstral(inserted)));
  const joins: (RecordedJoin | undefined)[] = [];
  const branches: Branch[] = [];
  transactions.forEach(({ parents, agent, patches }, index) => {
    const { branch, missing } = branchFor(branches, transactions, parents, agent);
    for (const other of missing) receive(branch, other, joins[other]);
    const edits = isWide ? codePointEditsToUtf16(patches, branch.text.toString()) : patches;
    for (const [position, deleteCount, inserted] of edits) {
      branch.text.delete(branch.actor, position, deleteCount);
      branch.text.insert(branch.actor, position, inserted);
    }
    const join = branch.text.takeJoin();
    joins.push(join && { actor: branch.actor, join });
    branch.has[index] = 1;
    branch.tip = index;
  });
  for (const branch of branches) {
    for (let index = 0; index < joins.length; index++) {
      if (branch.has[index] === 0) receive(branch, index, joins[index]);
    }
  }
  return { joins, replicas: branches.map((branch) => branch.text) };
}

/** The edits, in UTF-16 units and one order, that a reader of all transactions sees: they end at `endContent`. */
export function linearize(trace: ConcurrentTrace): Patch[] {
  const reader = new TextState();
  const edits: Patch[] = [];
  let before = "";
  for (const recorded of replayConcurrent(trace).joins) {
    if (recorded === undefined) continue;
    applied(reader, recorded);
    const after = reader.toString();
    edits.push(difference(before, after));
    before = after;
  }
  return edits;
}

/** The agent's branch that these parents go on from, with what it has not seen of them; a new one when none fits. */
function branchFor(
  branches: Branch[],
  transactions: readonly ConcurrentTransaction[],
  parents: readonly number[],
  agent: number,
): { branch: Branch; missing: number[] } {
  for (const branch of branches) {
    if (branch.agent !== agent) continue;
    const missing = missingOf(branch, transactions, parents);
    if (missing !== undefined) return { branch, missing };
  }
  const actor = new Uint8Array(ACTOR_BYTES);
  actor.set([agent, branches.length & 255, branches.length >> 8]);
  const branch: Branch = { text: new TextState(), actor, agent, has: new Uint8Array(transactions.length), tip: -1 };
  branches.push(branch);
  return { branch, missing: missingOf(branch, transactions, parents) ?? [] };
}

/** What the parents have seen and the branch has not, in order; undefined when the branch has more than they. */
function missingOf(
  branch: Branch,
  transactions: readonly ConcurrentTransaction[],
  parents: readonly number[],
): number[] | undefined {
  const seen = new Set<number>();
  const queue = [...parents];
  let isPast = branch.tip === -1;
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === branch.tip) isPast = true;
    if (seen.has(next) || branch.has[next] === 1) continue;
    seen.add(next);
    queue.push(...(transactions[next]?.parents ?? []));
  }
  return isPast ? [...seen].sort((a, b) => a - b) : undefined;
}

function receive(branch: Branch, index: number, recorded: RecordedJoin | undefined): void {
  branch.has[index] = 1;
  if (recorded !== undefined) applied(branch.text, recorded);
}

function applied(text: TextState, { join, actor }: RecordedJoin): void {
  const result = text.apply(join, actor);
  if (!result.ok) throw new Error(result.error.message);
}

/** One edit that turns `before` into `after`. */
function difference(before: string, after: string): Patch {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  return [start, before.length - tail - start, after.slice(start, after.length - tail)];
}

const HIGH_SURROGATE = /[\ud800-\udbff]/;

function hasAstral(text: string): boolean {
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
