/**
 * The words of a text field in its index: which deltas it covers, and for each document the words that it had, without
 * which nobody could tell what is gone from a text that has changed.
 *
 * A text changes with every keystroke, and is searched now and then. So nothing is done as it changes: before a search
 * the deltas since the last one are read, and the documents that they touched are cut into words again. Invariant:
 * entries, words and the place in the log are written together; an index that has caught up equals a scan.
 *
 *   context 32 | 'i' | 8 | number u32                 the deltas that are covered: up to this order (varint)
 *   context 32 | 'i' | 8 | number u32 | id UTF-8      the document's words: count (varint) | count times: string
 */
import { compareBytes, Reader, runLoaded, type WriteOperation, Writer } from "../../base/index.ts";
import { touchedBy } from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import { loggedCalls, readLog } from "../../replica/index.ts";
import type { BoundCollection } from "../bound-collection.ts";
import { KEYS_PER_DOCUMENT_MAX, TEXT_LOG_BYTES, TEXT_LOG_DELTAS, WORD_BYTES_MAX } from "../limits.ts";
import type { IndexRows } from "./index-rows.ts";
import { encodeKey } from "./ordered-key.ts";
import { wordsKey } from "./rows.ts";
import { wordsOf } from "./words.ts";

export interface TextWordsParts {
  /** Of the index. */
  readonly number: number;
  readonly rows: IndexRows;
  readonly field: string;
}

const NONE: readonly string[] = [];

export class TextWords {
  readonly #parts: TextWordsParts;
  /** Words that wait for their commit, by document. */
  readonly #pending = new Map<string, readonly string[]>();
  /** What is covered once they are written. */
  #pendingMark: Order | undefined;
  #working: Promise<void> | undefined;

  constructor(parts: TextWordsParts) {
    this.#parts = parts;
  }

  /** The index is built from here on: deltas below are in the documents that it is built of. */
  begin(order: Order): void {
    this.#pendingMark = order;
  }

  /** Cuts the document's text again. May throw a `Miss`; twice is harmless. */
  update(bound: BoundCollection, id: string): void {
    const { field, rows } = this.#parts;
    const before = this.#wordsOf(bound, id);
    const text = bound.records.child("text", id, field)?.toString();
    const after = text === undefined ? NONE : wordsOf(text).sort();
    if (before.length === after.length && before.every((word, i) => word === after[i])) return;
    rows.change(id, keysOf(before), keysOf(after));
    this.#pending.set(id, after);
  }

  /** Covers all that was written before the call. */
  async catchUp(bound: BoundCollection): Promise<void> {
    const { replica, store } = bound.engine;
    await replica.settled();
    const target = replica.flushed.count;
    while ((await runLoaded(store, () => this.#mark(bound))) < target) {
      bound.assertOpen();
      // One at a time; of a store that others have open too, in its turn: they keep the same rows.
      this.#working ??= (replica.isShared ? replica.inTurn(() => this.#page(bound)) : this.#page(bound)).finally(() => {
        this.#working = undefined;
      });
      await this.#working;
    }
  }

  takeRows(context: Parameters<typeof wordsKey>[0], into: WriteOperation[]): void {
    const { number } = this.#parts;
    for (const [id, words] of this.#pending) {
      const key = wordsKey(context, number, id);
      into.push(words.length === 0 ? { kind: "delete", key } : { kind: "put", key, value: encodeWords(words) });
    }
    this.#pending.clear();
    if (this.#pendingMark === undefined) return;
    const value = new Writer(8).varint(this.#pendingMark).toBytes();
    into.push({ kind: "put", key: wordsKey(context, number, ""), value });
    this.#pendingMark = undefined;
  }

  /** The store has what others wrote. */
  forget(): void {
    this.#pending.clear();
    this.#pendingMark = undefined;
  }

  async #page(bound: BoundCollection): Promise<void> {
    const { engine } = bound;
    const end = await runLoaded(engine.store, () => {
      const first = this.#mark(bound);
      const { ids, next } = touchedSince(bound, first);
      for (const id of ids) this.update(bound, id);
      return next;
    });
    this.#pendingMark = end;
    await engine.commitRows();
  }

  #mark({ engine: { store, context } }: BoundCollection): Order {
    if (this.#pendingMark !== undefined) return this.#pendingMark;
    const row = store.get(wordsKey(context, this.#parts.number, ""));
    // Without a row that can be read everything is looked at again.
    const reader = new Reader(row ?? new Uint8Array(1));
    const mark = reader.varint();
    return reader.finish() ? mark : 0;
  }

  #wordsOf({ engine: { store, context } }: BoundCollection, id: string): readonly string[] {
    const row = this.#pending.get(id) ?? store.get(wordsKey(context, this.#parts.number, id));
    if (row === undefined) return NONE;
    // Of a row that is damaged the entries stay until the index is built anew.
    return row instanceof Uint8Array ? (decodeWords(row) ?? NONE) : row;
  }
}

/** The documents of the collection that the next deltas touched, in their fields or their containers. */
function touchedSince(bound: BoundCollection, first: Order): { readonly ids: Set<string>; readonly next: Order } {
  const { engine, schema } = bound;
  const { store, context, replica } = engine;
  const end = Math.min(replica.flushed.count, first + TEXT_LOG_DELTAS);
  const deltas = readLog(store, context, { first, end }, TEXT_LOG_BYTES);
  const ids = new Set<string>();
  for (const { joins } of deltas.flatMap(loggedCalls)) {
    const { records, containers } = touchedBy(joins);
    for (const { name, ids: own } of records) if (name === schema.collection) for (const id of own) ids.add(id);
    for (const container of containers) {
      const owner = engine.documentOf(container);
      if (owner?.bound === bound) ids.add(owner.id);
    }
  }
  return { ids, next: deltas.length === 0 ? end : first + deltas.length };
}

function keysOf(words: readonly string[]): Uint8Array[] {
  return words.map((word) => encodeKey([word])).sort(compareBytes);
}

export function encodeWords(words: readonly string[]): Uint8Array {
  const writer = new Writer(256).varint(words.length);
  for (const word of words) writer.string(word);
  return writer.toBytes();
}

export function decodeWords(bytes: Uint8Array): string[] | undefined {
  const reader = new Reader(bytes);
  const count = reader.count(KEYS_PER_DOCUMENT_MAX, 2);
  const words: string[] = [];
  for (let i = 0; i < count && !reader.failed; i++) words.push(reader.string(WORD_BYTES_MAX));
  return reader.finish() ? words : undefined;
}
