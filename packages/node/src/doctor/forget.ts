/** Takes a context out of a home on which no node runs, so that it can be joined again: all its rows, damaged or not. */
import { join } from "node:path";
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result, StoreFailure, textToId } from "@dunlin/core/base";
import { removeLmdbRows } from "@dunlin/store/lmdb";
import { recordKey } from "../shard/directory.ts";
import { limitsKey } from "../shard/limit-book.ts";

/** Fails with `CONTEXT_NOT_FOUND` or a code of the store. What it had that no other member has is lost. */
export async function forgetContext(home: string, context: string): Promise<Result<{ readonly rows: number }>> {
  const id = textToId(context);
  if (!id) return err<ApiErrorCode>("PARAMS_INVALID", "the context is not an id in base58");
  const store = join(home, "store");
  try {
    // The record last: what a crash leaves is a context without rows, which is empty and can be forgotten again.
    const rows = await removeLmdbRows(store, id);
    await removeLmdbRows(store, limitsKey(id));
    const records = await removeLmdbRows(store, recordKey(id));
    if (rows + records > 0) return ok({ rows });
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return err(thrown.code, thrown.message);
    throw thrown;
  }
  return err<ApiErrorCode>("CONTEXT_NOT_FOUND", `the store holds nothing of the context ${context}`);
}
