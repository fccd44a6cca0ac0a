/** User entries: one value for each member, which that member alone sets, from whichever installation. */
import { assert, idKey, idKeyToBytes, type PublicKey, publicKey } from "../../base/index.ts";
import type { UserEntryCell } from "../cells/user-entry.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import { isReference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { type Stored, storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class UserEntriesView {
  readonly target: CellContainer<UserEntryCell>;

  constructor(target: CellContainer<UserEntryCell>) {
    this.target = target;
  }

  /** The value of a member; undefined when it has set none or cleared it. */
  get(member: PublicKey): Value | undefined {
    return cellToValue(this.target.get(idKey(member)));
  }

  get size(): number {
    return this.target.liveCount();
  }

  /** Members and values, ascending by key. */
  all(): [PublicKey, Value][] {
    const values: [string, Value][] = [];
    this.target.visitAll((cell, key) => {
      const value = cellToValue(cell);
      if (value !== undefined) values.push([key, value]);
    });
    values.sort(([a], [b]) => (a < b ? -1 : 1));
    return values.map(([key, value]) => [publicKey(idKeyToBytes(key)), value]);
  }
}

export class UserEntriesWriter extends UserEntriesView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<UserEntryCell>;

  constructor(host: WriterHost, target: CellContainer<UserEntryCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** The value of the member who writes. */
  own(): Value | undefined {
    return this.get(this.#host.origin.member);
  }

  /** Sets the value of the member who writes; there is no way to set another's. */
  set(value: Value): void {
    this.#write(valueToStored(value));
  }

  clear(): void {
    if (this.own() !== undefined) this.#write(undefined);
  }

  joins(): ContainerJoins | undefined {
    const slot = this.#log.slots[0];
    if (slot === undefined) return undefined;
    const content = this.target.at(slot)?.content;
    return { type: "user-entries", name: this.target.fieldName ?? this.target.id, joins: { content } };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }

  #write(content: Stored | undefined): void {
    this.#host.assertOpen();
    const { stamp, actor, member } = this.#host.origin;
    const key = idKey(member);
    let slot = this.target.find(key);
    if (this.#log.slots.length === 0) {
      const previous = slot === NO_SLOT ? undefined : this.target.at(slot);
      assert(previous === undefined || previous.stamp < stamp, "a transaction's stamp is above all that it can see");
      this.#host.record(this);
      slot = this.#log.record(key, slot);
    }
    this.target.put(slot, { content, stamp, actor });
  }
}

function cellToValue(cell: UserEntryCell | undefined): Value | undefined {
  const content = cell?.content;
  return content === undefined || isReference(content) ? undefined : storedToValue(content);
}
