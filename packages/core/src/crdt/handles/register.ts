/** Register: one value that is replaced as a whole. */
import { assert } from "../../base/index.ts";
import { REGISTER_KEY, type RegisterCell } from "../cells/register.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import { isReference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { type Stored, storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class RegisterView {
  readonly target: CellContainer<RegisterCell>;

  constructor(target: CellContainer<RegisterCell>) {
    this.target = target;
  }

  /** The value; undefined when none was set or it was cleared. */
  get(): Value | undefined {
    const content = this.target.get(REGISTER_KEY)?.content;
    return content === undefined || isReference(content) ? undefined : storedToValue(content);
  }
}

export class RegisterWriter extends RegisterView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<RegisterCell>;

  constructor(host: WriterHost, target: CellContainer<RegisterCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  set(value: Value): void {
    this.#write(valueToStored(value));
  }

  clear(): void {
    if (this.get() !== undefined) this.#write(undefined);
  }

  joins(): ContainerJoins | undefined {
    const slot = this.#log.slots[0];
    if (slot === undefined) return undefined;
    const content = this.target.at(slot)?.content;
    return { type: "register", name: this.target.fieldName ?? this.target.id, joins: { content } };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }

  #write(content: Stored | undefined): void {
    this.#host.assertOpen();
    const { stamp, actor } = this.#host.origin;
    let slot = this.target.find(REGISTER_KEY);
    if (this.#log.slots.length === 0) {
      const previous = slot === NO_SLOT ? undefined : this.target.at(slot);
      assert(previous === undefined || previous.stamp < stamp, "a transaction's stamp is above all that it can see");
      this.#host.record(this);
      slot = this.#log.record(REGISTER_KEY, slot);
    }
    this.target.put(slot, { content, stamp, actor });
  }
}
