/** User entries: one value for each member, which that member alone sets, from whichever installation. */
import { idKey, idKeyToBytes, type PublicKey, publicKey } from "../../base/index.ts";
import type { UserEntryCell } from "../cells/user-entry.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import type { WriterHost } from "./handles.ts";
import { OneCellWriter, registerToValue } from "./register.ts";

export class UserEntriesView {
  readonly target: CellContainer<UserEntryCell>;

  constructor(target: CellContainer<UserEntryCell>) {
    this.target = target;
  }

  /** The value of a member; undefined when it has set none or cleared it. */
  get(member: PublicKey): Value | undefined {
    return registerToValue(this.target.get(idKey(member)));
  }

  get size(): number {
    return this.target.liveCount();
  }

  /** Members and values, ascending by key. */
  all(): [PublicKey, Value][] {
    const values: [string, Value][] = [];
    this.target.visitAll((cell, key) => {
      const value = registerToValue(cell);
      if (value !== undefined) values.push([key, value]);
    });
    values.sort(([a], [b]) => (a < b ? -1 : 1));
    return values.map(([key, value]) => [publicKey(idKeyToBytes(key)), value]);
  }
}

export class UserEntriesWriter extends UserEntriesView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #cell: OneCellWriter;

  constructor(host: WriterHost, target: CellContainer<UserEntryCell>) {
    super(target);
    this.#host = host;
    this.#cell = new OneCellWriter(host, target, idKey(host.origin.member));
  }

  /** The value of the member who writes. */
  own(): Value | undefined {
    return this.get(this.#host.origin.member);
  }

  /** Sets the value of the member who writes; there is no way to set another's. */
  set(value: Value): void {
    this.#cell.write(this, valueToStored(value));
  }

  clear(): void {
    if (this.own() !== undefined) this.#cell.write(this, undefined);
  }

  joins(): ContainerJoins | undefined {
    const joins = this.#cell.joins();
    return joins && { type: "user-entries", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#cell.log.commit();
  }

  undo(): void {
    this.#cell.log.undo();
  }
}
