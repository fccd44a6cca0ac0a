/**
 * Records what one transaction does. It tells its host when the transaction has committed; what it recorded of one that
 * is rolled back is dropped with it.
 */
import { actorId, type ContainerId, idKey } from "../../base/index.ts";
import {
  type Anchor,
  type CellContainer,
  type ContainerType,
  contentsOf,
  type DecidedStretch,
  type EditObserver,
  type ElementId,
  type ElementRun,
  edgesAtVertex,
  type Generation,
  type LastWriterCell,
  type ListWriter,
  type MapWriter,
  type MarkCell,
  type RecordCell,
  type RecordsWriter,
  storedToValue,
  type TextWriter,
  type Transaction,
  type TreeWriter,
} from "../../crdt/index.ts";
import { Aliases, NOTHING } from "./aliases.ts";
import { runOf } from "./fill.ts";
import { marksCell } from "./names.ts";
import { childrenOf, elementAt, heldAt } from "./snapshot.ts";
import type { Change, ChildSnapshot, MarkedFrom, Owner, RecordChange } from "./step.ts";

export interface RecorderHost {
  readonly aliases: Aliases;
  onCommit(): void;
  onCommitted(recorder: Recorder): void;
}

/** Why a transaction is made. */
export type Purpose =
  | { readonly kind: "write" }
  | { readonly kind: "labelled"; readonly label: string }
  /** Takes back the last `steps` of a stack. */
  | { readonly kind: "undo" | "redo"; readonly steps: number; readonly label: string | undefined };

export class Recorder implements EditObserver {
  purpose: Purpose = { kind: "write" };
  readonly by: Generation;
  /** Those that this transaction adds. */
  readonly aliases: Aliases;
  readonly #host: RecorderHost;
  #changes: Change[] = [];
  readonly #records: RecordChange[] = [];
  /** By container: its type, and the document that it is in. */
  readonly #owners = new Map<string, { readonly type: ContainerType; readonly owner: Owner }>();
  /** Read what was left in cells, once the transaction has committed. */
  readonly #cells: (() => void)[] = [];
  readonly #children = new Map<string, readonly ChildSnapshot[]>();

  constructor(host: RecorderHost, transaction: Transaction) {
    this.#host = host;
    this.aliases = new Aliases(host.aliases);
    const { stamp, actor } = transaction.origin;
    this.by = { stamp, actor };
  }

