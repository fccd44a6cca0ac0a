/**
 * What a container in a document held, with all that is in it, read before it goes. `fill.ts` writes it again. Not of
 * records, and of user entries only those of whoever undoes.
 */
import type { ContainerId } from "../../base/index.ts";
import {
  type ContainerType,
  childTypes,
  type ElementId,
  type ElementRun,
  type Generation,
  type GraphWriter,
  type ListWriter,
  type MapWriter,
  type NodePlace,
  type RecordCell,
  type RecordsWriter,
  storedToValue,
  type TextWriter,
  TREE_ROOT,
  TREE_TRASH,
  type TreeWriter,
  type Value,
  type Writers,
} from "../../crdt/index.ts";
import type { ChildSnapshot } from "./step.ts";

export interface TextSnapshot {
  readonly type: "text";
  readonly id: ContainerId;
  readonly content: string;
  readonly runs: readonly ElementRun[];
  readonly marks: readonly MarkSnapshot[];
}

interface MarkSnapshot {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: Value | undefined;
  readonly key: string;
}

export interface MapSnapshot {
  readonly type: "map";
  readonly id: ContainerId;
  readonly entries: readonly (Held & { readonly key: string; readonly pair: Generation })[];
}

export interface ListSnapshot {
  readonly type: "list";
  readonly id: ContainerId;
  readonly elements: readonly ElementSnapshot[];
}

export type ElementSnapshot = Held & {
  readonly element: ElementId;
  readonly position: ElementId;
  readonly pair: Generation;
  readonly movedBy: Generation | undefined;
};

export interface TreeSnapshot {
  readonly type: "tree";
  readonly id: ContainerId;
  /** Each after its parent; those in the trash too. */
  readonly nodes: readonly (NodePlace & { readonly node: string })[];
  readonly contents: MapSnapshot;
}

export interface GraphSnapshot {
  readonly type: "graph" | "remove-wins-graph";
  readonly id: ContainerId;
  readonly keys: readonly string[];
  readonly cells: Cells;
  readonly contents: MapSnapshot;
}

/** A register, a counter, a set: the values that it shows. */
export interface ValuesSnapshot {
  readonly type: ValuesType;
  readonly id: ContainerId;
  readonly values: readonly Value[];
  readonly cells: Cells;
  /** False when others alone can write some of it again. */
  readonly isWhole: boolean;
}

/** By their keys, to say whose they were. */
type Cells = readonly (readonly [key: string, cell: unknown])[];

type ValuesType = Exclude<
  ContainerType,
  "text" | "map" | "list" | GraphSnapshot["type"] | "tree" | "records" | "marks"
>;

export type Snapshot =
  | TextSnapshot
  | MapSnapshot
  | ListSnapshot
  | TreeSnapshot
  | GraphSnapshot
  | ValuesSnapshot
  | { readonly type: "other"; readonly id: ContainerId };

/** A value, or the container that was there in its place. */
export type Held =
  | { readonly value: Value; readonly nested?: undefined }
  | { readonly value?: undefined; readonly nested: Snapshot };

/** What the containers of a document hold. */
export function childrenOf(records: RecordsWriter, id: string, cell: RecordCell): ChildSnapshot[] {
  const children: ChildSnapshot[] = [];
  for (const { kind, name } of cell.shape.fields) {
    if (kind !== "child") continue;
    for (const type of childTypes(cell, name)) {
      const writer = records.child(type, id, name);
      if (writer !== undefined) children.push({ field: name, snapshot: snapshotOf(type, writer) });
    }
  }
  return children;
}

/** What an entry of a map holds; undefined when nothing is there. */
export function heldAt(map: MapWriter, key: string): Held | undefined {
  const value = map.get(key);
  if (value !== undefined) return { value };
  const kind = map.kindOf(key);
  return kind === "absent" || kind === "value" ? undefined : { nested: opened(map.nested(kind, key), kind, map) };
}

export function elementAt(list: ListWriter, index: number): ElementSnapshot {
  const element = list.elementAt(index);
  const trace = list.traceOf(element);
  const kind = list.kindOf(index);
  const held: Held =
    kind === "absent" || kind === "value"
      ? { value: list.get(index) ?? null }
      : { nested: opened(list.nested(kind, index), kind, list) };
  const { stamp, actor } = trace?.value ?? { stamp: 0 as Generation["stamp"], actor: element.actor };
  return { ...held, element, position: trace?.position ?? element, pair: { stamp, actor }, movedBy: trace?.movedBy };
}

