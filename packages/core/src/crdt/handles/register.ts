/**
 * Register: one value that is replaced as a whole. Its writer is that of every container in which a transaction writes
 * one such cell, whose key it knows beforehand.
 */
import { assert } from "../../base/index.ts";
import { REGISTER_KEY, type RegisterCell } from "../cells/register.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import { isReference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { RegisterJoins } from "../joins/register-joins.ts";
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
    return registerToValue(this.target.get(REGISTER_KEY));
  }
}

export function registerToValue(cell: RegisterCell | undefined): Value | undefined {
  const content = cell?.content;
  return content === undefined || isReference(content) ? undefined : storedToValue(content);
}

export class RegisterWriter extends RegisterView implements ContainerWriter {
  isTouched = false;
  readonly #cell: OneCellWriter;

  constructor(host: WriterHost, target: CellContainer<RegisterCell>) {
    super(target);
    this.#cell = new OneCellWriter(host, target, REGISTER_KEY);
  }

  set(value: Value): void {
    this.#cell.write(this, valueToStored(value));
  }

  clear(): void {
    if (this.get() !== undefined) this.#cell.write(this, undefined);
  }

  joins(): ContainerJoins | undefined {
    const joins = this.#cell.joins();
    return joins && { type: "register", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#cell.log.commit();
  }

  undo(): void {
    this.#cell.log.undo();
  }
}

/** Writes the cell of a key, as often as a transaction likes. */
export class OneCellWriter {
  readonly log: CellLog<RegisterCell>;
  readonly #host: WriterHost;
  readonly #key: string;

  constructor(host: WriterHost, target: CellContainer<RegisterCell>, key: string) {
    this.log = new CellLog(target);
    this.#host = host;
    this.#key = key;
  }

  write(writer: ContainerWriter, content: Stored | undefined): void {
    this.#host.assertOpen();
    const { stamp, actor } = this.#host.origin;
    const { container } = this.log;
    let slot = container.find(this.#key);
    if (this.log.slots.length === 0) {
      const previous = slot === NO_SLOT ? undefined : container.at(slot);
      assert(previous === undefined || previous.stamp < stamp, "a transaction's stamp is above all that it can see");
      this.#host.observer?.onCell(container, this.#key, previous);
      this.#host.record(writer);
      slot = this.log.record(this.#key, slot);
    }
    container.put(slot, { content, stamp, actor });
  }

  joins(): RegisterJoins | undefined {
    const slot = this.log.slots[0];
    return slot === undefined ? undefined : { content: this.log.container.at(slot)?.content };
  }
}
