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

/** One message of a replay: the join of one transaction, by the actor that made it. */
export interface RecordedJoin {
  readonly actor: Uint8Array;
  readonly join: Uint8Array;
}

/** Called with the text of a transaction before it is edited and the transaction's index. */
export interface Replay {
  readonly joins: readonly (RecordedJoin | undefined)[];
  readonly replicas: readonly TextState[];
}

interface Branch {
  readonly text: TextState;
  readonly actor: Uint8Array;
  readonly agent: number;
  /** Transactions applied, by index. */
  readonly has: Uint8Array;
  /** The last transaction it made. */
  tip: number;
}

/** Replays with a replica per line of work: one per agent, more when an agent forks, merged as recorded. */
export function replay(trace: ConcurrentTrace): Replay {
  const { transactions } = trace;
  const joins: (RecordedJoin | undefined)[] = [];
  const branches: Branch[] = [];
  transactions.forEach(({ parents, agent, patches }, index) => {
    const wanted = ancestorsOf(transactions, parents, branches.find((b) => b.agent === agent && canServe(b, parents)));
    const branch = branchFor(branches, agent, wanted, transactions.length);
    branch.tip = index;
    for (const other of wanted.missing(branch.has)) {
      branch.has[other] = 1;
      receive(branch.text, joins[other]);
    }
    branch.has[index] = 1;
    for (const [position, deleted, inserted] of inUnits(branch.text, patches)) {
      branch.text.delete(branch.actor, position, deleted);
      branch.text.insert(branch.actor, position, inserted);
    }
    const join = branch.text.takeJoin();
    joins.push(join && { actor: branch.actor, join });
  });
  for (const branch of branches) {
    joins.forEach((join, index) => {
      if (branch.has[index] === 0) receive(branch.text, join);
    });
  }
  return { joins, replicas: branches.map((branch) => branch.text) };
}
