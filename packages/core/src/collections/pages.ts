/** All documents of a collection, by id, page by page: each page is of one moment, the whole is not. */
import type { RecordRow } from "../crdt/index.ts";
import type { BoundCollection } from "./bound-collection.ts";
import { READ_PAGE_ROWS } from "./limits.ts";

export async function* pagesOf(
  bound: BoundCollection,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly RecordRow[], void, undefined> {
  let after: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const start: { after?: string } = after === undefined ? {} : { after };
    const rows: readonly RecordRow[] = await bound.read(() =>
      bound.page({ ...start, limit: READ_PAGE_ROWS, reverse: false }),
    );
    yield rows;
    if (rows.length < READ_PAGE_ROWS) return;
    after = rows.at(-1)?.id;
  }
}
