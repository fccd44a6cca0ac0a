/** The rows of a commit: its deltas and their index, the cells that they changed, and what derives from those. */
import type { ContextId, WriteOperation } from "../base/index.ts";
import { type Derivation, type Document, isTombstone } from "../crdt/index.ts";
import type { Admission } from "./admission.ts";
import type { Frontier, Staged } from "./commit.ts";
import { deltaRows } from "./delta-rows.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { OwnActorWriter } from "./own-actor.ts";
import { checkDerived, encodeMeta, type MetaRow, tablePrefix } from "./rows.ts";

export interface CommitSource {
  readonly context: ContextId;
  readonly admission: Admission;
  readonly document: Document;
  readonly derivation: Derivation | undefined;
  readonly ledger: Ledger | undefined;
  readonly place: string;
  readonly writer: OwnActorWriter;
}

/** `end`: the number of deltas after the commit; `churn` counts on. Takes the changed cells and derived rows: they are written by it. */
export function commitRows(
  { context, admission, document, derivation, ledger }: CommitSource,
  staged: readonly Staged[],
  end: number,
  churn: { written: number; deleted: number },
): WriteOperation[] {
  const batch = deltaRows(context, admission.graph, staged);
  const cells = tablePrefix(context, "c");
  for (const cell of document.takeDirty(cells)) {
    batch.push(cell);
    churn.written++;
    if (isTombstone(cell.key, cells.length, cell.value)) churn.deleted++;
  }
  const firstLocal = end - staged.filter(({ local }) => local).length;
  const orders = { first: end - staged.length, firstLocal, end };
  for (const row of checkDerived(context, derivation?.takeRows(orders) ?? [])) batch.push(row);
  if (ledger) batch.push(...ledger.onCommit(staged));
  return batch;
}

export interface Marks extends Pick<MetaRow, "hashed" | "stampHigh" | "churn"> {
  /** Of the own actor. */
  readonly acknowledged: number;
}

/** The summary row of a context whose deltas end at `frontier`. */
export function metaOperation(
  { context, admission, place, writer }: CommitSource,
  { count }: Pick<Frontier, "count">,
  { hashed, stampHigh, churn, acknowledged }: Marks,
): WriteOperation {
  const drawn = admission.graph.tipOf(writer.actorKey) !== undefined;
  const actor = drawn ? { member: writer.signer.publicKey, replica: writer.replica, acknowledged } : undefined;
  const meta = { count, applied: count, heads: admission.graph.heads(), hashed, stampHigh, place, actor, churn };
  return { kind: "put", key: tablePrefix(context, "m"), value: encodeMeta(meta) };
}
