/** The marks of one text: a container of their own beside it, reached through the text's handles. */
import { type MarkCell, markKey } from "../cells/mark.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class MarksView {
  readonly target: CellContainer<MarkCell>;

  constructor(target: CellContainer<MarkCell>) {
    this.target = target;
  }

  /** Every mark ever made, by the keys that order them. */
  all(): [key: string, mark: MarkCell][] {
    const marks: [string, MarkCell][] = [];
    this.target.visitAll((cell, key) => void marks.push([key, cell]));
    return marks.sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export class MarksWriter extends MarksView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<MarkCell>;

  constructor(host: WriterHost, target: CellContainer<MarkCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** How many marks this transaction has made. */
  get count(): number {
    return this.#log.slots.length;
  }

  add(mark: MarkCell): void {
    this.#host.assertOpen();
    this.#host.record(this);
    const { stamp, actor } = this.#host.origin;
    const slot = this.#log.record(markKey(stamp, actor, this.#log.slots.length), NO_SLOT);
    this.target.put(slot, mark);
  }

  joins(): ContainerJoins | undefined {
    const { slots } = this.#log;
    if (slots.length === 0) return undefined;
    const joins = slots.map((slot) => this.target.at(slot)).filter((mark) => mark !== undefined);
    return { type: "marks", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }
}
