/** Writes what a container held into an empty one, and says what stands for what then. */
import type { ContainerId } from "../../base/index.ts";
import type {
  ContainerType,
  ElementId,
  ElementRun,
  Generation,
  GraphWriter,
  LastWriterCell,
  ListWriter,
  MapWriter,
  TextWriter,
  TreeWriter,
  Writers,
} from "../../crdt/index.ts";
import type { Aliases } from "./aliases.ts";
import { elementCell, entryCell, locationCell, marksCell } from "./names.ts";
import { type AddWinsCell, keepForeignAddition } from "./rules.ts";
import type {
  GraphSnapshot,
  ListSnapshot,
  MapSnapshot,
  Snapshot,
  TextSnapshot,
  TreeSnapshot,
  ValuesSnapshot,
} from "./snapshot.ts";

export interface Filling {
  readonly aliases: Aliases;
  readonly by: Generation;
}

/** Opens the container that takes the place of another. */
export type Open = <T extends ContainerType>(type: T) => Writers[T];

/** False when it held something that cannot be written again. */
export function fill(filling: Filling, snapshot: Snapshot, open: Open): boolean {
  switch (snapshot.type) {
    case "text":
      return fillText(filling, snapshot, open("text"));
    case "map":
      return fillMap(filling, snapshot, open("map"));
    case "list":
      return fillList(filling, snapshot, open("list"));
    case "tree":
      return fillTree(filling, snapshot, open("tree"));
    case "graph":
    case "remove-wins-graph":
      return fillGraph(filling, snapshot, open(snapshot.type));
    case "other":
      return false;
    default:
      return fillValues(filling, snapshot, open);
  }
}

/** The run of one element. */
export function runOf({ actor, counter }: ElementId): ElementRun {
  return { actor, start: counter, end: counter + 1 };
}

/** Says that the element of a list stands for the one that it was. */
export function aliasElement(
  { aliases, by }: Filling,
  was: ContainerId,
  { element, pair, movedBy }: Pick<ListSnapshot["elements"][number], "element" | "pair" | "movedBy">,
  list: ContainerId,
  restored: ElementId,
): void {
  aliases.addRuns(was, [runOf(element)], list, [runOf(restored)]);
  aliases.addPair(elementCell(list, restored), by, aliases.original(elementCell(was, element), pair));
  const moved = aliases.original(locationCell(was, element), movedBy);
  aliases.addPair(locationCell(list, restored), undefined, moved);
}

function fillText({ aliases }: Filling, snapshot: TextSnapshot, text: TextWriter): boolean {
  const { id, content, runs, marks } = snapshot;
  aliases.addContainer(id, text.target.id);
  if (content === "") return true;
  text.insert(0, content);
  aliases.addRuns(id, runs, text.target.id, text.runs(0, content.length));
  for (const { from, to, name, value, key } of marks) {
    const mark = value === undefined ? text.unmark(from, to, name) : text.mark(from, to, name, value);
    const original = aliases.originalOf(marksCell(id, name), key);
    if (mark !== undefined) aliases.add(marksCell(text.target.id, name), mark, original);
  }
  return true;
}

function fillMap(filling: Filling, { id, entries }: MapSnapshot, map: MapWriter): boolean {
  const { aliases, by } = filling;
  aliases.addContainer(id, map.target.id);
  let isWhole = true;
  for (const { key, pair, value, nested } of entries) {
    if (nested === undefined) map.set(key, value);
    else isWhole = fill(filling, nested, (type) => map.child(type, key)) && isWhole;
    aliases.addPair(entryCell(map.target.id, key), by, aliases.original(entryCell(id, key), pair));
  }
  return isWhole;
}

function fillList(filling: Filling, { id, elements }: ListSnapshot, list: ListWriter): boolean {
  filling.aliases.addContainer(id, list.target.id);
  let isWhole = true;
  for (const element of elements) {
    const index = list.length;
    if (element.nested === undefined) list.push(element.value);
    else isWhole = fill(filling, element.nested, (type) => list.insertContainer(type, index)) && isWhole;
    if (list.length > index) aliasElement(filling, id, element, list.target.id, list.elementAt(index));
  }
  return isWhole;
}

function fillTree(filling: Filling, { id, nodes, contents }: TreeSnapshot, tree: TreeWriter): boolean {
  const { aliases, by } = filling;
  aliases.addContainer(id, tree.target.id);
  for (const { node, parent, position, pair } of nodes) {
    tree.putBack(node, { parent, position });
    aliases.addPair(entryCell(tree.target.id, node), by, aliases.original(entryCell(id, node), pair));
  }
  return fillMap(filling, contents, tree.contents);
}

function fillGraph(filling: Filling, { id, keys, cells, contents }: GraphSnapshot, graph: GraphWriter): boolean {
  filling.aliases.addContainer(id, graph.target.id);
  for (const key of keys) graph.elements.add(key);
  keepForeign(filling, id, graph.target.id, cells);
  return fillMap(filling, contents, graph.contents);
}

function fillValues(filling: Filling, snapshot: ValuesSnapshot, open: Open): boolean {
  const { aliases, by } = filling;
  const { type, id, values, cells } = snapshot;
  const [first] = values;
  let filled: ContainerId;
  switch (type) {
    case "counter":
    case "grow-counter": {
      const counter = open(type);
      counter.add(Number(first));
      filled = counter.target.id;
      break;
    }
    case "set":
    case "remove-wins-set": {
      const set = open(type);
      for (const value of values) set.add(value);
      filled = set.target.id;
      break;
    }
    case "frozen-entries": {
      const frozen = open(type);
      for (const value of values) frozen.put(value);
      filled = frozen.target.id;
      break;
    }
    case "log":
      // What others appended is theirs to say, and cannot be said again.
      filled = open(type).target.id;
      break;
    default: {
      const register = open(type);
      if (first !== undefined) register.set(first);
      filled = register.target.id;
    }
  }
  aliases.addContainer(id, filled);
  if (type === "set") keepForeign(filling, id, filled, cells);
  if (type !== "register" && type !== "user-entries") return snapshot.isWhole;
  for (const [key, cell] of cells) {
    const original = aliases.original(entryCell(id, key), cell as LastWriterCell);
    aliases.addPair(entryCell(filled, key), by, original);
  }
  return snapshot.isWhole;
}

/** What is added again for others stays theirs; of a policy that says who has added. */
function keepForeign(
  { aliases, by }: Filling,
  was: ContainerId,
  now: ContainerId,
  cells: ValuesSnapshot["cells"],
): void {
  for (const [key, cell] of cells) {
    const place = { aliases, by, cell: entryCell(now, key), was: entryCell(was, key) };
    if (Array.isArray(cell)) keepForeignAddition(place, cell as AddWinsCell);
  }
}
