/** The rows of a commit: its deltas and their index, the cells that they changed, and what derives from those. */
import { type ContextId, concatBytes, must, type WriteOperation } from "../base/index.ts";
import type { Derivation, Document } from "../crdt/index.ts";
import type { Admission } from "./admission.ts";
import { statementsOf } from "./apply.ts";
import type { Staged } from "./commit.ts";
import { checkDerived, encodeIndex, orderKey, tablePrefix } from "./rows.ts";

export interface CommitSource {
  readonly context: ContextId;
  readonly admission: Admission;
  readonly document: Document;
  readonly derivation: Derivation | undefined;
}

/** `end`: the number of deltas after the commit. Takes the changed cells and derived rows: they are written by it. */
export function commitRows(
  { context, admission, document, derivation }: CommitSource,
  staged: readonly Staged[],
  end: number,
): WriteOperation[] {
  const index = tablePrefix(context, "o");
  const log = tablePrefix(context, "d");
  const cells = tablePrefix(context, "c");
  const batch: WriteOperation[] = [];
  for (const { delta, entries } of staged) {
    const order = must(admission.graph.orderOf(delta.key), "a staged delta is in the graph");
    const row = { header: delta, parents: admission.graph.parentsOf(order), statements: statementsOf(entries) };
    batch.push({ kind: "put", key: orderKey(index, order), value: encodeIndex(order, row) });
    batch.push({ kind: "put", key: orderKey(log, order), value: delta.bytes });
  }
  for (const { key, value } of document.takeDirty()) {
    batch.push({ kind: "put", key: concatBytes(cells, key), value });
  }
  const firstLocal = end - staged.filter(({ local }) => local).length;
  const orders = { first: end - staged.length, firstLocal, end };
  for (const row of checkDerived(context, derivation?.takeRows(orders) ?? [])) batch.push(row);
  return batch;
}
