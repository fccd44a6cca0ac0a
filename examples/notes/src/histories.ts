/**
 * A history of several writers: replayed as it happened, a replica of the text for each line of work, and put into one
 * order that a single writer can replay.
 */
import { assert } from "@dunlin/core/base";
import { TextState } from "@dunlin/core/crdt";
import {
  type ConcurrentTrace,
  type ConcurrentTransaction,
  codePointEditsToUtf16,
  hasAstral,
  type Patch,
} from "./traces.ts";

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
  const { joins, branches } = record(trace);
  for (const branch of branches) {
    for (let index = 0; index < joins.length; index++) {
      if (branch.has[index] === 0) receive(branch, index, joins[index]);
    }
  }
  return { joins, replicas: branches.map((branch) => branch.text) };
}

/** The edits, in UTF-16 units and one order, that a reader of all transactions sees: they end at `endContent`. */
export function linearize(trace: ConcurrentTrace): Patch[] {
  const reader = emptyText();
  const edits: Patch[] = [];
  let before = "";
  for (const recorded of record(trace).joins) {
    if (recorded === undefined) continue;
    applied(reader, recorded);
    const after = reader.toString();
    edits.push(difference(before, after));
    before = after;
  }
  return edits;
}

/** Every transaction's join, each made on the text of its parents. */
function record(trace: ConcurrentTrace): { joins: (RecordedJoin | undefined)[]; branches: Branch[] } {
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
  return { joins, branches };
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
  const branch: Branch = { text: emptyText(), actor, agent, has: new Uint8Array(transactions.length), tip: -1 };
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
  // Never between the halves of a surrogate pair.
  if (start > 0 && isHigh(before, start - 1)) start--;
  if (tail > 0 && isLow(before, before.length - tail)) tail--;
  return [start, before.length - tail - start, after.slice(start, after.length - tail)];
}

function isHigh(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000;
}

function emptyText(): TextState {
  const loaded = TextState.load([]);
  assert(loaded.ok, "no blocks are an empty text");
  return loaded.value;
}
