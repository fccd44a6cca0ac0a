/** A replica by itself, and who writes in it, in the suites of whole contexts. */
import { type ContextId, type KeyValueStore, silentLog } from "@dunlin/core/base";
import { Replica } from "@dunlin/core/replica";
import { clock, crypto, random, signerOf } from "./ports.ts";

/** As the founder. */
export async function open(store: KeyValueStore, context: ContextId, place: string): Promise<Replica> {
  const ports = { store, crypto, clock, random, log: silentLog };
  const opened = await Replica.open(ports, { context, signer: signerOf(0), place });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** A call that sets one key of `keys` to a text of so many bytes. */
export async function write(replica: Replica, number: number, bytes: number, keys = 256): Promise<void> {
  const value = "x".repeat(bytes);
  const done = await replica.call((transaction) => {
    transaction.field("map", "load").set(`key-${number % keys}`, value);
    return { ok: true, value: null, events: [] };
  });
  if (!done.ok) throw new Error(done.error.message);
}