  /** In the order in which they are to be taken back from the end. */
  changes(): Change[] {
    const renewed = new Set(this.#records.filter(isRenewal).map(({ records, id }) => recordKey(records, id)));
    // What is in a document that came or went with the transaction comes and goes with it again.
    const within = this.#changes.filter(
      (change) => change.kind === "record" || !renewed.has(recordKey(change.owner.records, change.owner.id)),
    );
    return [...within, ...this.#records];
  }

  onChild(records: RecordsWriter, id: string, field: string, type: ContainerType, child: ContainerId): void {
    const generation = records.target.get(id)?.generation;
    if (generation === undefined) return;
    const collection = records.target.fieldName ?? "";
    this.own(child, type, { collection, records: records.target.id, id, field, generation });
  }

  onNested(parent: MapWriter | ListWriter, key: string, type: ContainerType, child: ContainerId): void {
    const owner = this.#owners.get(idKey(parent.target.id))?.owner;
    if (owner !== undefined) this.own(child, type, { ...owner, field: `${owner.field}.${key}` });
  }

  /** Says in which document a container is that is written in without asking the document for it. */
  own(container: ContainerId, type: ContainerType, owner: Owner): void {
    this.#owners.set(idKey(container), { type, owner });
    const contents = contentsOf(container, type);
    if (contents !== undefined) this.#owners.set(idKey(contents), { type: "map", owner });
  }

  onDelete(records: RecordsWriter, id: string, cell: RecordCell): void {
    this.#children.set(recordKey(records.target.id, id), childrenOf(records, id, cell));
  }

  onEntry(map: MapWriter, key: string, before: LastWriterCell | undefined): void {
    this.#note(map.target.id, (at) => {
      const pair = before && { stamp: before.stamp, actor: before.actor };
      return { ...at, kind: "entry", key, before: pair, held: heldAt(map, key) };
    });
  }

  onCell(container: CellContainer<unknown>, key: string, before: unknown): void {
    const type = this.#owners.get(idKey(container.id))?.type;
    if (type === undefined) return;
    this.#note(container.id, (at) => {
      const edges = edgesAtVertex(container, key);
      const change = { ...at, kind: "cell" as const, type, key, before, after: before, edges };
      this.#cells.push(() => {
        change.after = container.get(key);
      });
      return change;
    });
  }

  onInserted(text: TextWriter, runs: readonly ElementRun[]): void {
    if (runs.length > 0) this.#note(text.target.id, (at) => ({ ...at, kind: "inserted", runs }));
  }

  onDeleting(text: TextWriter, runs: readonly ElementRun[], content: string): void {
    const [first] = runs;
    if (first === undefined) return;
    this.#note(text.target.id, (at) => {
      const index = text.indexOf({ at: "before", actor: actorId(first.actor), counter: first.start }) ?? 0;
      const previous = index === 0 ? undefined : text.runs(index - 1, 1)[0];
      return { ...at, kind: "deleted", runs, content, previous };
    });
  }

  onMarking(text: TextWriter, mark: MarkCell, key: string): void {
    this.#note(text.target.id, (at) => {
      const before = this.#markedWithin(text, mark);
      return { ...at, kind: "marked", name: mark.name, key, before, end: mark.to };
    });
  }

  onElementsInserted(list: ListWriter, index: number, count: number): void {
    this.#note(list.target.id, (at) => ({ ...at, kind: "elements-inserted", runs: runsAt(list, index, count) }));
  }

  onElementsDeleting(list: ListWriter, index: number, count: number): void {
    this.#note(list.target.id, (at) => {
      const elements = Array.from({ length: count }, (_, i) => elementAt(list, index + i));
      return { ...at, kind: "elements-deleted", elements, previous: elementBefore(list, index) };
    });
  }

  onElementSetting(list: ListWriter, index: number): void {
    this.#note(list.target.id, (at) => ({ ...at, kind: "element-set", before: elementAt(list, index) }));
  }

  onElementMoving(list: ListWriter, index: number): void {
    this.#note(list.target.id, (at) => {
      const { element, position, movedBy } = elementAt(list, index);
      const previous = elementBefore(list, index);
      return { ...at, kind: "element-moved", element, position, previous, before: movedBy };
    });
  }

  onPlacing(tree: TreeWriter, node: string): void {
    this.#note(tree.target.id, (at) => ({
      ...at,
      kind: "placed",
      node,
      before: tree.placeOf(node),
      wasShown: tree.has(node),
    }));
  }

  onDiscard(_type: ContainerType, id: ContainerId): void {
    const key = idKey(id);
    this.#changes = this.#changes.filter((change) => change.kind === "record" || idKey(change.container) !== key);
  }

  onCommit(): void {
    this.#host.onCommit();
  }

  onRecord(records: RecordsWriter, id: string, before: RecordCell | undefined, after: RecordCell): void {
    const children = this.#children.get(recordKey(records.target.id, id)) ?? [];
    const collection = records.target.fieldName ?? "";
    this.#records.push({ kind: "record", collection, records: records.target.id, id, before, after, children });
  }

  onCommitted(): void {
    for (const read of this.#cells) read();
    this.#host.onCommitted(this);
  }

  #note(container: ContainerId, change: (at: { owner: Owner; container: ContainerId }) => Change): void {
    const owner = this.#owners.get(idKey(container))?.owner;
    if (owner !== undefined) this.#changes.push(change({ owner, container }));
  }

  /** What is marked with a name where a mark is about to be put, from each place on up to the next. */
  #markedWithin(text: TextWriter, { name, from, to }: MarkCell): MarkedFrom[] {
    const [start = 0, end = 0] = [text.indexOf(from), text.indexOf(to)];
    const cell = marksCell(text.target.id, name);
    const found: MarkedFrom[] = [];
    const add = (index: number, by: DecidedStretch | undefined): void => {
      const anchor: Anchor = index === start ? from : text.position(index, "after");
      const value = by?.mark.value === undefined ? undefined : storedToValue(by.mark.value);
      found.push({ at: anchor, value, original: by === undefined ? NOTHING : this.aliases.originalOf(cell, by.key) });
    };
    let index = start;
    for (const stretch of text.decided(name)) {
      if (stretch.to <= index || stretch.from >= end) continue;
      if (stretch.from > index) add(index, undefined);
      add(Math.max(stretch.from, index), stretch);
      index = stretch.to;
    }
    if (index < end) add(index, undefined);
    return found;
  }
}

function elementBefore(list: ListWriter, index: number): ElementId | undefined {
  return index === 0 ? undefined : list.elementAt(index - 1);
}

function runsAt(list: ListWriter, index: number, count: number): ElementRun[] {
  return Array.from({ length: count }, (_, i) => runOf(list.elementAt(index + i)));
}

/** Whether the document came, went, or was made anew. */
function isRenewal({ before, after }: RecordChange): boolean {
  const wasThere = before !== undefined && before.deleted === undefined;
  const isThere = after.deleted === undefined;
  return !wasThere || !isThere || before.generation.stamp !== after.generation.stamp;
}

function recordKey(records: ContainerId, id: string): string {
  return `${idKey(records)}|${id}`;
}
