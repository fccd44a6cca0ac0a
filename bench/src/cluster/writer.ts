/** Who writes, in the suites of whole contexts. */
import type { Replica } from "@dunlin/core/replica";

/** A call that sets one key of `keys` to a text of so many bytes. */
export async function write(replica: Replica, number: number, bytes: number, keys = 256): Promise<void> {
  const value = "x".repeat(bytes);
  const done = await replica.call((transaction) => {
    transaction.field("map", "load").set(`key-${number % keys}`, value);
    return { ok: true, value: null, events: [] };
  });
  if (!done.ok) throw new Error(done.error.message);
}
