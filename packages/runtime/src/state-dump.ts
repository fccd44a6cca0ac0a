/** The state of a context as plain data, by the name of the field: to look at, to compare, to say where two differ. */
import { idToText } from "@dunlin/core/base";
import {
  type ContainerType,
  childTypes,
  decodeValue,
  type FieldKind,
  fieldsOf,
  type GraphView,
  type ListView,
  type LogView,
  type MapView,
  type RecordCell,
  type RecordsView,
  readCounter,
  readFirst,
  readLast,
  readMulti,
  readSet,
  type TextView,
  type TreeView,
  type Value,
  type Views,
} from "@dunlin/core/crdt";
import type { StateField } from "./frame.ts";
import type { StateRoot } from "./state-root.ts";

export type Dump = { readonly [name: string]: Value };

export function dumpState(root: StateRoot, fields: readonly StateField[]): Dump {
  return Object.fromEntries(fields.map(({ name, type }) => [name, dump(type, root.field(type, name))]));
}

function dump(type: ContainerType, view: Views[ContainerType]): Value {
  switch (type) {
    case "register":
    case "first-register":
      return (view as Views["register"]).get() ?? null;
    case "multi-register":
      return (view as Views["multi-register"]).values();
    case "counter":
    case "grow-counter":
      return (view as Views["counter"]).value();
    case "set":
    case "remove-wins-set":
      return (view as Views["set"]).values();
    case "user-entries":
      return Object.fromEntries((view as Views["user-entries"]).all().map(([key, value]) => [idToText(key), value]));
    case "frozen-entries":
      return Object.fromEntries(
        (view as Views["frozen-entries"]).entries().map(([key, value]) => [idToText(key), value]),
      );
    case "map":
      return dumpMap(view as MapView<Views>);
    case "text":
      return dumpText(view as TextView<Views>);
    case "list":
      return dumpList(view as ListView<Views>);
    case "log":
      return dumpLog(view as LogView);
    case "tree":
      return dumpTree(view as TreeView<Views>);
    case "graph":
    case "remove-wins-graph":
      return dumpGraph(view as GraphView<Views>);
    case "records":
      return dumpRecords(view as RecordsView<Views>);
    case "marks":
      return null;
  }
}

function dumpMap(map: MapView<Views>): Dump {
  return Object.fromEntries(map.keys().map((key) => [key, map.get(key) ?? dumpNested(map, key)]));
}

function dumpNested(map: MapView<Views>, key: string): Value {
  const kind = map.kindOf(key);
  if (kind === "absent" || kind === "value") return map.get(key) ?? null;
  const nested = map.nested(kind, key);
  return nested === undefined ? null : dump(kind, nested);
}

/** Text alone, or with its marks when there are any. */
function dumpText(text: TextView<Views>): Value {
  const marks = text.marks();
  if (marks.length === 0) return text.toString();
  return { text: text.toString(), marks: marks.map(({ from, to, name, value }) => ({ from, to, name, value })) };
}

function dumpList(list: ListView<Views>): Value {
  return Array.from({ length: list.length }, (_, index) => {
    const kind = list.kindOf(index);
    if (kind === "absent" || kind === "value") return list.get(index) ?? null;
    const nested = list.nested(kind, index);
    return nested === undefined ? null : dump(kind, nested);
  });
}

function dumpLog(log: LogView): Value {
  return log.keys().map((key): Value => {
    const entry = log.get(key);
    return entry === undefined
      ? null
      : { member: idToText(entry.member), value: decodeValue(entry.bytes) ?? entry.bytes };
  });
}

function dumpTree(tree: TreeView<Views>): Value {
  const { contents } = tree;
  return tree
    .walk()
    .map(({ id, depth }): Value => ({ id, depth, holds: contents.get(id) ?? dumpNested(contents, id) }));
}

function dumpGraph(graph: GraphView<Views>): Value {
  return {
    vertices: [...graph.vertices()],
    edges: graph.edges().map((edge) => ({ ...edge })),
    contents: dumpMap(graph.contents),
  };
}

const DOCUMENTS_MAX = 1_000_000;

function dumpRecords(records: RecordsView<Views>): Dump {
  const page = records.page({ limit: DOCUMENTS_MAX });
  return Object.fromEntries(page.map(({ id, record }) => [id, dumpRecord(records, id, record)]));
}

function dumpRecord(records: RecordsView<Views>, id: string, record: RecordCell): Dump {
  const entries: [string, Value][] = [];
  for (const { kind, name } of fieldsOf(record)) {
    if (kind !== "child") entries.push([name, dumpField(record, kind, name)]);
    else for (const type of childTypes(record, name)) entries.push([name, dumpChild(records, id, type, name)]);
  }
  return Object.fromEntries(entries);
}

function dumpChild(records: RecordsView<Views>, id: string, type: ContainerType, name: string): Value {
  const child = records.child(type, id, name);
  return child === undefined ? null : dump(type, child);
}

function dumpField(record: RecordCell, kind: Exclude<FieldKind, "child">, name: string): Value {
  switch (kind) {
    case "last":
      return readLast(record, name) ?? null;
    case "first":
      return readFirst(record, name) ?? null;
    case "multi":
      return readMulti(record, name);
    case "counter":
      return readCounter(record, name);
    case "set":
      return readSet(record, name, "add-wins");
    case "set-remove-wins":
      return readSet(record, name, "remove-wins");
  }
}
