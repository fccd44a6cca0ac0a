/** How much a context holds in the store. */
import { type ContextId, type KeyValueStore, prefixEnd, runLoaded } from "@dunlin/core/base";
import { STORED_ROWS_PER_TURN_MAX } from "../limits.ts";

/** Keys and values of all its rows; others have the thread in between. */
export async function storedBytes(store: KeyValueStore, context: ContextId): Promise<number> {
  const lt = prefixEnd(context) ?? new Uint8Array(0);
  let from: Uint8Array = context;
  let bytes = 0;
  for (;;) {
    const options = { gte: from, lt, limit: STORED_ROWS_PER_TURN_MAX };
    const rows = await runLoaded(store, () =>
      [...store.range(options)].map(([key, value]) => [key.slice(), value.length] as const),
    );
    for (const [key, length] of rows) bytes += key.length + length;
    const last = rows.at(-1)?.[0];
    if (!last || rows.length < STORED_ROWS_PER_TURN_MAX) return bytes;
    // The least key after the last.
    from = new Uint8Array(last.length + 1);
    from.set(last);
    await new Promise(setImmediate);
  }
}
