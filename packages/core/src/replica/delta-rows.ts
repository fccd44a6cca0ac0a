/** The rows of admitted deltas: each as signed, and its index, from which graph and cuts are rebuilt. */
import { type ContextId, must, type WriteOperation } from "../base/index.ts";
import type { Graph } from "../dag/index.ts";
import { claimOf, isBare } from "./claim.ts";
import type { Staged } from "./commit.ts";
import { encodeIndex, orderKey, tablePrefix } from "./rows.ts";

export function deltaRows(context: ContextId, graph: Graph, staged: readonly Staged[]): WriteOperation[] {
  const index = tablePrefix(context, "o");
  const log = tablePrefix(context, "d");
  const rows: WriteOperation[] = [];
  for (const { delta, entries } of staged) {
    const order = must(graph.orderOf(delta.key), "a staged delta is in the graph");
    const claim = claimOf(delta, entries);
    const standing = { parents: graph.parentsOf(order), prev: graph.prevOf(order) };
    const place = { ...standing, isSigned: graph.isSigned(order), isBare: isBare(claim) };
    rows.push({ kind: "put", key: orderKey(index, order), value: encodeIndex(order, { header: delta, place, claim }) });
    rows.push({ kind: "put", key: orderKey(log, order), value: delta.bytes });
  }
  return rows;
}
