/**
 * Multi-value register: a value that is replaced as a whole, where what was written at the same time stays to be seen,
 * until somebody who sees it writes. A write takes the place of exactly the values that its transaction began with.
 */
import { compareActors, type Seen } from "../cells/by-actor.ts";
import { REGISTER_KEY } from "../cells/multi-register.ts";
import { createMultiValue, empty, join, type MultiValueCell, seenValues, shownContents } from "../cells/multi-value.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { type Stored, storedToValue, valueToStored } from "../stored.ts";
import type { Value } from "../value.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class MultiRegisterView {
  readonly target: CellContainer<MultiValueCell>;

  constructor(target: CellContainer<MultiValueCell>) {
    this.target = target;
  }

  /** The value that a last-writer register would show; undefined when there is none. */
  get(): Value | undefined {
    const [first] = shownContents(this.target.get(REGISTER_KEY) ?? empty);
    return first === undefined ? undefined : storedToValue(first);
  }

  /** All values, each once, latest first; more than one is a conflict. */
  values(): Value[] {
    return shownContents(this.target.get(REGISTER_KEY) ?? empty).map(storedToValue);
  }
}

export class MultiRegisterWriter extends MultiRegisterView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<MultiValueCell>;
  /** What the transaction found, what of it is overwritten, and what it leaves. */
  #base: MultiValueCell = empty;
  #seen: readonly Seen[] = [];
  #content: Stored | undefined;

  constructor(host: WriterHost, target: CellContainer<MultiValueCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  set(value: Value): void {
    this.#write(valueToStored(value), seenValues);
  }

  clear(): void {
    if (this.values().length > 0) this.#write(undefined, seenValues);
  }

  /** Writes in place of this actor's own value alone; undefined takes that away. */
  replaceOwn(value: Value | undefined): void {
    const { actor } = this.#host.origin;
    const isOwn = (seen: Seen): boolean => compareActors(seen.actor, actor) === 0;
    if (value === undefined && !seenValues(this.target.get(REGISTER_KEY) ?? empty).some(isOwn)) return;
    const content = value === undefined ? undefined : valueToStored(value);
    this.#write(content, (base) => seenValues(base).filter(isOwn));
  }

  /** Writes what is chosen from the values that show: none for none, latest first. */
  resolve(choose: (values: readonly Value[]) => Value): void {
    this.set(choose(this.values()));
  }

  joins(): ContainerJoins | undefined {
    if (this.#log.slots.length === 0) return undefined;
    const content = this.#content;
    const { actor } = this.#host.origin;
    // A new value is above the writer's own last one.
    const seen = this.#seen.filter((value) => content === undefined || compareActors(value.actor, actor) !== 0);
    if (content === undefined && seen.length === 0) return undefined;
    return { type: "multi-register", name: this.target.fieldName ?? this.target.id, joins: { content, seen } };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }

  #write(content: Stored | undefined, seenOf: (base: MultiValueCell) => readonly Seen[]): void {
    this.#host.assertOpen();
    if (this.#log.slots.length === 0) {
      const found = this.target.find(REGISTER_KEY);
      this.#base = (found === NO_SLOT ? undefined : this.target.at(found)) ?? empty;
      this.#host.observer?.onCell(this.target, REGISTER_KEY, found === NO_SLOT ? undefined : this.#base);
      this.#host.record(this);
      this.#log.record(REGISTER_KEY, found);
    }
    this.#content = content;
    this.#seen = seenOf(this.#base);
    const cell = join(this.#base, createMultiValue(this.#host.origin, content, this.#seen));
    this.target.put(this.#log.slots[0] as number, cell === empty ? undefined : cell);
  }
}
