/**
 * How many documents each collection has, kept with every commit: a row per collection, and the same in memory. It
 * counts what shows, with what is not durable yet, as a read does.
 */
import {
  type ContainerId,
  type ContextId,
  idKey,
  Reader,
  type ReadView,
  type WriteOperation,
  Writer,
} from "../base/index.ts";
import type { RecordCell } from "../crdt/index.ts";
import type { Gauge } from "../metrics/index.ts";
import { countKey, countRange } from "./index/rows.ts";

interface Count {
  readonly container: ContainerId;
  /** In the store. */
  stored: number;
  /** By how much it has changed since. */
  grown: number;
}

export class Counts {
  readonly #store: ReadView;
  readonly #context: ContextId;
  /** Of all databases that share it. */
  readonly #gauge: Gauge | undefined;
  readonly #byContainer = new Map<string, Count>();
  /** Changes come in runs. */
  #last: Count | undefined;
  #total = 0;

  constructor(store: ReadView, context: ContextId, gauge: Gauge | undefined) {
    this.#store = store;
    this.#context = context;
    this.#gauge = gauge;
  }

  of(container: ContainerId): number {
    const { stored, grown } = this.#countOf(container);
    return stored + grown;
  }

  onRecord(container: ContainerId, before: RecordCell | undefined, after: RecordCell): void {
    const change =
      (after.deleted === undefined ? 1 : 0) - (before !== undefined && before.deleted === undefined ? 1 : 0);
    if (change === 0) return;
    this.#countOf(container).grown += change;
    this.#grow(change);
  }

  takeRows(into: WriteOperation[]): void {
    for (const count of this.#byContainer.values()) {
      if (count.grown === 0) continue;
      count.stored += count.grown;
      count.grown = 0;
      into.push({ kind: "put", key: countKey(this.#context, count.container), value: encodeCount(count.stored) });
    }
  }

  /** Reads what the store has. May throw a `Miss`, and has changed nothing then. */
  load(): void {
    const range = countRange(this.#context);
    const rows = [...this.#store.range(range)].map(
      ([key, value]) => [key.slice(range.gte.length), decodeCount(value)] as const,
    );
    for (const count of this.#byContainer.values()) count.stored = 0;
    for (const [container, stored] of rows) this.#countOf(container as ContainerId).stored = stored;
    let total = 0;
    for (const { stored, grown } of this.#byContainer.values()) total += stored + grown;
    this.#grow(total - this.#total);
  }

  /** What has changed is in the store already, by whoever else has it open: it is read anew next. */
  forget(): void {
    for (const count of this.#byContainer.values()) count.grown = 0;
  }

  close(): void {
    this.#grow(-this.#total);
  }

  #countOf(container: ContainerId): Count {
    if (this.#last?.container === container) return this.#last;
    const key = idKey(container);
    const known = this.#byContainer.get(key) ?? { container, stored: 0, grown: 0 };
    this.#byContainer.set(key, known);
    this.#last = known;
    return known;
  }

  #grow(change: number): void {
    this.#total += change;
    this.#gauge?.add(change);
  }
}

function encodeCount(count: number): Uint8Array {
  return new Writer(4).varint(count).toBytes();
}

/** A row that does not decode counts as none: it is derived, and its collection is counted from there on. */
function decodeCount(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  const count = reader.varint();
  return reader.finish() ? count : 0;
}
