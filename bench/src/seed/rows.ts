/** The document of the guide's storage benchmarks as rows of a store, by prefix and number. */
import { type KeyValueStore, utf8 } from "@dunlin/core/base";
import { decodeValue, encodeValue, type Value } from "@dunlin/core/crdt";

/** Documents built, encoded, committed in one batch, acknowledged. */
export async function setRows(store: KeyValueStore, count: number, prefix: string, start = 0): Promise<void> {
  const batch = Array.from({ length: count }, (_, at) => {
    const i = start + at;
    const encoded = encodeValue(toDocumentValue(i));
    if (!encoded.ok) throw new Error(encoded.error.message);
    return { kind: "put", key: utf8(`${prefix}_${i}`), value: encoded.value } as const;
  });
  await store.commit(batch);
}

/** May throw a `Miss`. */
export function readRow(store: KeyValueStore, prefix: string, i: number): Value | undefined {
  const bytes = store.get(utf8(`${prefix}_${i}`));
  return bytes && decodeValue(bytes);
}

/** The document of the original's storage benchmarks, as a value. */
export function toDocumentValue(i: number): Value {
  return { id: `doc_${i}`, title: `Title ${i}`, content: `Content ${i}`, metadata: {}, version: i };
}
