/** Takes back what a transaction did to one cell of a container, by the rule of its type (`rules.ts`). */
import type { ContainerId } from "../../base/index.ts";
import type { CounterEntryCell, GraphWriter, LastWriterCell, SetWriter, Value } from "../../crdt/index.ts";
import { keyToElement } from "../../crdt/index.ts";
import { entryCell } from "./names.ts";
import {
  type AddWinsCell,
  type ElementEditor,
  type MultiValueCell,
  type Outcome,
  type Place,
  type RemoveWinsCell,
  takeBackElement,
  takeBackLast,
  takeBackMulti,
  takeBackRemoveWins,
} from "./rules.ts";
import type { CellChange } from "./step.ts";
import type { TakingBack } from "./take-back.ts";
import { hasForeignContent } from "./take-back-tree.ts";

/** `at` is when the change was made. */
export function takeBackCell(taking: TakingBack, change: CellChange, container: ContainerId, at: number): Outcome {
  const { transaction } = taking;
  switch (change.type) {
    case "register":
    case "user-entries": {
      const register = transaction.resolve(change.type, container);
      const write = (value: Value | undefined) => (value === undefined ? register.clear() : register.set(value));
      return takeBackLast(placeOf(taking, change, container), courseOf<LastWriterCell>(change, register), write);
    }
    case "multi-register": {
      const register = transaction.resolve(change.type, container);
      const course = courseOf<MultiValueCell>(change, register);
      return takeBackMulti(placeOf(taking, change, container), course, (value) => register.replaceOwn(value));
    }
    case "counter": {
      const { before, wrote } = courseOf<CounterEntryCell>(change, undefined);
      const amount = amountOf(wrote) - amountOf(before);
      if (amount === 0) return "nothing";
      transaction.resolve("counter", container).add(-amount);
      return "taken";
    }
    case "set":
      return takeBackAddition(taking, change, transaction.resolve("set", container));
    case "remove-wins-set":
      return takeBackAddition(taking, change, transaction.resolve("remove-wins-set", container));
    case "graph":
    case "remove-wins-graph":
      return takeBackGraph(taking, change, transaction.resolve(change.type, container), at);
    default:
      return "FINAL";
  }
}

/** A vertex stays that others have drawn edges at, or put something into. */
function takeBackGraph(taking: TakingBack, change: CellChange, graph: GraphWriter, at: number): Outcome {
  const key = keyToElement(change.key) as string;
  const { target } = graph.elements;
  // The cells are those of the graph's policy.
  if (change.before === undefined || !target.isLive(change.before as never)) {
    const isUsed = graph.edgesAt(key).some((edge) => !change.edges.includes(edge));
    if (isUsed || hasForeignContent(taking, graph.contents, key, at)) return "CHANGED_SINCE";
  }
  return takeBackAddition(taking, change, graph.elements);
}

function takeBackAddition(taking: TakingBack, change: CellChange, set: SetWriter | GraphWriter["elements"]): Outcome {
  const element = keyToElement(change.key);
  const editor: ElementEditor = { add: () => void set.add(element), remove: () => void set.delete(element) };
  const place = placeOf(taking, change, set.target.id);
  if (change.type === "set" || change.type === "graph") {
    return takeBackElement(place, courseOf<AddWinsCell>(change, set), editor);
  }
  return takeBackRemoveWins(place, courseOf<RemoveWinsCell>(change, set), editor);
}

function placeOf({ recorder }: TakingBack, { container: was, key }: CellChange, container: ContainerId): Place {
  const { aliases, by } = recorder;
  return { aliases, by, cell: entryCell(container, key), was: entryCell(was, key) };
}

/** The cells are those of the container's type, which says what they are. */
function courseOf<C>(
  { key, before, after }: CellChange,
  writer: { readonly target: { get(key: string): unknown } } | undefined,
) {
  return {
    before: before as C | undefined,
    wrote: after as C | undefined,
    shown: writer?.target.get(key) as C | undefined,
  };
}

function amountOf(cell: CounterEntryCell | undefined): number {
  return cell === undefined ? 0 : cell.added - cell.subtracted;
}
