/** Register: one value that is replaced as a whole. */
import { assert } from "../../base/index.ts";
import { REGISTER_KEY, type RegisterCell } from "../cells/register.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import { isReference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { type Stored, storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { ContainerWriter, WriterHost } from "./handles.ts";

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
    if (this.#log.keys.length === 0) return undefined;
    const content = this.target.held(REGISTER_KEY)?.content;
    return { type: "register", name: this.target.fieldName ?? this.target.id, joins: { content } };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }

  #write(content: Stored | undefined): void {
    const { stamp, actor } = this.#host.origin;
    const previous = this.target.get(REGISTER_KEY);
    if (this.#log.keys.length === 0) {
      assert(previous === undefined || previous.stamp < stamp, "a transaction's stamp is above all that it can see");
      this.#host.record(this);
      this.#log.record(REGISTER_KEY, previous);
    }
    this.target.put(REGISTER_KEY, { content, stamp, actor }, previous);
  }
}
