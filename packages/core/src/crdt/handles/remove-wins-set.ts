/**
 * Remove-wins set: of an element that is added and removed at the same time nothing stays; it is in again once somebody
 * adds it who has seen the removal. Adding what is in, and removing what is not, is no write.
 */
import {
  createAddition,
  createRemoval,
  empty,
  isLive,
  join,
  type RemoveWinsCell,
  seenRemovals,
} from "../cells/remove-wins.ts";
import { elementToKey } from "../cells/remove-wins-element.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { RemoveWinsJoin } from "../joins/remove-wins-joins.ts";
import { type Stored, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";
import { checkElement, SetView } from "./set.ts";

interface Change {
  readonly element: Stored;
  readonly base: RemoveWinsCell;
  readonly slot: number;
}

export class RemoveWinsSetWriter extends SetView<RemoveWinsCell> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<RemoveWinsCell>;
  readonly #changes = new Map<string, Change>();

  constructor(host: WriterHost, target: CellContainer<RemoveWinsCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** Whether the element was not in the set. */
  add(element: Value): boolean {
    const stored = valueToStored(element);
    checkElement(stored);
    return this.#write(elementToKey(stored), stored, true);
  }

  /** Whether the element was in the set. */
  delete(element: Value): boolean {
    const stored = valueToStored(element);
    return this.#write(elementToKey(stored), stored, false);
  }

  joins(): ContainerJoins | undefined {
    const joins: RemoveWinsJoin[] = [];
    for (const { element, base, slot } of this.#changes.values()) {
      const cell = this.target.at(slot) ?? empty;
      if (cell !== base) joins.push({ element, undone: isLive(cell) ? seenRemovals(base) : undefined });
    }
    if (joins.length === 0) return undefined;
    return { type: "remove-wins-set", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
    this.#changes.clear();
  }

  #write(key: string, element: Stored, isWanted: boolean): boolean {
    this.#host.assertOpen();
    if (isLive(this.target.get(key) ?? empty) === isWanted) return false;
    const { base, slot } = this.#change(key, element);
    const cell = isLive(base) === isWanted ? base : join(base, this.#delta(base, isWanted));
    this.target.put(slot, cell === empty ? undefined : cell);
    return true;
  }

  #delta(base: RemoveWinsCell, isWanted: boolean): RemoveWinsCell {
    return isWanted ? createAddition(seenRemovals(base)) : createRemoval(this.#host.origin);
  }

  #change(key: string, element: Stored): Change {
    const known = this.#changes.get(key);
    if (known !== undefined) return known;
    const found = this.target.find(key);
    const base = (found === NO_SLOT ? undefined : this.target.at(found)) ?? empty;
    this.#host.observer?.onCell(this.target, key, base);
    this.#host.record(this);
    const change: Change = { element, base, slot: this.#log.record(key, found) };
    this.#changes.set(key, change);
    return change;
  }
}
