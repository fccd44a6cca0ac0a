/**
 * Set of values. Adding and removing at the same time leaves the element in: a remover takes away only the adds it has
 * seen. Of several operations on one element in a transaction the last alone counts and is recorded.
 */
import { assert } from "../../base/index.ts";
import {
  createSetEntry,
  elementToKey,
  empty,
  entryOf,
  join,
  keyToElement,
  type SetElementCell,
  type SetEntry,
} from "../cells/set-element.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { SetJoin } from "../joins/set-joins.ts";
import { ENTRY_KEY_BYTES_MAX } from "../limits.ts";
import { WriteRefused } from "../refusal.ts";
import { type Stored, storedToBytes, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

interface Change {
  readonly element: Stored;
  readonly base: SetElementCell | undefined;
  readonly slot: number;
  kind: "add" | "remove";
}

/** Of a set whose elements are cells of any kind. */
export class SetView<C = SetElementCell> {
  readonly target: CellContainer<C>;

  constructor(target: CellContainer<C>) {
    this.target = target;
  }

  has(element: Value): boolean {
    const cell = this.target.get(elementToKey(valueToStored(element)));
    return cell !== undefined && this.target.isLive(cell);
  }

  get size(): number {
    return this.target.liveCount();
  }

  /** The elements, in an order that is the same on every replica. */
  values(): Value[] {
    const keys: string[] = [];
    this.target.visitAll((cell, key) => {
      if (this.target.isLive(cell)) keys.push(key);
    });
    return keys.sort().map(keyToElement);
  }
}

export class SetWriter extends SetView<SetElementCell> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<SetElementCell>;
  readonly #changes = new Map<string, Change>();

  constructor(host: WriterHost, target: CellContainer<SetElementCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  add(element: Value): void {
    const stored = valueToStored(element);
    checkElement(stored);
    const key = elementToKey(stored);
    const { stamp, actor } = this.#host.origin;
    const change = this.#change(key, stored);
    change.kind = "add";
    this.target.put(change.slot, join(change.base ?? empty, [createSetEntry(actor, stamp, 0)]));
  }

  /** Whether the element was in the set. */
  delete(element: Value): boolean {
    const stored = valueToStored(element);
    const key = elementToKey(stored);
    const present = this.target.get(key);
    if (present === undefined || !this.target.isLive(present)) return false;
    const change = this.#change(key, stored);
    change.kind = "remove";
    const removals = seenAdds(change.base ?? empty);
    this.target.put(change.slot, removals.length === 0 ? change.base : join(change.base ?? empty, removals));
    return true;
  }

  joins(): ContainerJoins | undefined {
    const joins: SetJoin[] = [];
    for (const { element, base, kind } of this.#changes.values()) {
      const removals = kind === "add" ? [] : seenAdds(base ?? empty);
      if (kind === "add" || removals.length > 0) joins.push({ element, removals });
    }
    if (joins.length === 0) return undefined;
    return { type: "set", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
    this.#changes.clear();
  }

  #change(key: string, element: Stored): Change {
    this.#host.assertOpen();
    const known = this.#changes.get(key);
    if (known !== undefined) return known;
    const found = this.target.find(key);
    const base = found === NO_SLOT ? undefined : this.target.at(found);
    const { stamp, actor } = this.#host.origin;
    assert(base === undefined || entryOf(base, actor).added < stamp, "a transaction's stamp is above all it can see");
    this.#host.observer?.onCell(this.target, key, base);
    this.#host.record(this);
    const change: Change = { element, base, slot: this.#log.record(key, found), kind: "add" };
    this.#changes.set(key, change);
    return change;
  }
}

/** The removals that take away every add which shows. */
function seenAdds(cell: SetElementCell): SetEntry[] {
  const live = cell.filter((entry) => entry.added > entry.removed);
  return live.map((entry) => createSetEntry(entry.actor, 0, entry.added));
}

export function checkElement(element: Stored): void {
  if (typeof element === "string" && element.length * 3 <= ENTRY_KEY_BYTES_MAX - 3) return;
  if (storedToBytes(element).length <= ENTRY_KEY_BYTES_MAX) return;
  throw new WriteRefused("KEY_TOO_LONG", `a set element encodes to at most ${ENTRY_KEY_BYTES_MAX} bytes`);
}
