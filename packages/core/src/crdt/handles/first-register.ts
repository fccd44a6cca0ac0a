/** First-writer register: one value that the first writer sets and nobody replaces. */
import { assert } from "../../base/index.ts";
import { type FirstRegisterCell, REGISTER_KEY } from "../cells/first-register.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class FirstRegisterView {
  readonly target: CellContainer<FirstRegisterCell>;

  constructor(target: CellContainer<FirstRegisterCell>) {
    this.target = target;
  }

  /** The value; undefined when none was set. Until all have synchronised, an earlier one may still take its place. */
  get(): Value | undefined {
    const content = this.target.get(REGISTER_KEY)?.content;
    return content === undefined ? undefined : storedToValue(content);
  }
}

export class FirstRegisterWriter extends FirstRegisterView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<FirstRegisterCell>;

  constructor(host: WriterHost, target: CellContainer<FirstRegisterCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** Whether the value was set: false, and no write, when there is one. */
  set(value: Value): boolean {
    const content = valueToStored(value);
    this.#host.assertOpen();
    const found = this.target.find(REGISTER_KEY);
    if (found !== NO_SLOT) return false;
    this.#host.observer?.onCell(this.target, REGISTER_KEY, undefined);
    this.#host.record(this);
    const { stamp, actor } = this.#host.origin;
    this.target.put(this.#log.record(REGISTER_KEY, found), { content, stamp, actor });
    return true;
  }

  joins(): ContainerJoins | undefined {
    const slot = this.#log.slots[0];
    if (slot === undefined) return undefined;
    const content = this.target.at(slot)?.content;
    assert(content !== undefined, "what a transaction has set first stays set");
    return { type: "first-register", name: this.target.fieldName ?? this.target.id, joins: { content } };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }
}
