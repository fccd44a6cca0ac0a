/**
 * What every store asks of keys, values and batches. Callers are our own code, so a violation is an assertion.
 *
 * Keys have 1 to 1900 bytes and are not the single byte 0, which is the store's own (its format row).
 */
import { assert, type Entry, isPacked, type RangeOptions, type WriteOperation } from "@dunlin/core/base";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./limits.ts";

/** The batch as the store may keep it: views of larger buffers are copied, since their owner will use them again. */
export function ownBatch(batch: readonly WriteOperation[]): readonly WriteOperation[] {
  return batch.map((operation) => {
    assertKey(operation.key);
    const key = own(operation.key);
    if (operation.kind === "delete") return key === operation.key ? operation : { kind: "delete", key };
    const { length } = operation.value;
    assert(length <= VALUE_BYTES_MAX, () => `a value has at most ${VALUE_BYTES_MAX} bytes, not ${length}`);
    const value = own(operation.value);
    return key === operation.key && value === operation.value ? operation : { kind: "put", key, value };
  });
}

export function* take(entries: Iterable<Entry>, limit: number): Generator<Entry> {
  let left = limit;
  if (left <= 0) return;
  for (const entry of entries) {
    yield entry;
    if (--left <= 0) return;
  }
}

export function limited(entries: Iterable<Entry>, options: RangeOptions): Iterable<Entry> {
  return options.limit === undefined ? entries : take(entries, options.limit);
}

function assertKey(key: Uint8Array): void {
  assert(key.length > 0 && key.length <= KEY_BYTES_MAX, () => `a key has 1 to ${KEY_BYTES_MAX} bytes: ${key.length}`);
  assert(key.length > 1 || key[0] !== 0, "the key of a single byte 0 is the store's own");
}

function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength || isPacked(bytes) ? bytes : Uint8Array.from(bytes);
}
