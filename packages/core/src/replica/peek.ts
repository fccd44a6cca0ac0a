/** What is to be known of a stored context without opening it: a row and a look whether there is another. */
import { type ContextId, ok, type ReadView, type Result } from "../base/index.ts";
import { openTable } from "./ledger/row.ts";
import { unreadable } from "./load.ts";
import { decodeMeta, tablePrefix, tableRange } from "./rows.ts";

export interface ContextSummary {
  /** Admitted deltas. */
  readonly deltas: number;
  readonly heads: number;
  /** Whether handlers wait to be run, or are dead. */
  readonly hasHandlers: boolean;
}

/** Undefined when nothing of it is stored; fails as opening it would, with `CONTEXT_DAMAGED` and the like. */
export function peekContext(view: ReadView, context: ContextId): Result<ContextSummary | undefined> {
  const bytes = view.get(tablePrefix(context, "m"));
  if (!bytes) return ok(undefined);
  const meta = decodeMeta(bytes);
  if (!meta) return unreadable(bytes);
  let hasHandlers = false;
  for (const _ of view.range({ ...tableRange(openTable(context)), limit: 1 })) hasHandlers = true;
  return ok({ deltas: meta.count, heads: meta.heads.length, hasHandlers });
}
