/** Frozen entries: values that are put in once, named by their hash, and never change or go. */
import { idKey, idKeyToBytes } from "../../base/index.ts";
import { type FrozenEntryCell, frozenKey } from "../cells/frozen-entry.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { type Stored, storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class FrozenEntriesView {
  readonly target: CellContainer<FrozenEntryCell>;

  constructor(target: CellContainer<FrozenEntryCell>) {
    this.target = target;
  }

  /** The value with this hash (32 bytes); undefined when it is not here. */
  get(key: Uint8Array): Value | undefined {
    const content = this.target.get(idKey(key))?.content;
    return content === undefined ? undefined : storedToValue(content);
  }

  has(key: Uint8Array): boolean {
    return this.target.get(idKey(key)) !== undefined;
  }

  get size(): number {
    return this.target.liveCount();
  }

  /** Keys and values, ascending by key. */
  entries(): [Uint8Array, Value][] {
    const contents: [string, Stored][] = [];
    this.target.visitAll(({ content }, key) => {
      if (content !== undefined) contents.push([key, content]);
    });
    contents.sort(([a], [b]) => (a < b ? -1 : 1));
    return contents.map(([key, content]) => [idKeyToBytes(key), storedToValue(content)]);
  }
}

export class FrozenEntriesWriter extends FrozenEntriesView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<FrozenEntryCell>;

  constructor(host: WriterHost, target: CellContainer<FrozenEntryCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** The key of the value, which is there from now on if it was not yet. */
  put(value: Value): Uint8Array {
    const content = valueToStored(value);
    this.#host.assertOpen();
    const hash = frozenKey(content);
    const key = idKey(hash);
    const found = this.target.find(key);
    if (found !== NO_SLOT) return hash;
    this.#host.observer?.onCell(this.target, key, undefined);
    this.#host.record(this);
    this.target.put(this.#log.record(key, found), { content });
    return hash;
  }

  joins(): ContainerJoins | undefined {
    const contents: Stored[] = [];
    for (const slot of this.#log.slots) {
      const content = this.target.at(slot)?.content;
      if (content !== undefined) contents.push(content);
    }
    if (contents.length === 0) return undefined;
    return { type: "frozen-entries", name: this.target.fieldName ?? this.target.id, joins: contents };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }
}