/** Whether a condition holds for a container or one in it. */
export function someContainer(snapshot: Snapshot, test: (id: ContainerId) => boolean): boolean {
  if (test(snapshot.id)) return true;
  switch (snapshot.type) {
    case "map":
      return snapshot.entries.some(({ nested }) => nested !== undefined && someContainer(nested, test));
    case "list":
      return snapshot.elements.some(({ nested }) => nested !== undefined && someContainer(nested, test));
    case "tree":
    case "graph":
    case "remove-wins-graph":
      return someContainer(snapshot.contents, test);
    default:
      return false;
  }
}

function snapshotOf<T extends ContainerType>(type: T, writer: Writers[T]): Snapshot {
  // The writer is of the type that stands beside it, which a switch cannot say.
  const of = writer as Writers[ContainerType];
  switch (type) {
    case "text":
      return textSnapshot(of as TextWriter);
    case "map":
      return mapSnapshot(of as MapWriter);
    case "list":
      return listSnapshot(of as ListWriter);
    case "tree":
      return treeSnapshot(of as TreeWriter);
    case "graph":
    case "remove-wins-graph":
      return graphSnapshot(type, of as GraphWriter);
    case "records":
    case "marks":
      return { type: "other", id: of.target.id };
    default:
      return valuesSnapshot(type as ValuesType, of as Writers[ValuesType]);
  }
}

function opened<T extends ContainerType>(
  nested: Writers[T] | undefined,
  type: T,
  parent: MapWriter | ListWriter,
): Snapshot {
  return nested === undefined ? { type: "other", id: parent.target.id } : snapshotOf(type, nested);
}

function textSnapshot(text: TextWriter): TextSnapshot {
  const { id } = text.target;
  const marks = text.markNames().flatMap((name) =>
    text.decided(name).map(({ from, to, key, mark: { value } }): MarkSnapshot => {
      return { from, to, name, value: value === undefined ? undefined : storedToValue(value), key };
    }),
  );
  return { type: "text", id, content: text.toString(), runs: text.runs(0, text.length), marks };
}

function mapSnapshot(map: MapWriter): MapSnapshot {
  const entries: MapSnapshot["entries"][number][] = [];
  for (const key of map.keys()) {
    const cell = map.target.at(map.target.find(key));
    const held = heldAt(map, key);
    if (cell === undefined || held === undefined) continue;
    entries.push({ ...held, key, pair: { stamp: cell.stamp, actor: cell.actor } });
  }
  return { type: "map", id: map.target.id, entries };
}

function listSnapshot(list: ListWriter): ListSnapshot {
  const elements = Array.from({ length: list.length }, (_, index) => elementAt(list, index));
  return { type: "list", id: list.target.id, elements };
}

function treeSnapshot(tree: TreeWriter): TreeSnapshot {
  const nodes: TreeSnapshot["nodes"][number][] = [];
  for (const from of [TREE_ROOT, TREE_TRASH]) {
    for (let page = tree.walk({ from }); page.length > 0; ) {
      for (const { id: node } of page) {
        const place = tree.placeOf(node);
        if (place !== undefined) nodes.push({ ...place, node });
      }
      const after = page.at(-1)?.id;
      page = after === undefined ? [] : tree.walk({ from, after });
    }
  }
  return { type: "tree", id: tree.target.id, nodes, contents: mapSnapshot(tree.contents) };
}

function graphSnapshot(type: GraphSnapshot["type"], graph: GraphWriter): GraphSnapshot {
  // As a set it has the edges too that hide because an end is gone.
  const keys = graph.elements.values().map(String);
  return { type, id: graph.target.id, keys, cells: graph.elementCells(), contents: mapSnapshot(graph.contents) };
}

function valuesSnapshot(type: ValuesType, writer: Writers[ValuesType]): ValuesSnapshot {
  const cells: [string, unknown][] = [];
  const { target } = writer;
  target.visitAll((cell: unknown, key: string) => void cells.push([key, cell]));
  const values = valuesOf(writer);
  const isWhole = (type !== "user-entries" && type !== "log") || cells.length <= values.length;
  return { type, id: target.id, values, cells, isWhole };
}

/** As `fill.ts` writes them again. */
function valuesOf(writer: Writers[ValuesType]): readonly Value[] {
  if ("append" in writer) return [];
  if ("own" in writer) return listed(writer.own());
  if ("entries" in writer) return writer.entries().map(([, value]) => value);
  if ("value" in writer) return [writer.value()];
  if ("values" in writer) return writer.values();
  return listed(writer.get());
}

function listed(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}
