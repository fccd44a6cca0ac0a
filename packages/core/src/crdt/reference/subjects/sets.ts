/** The sets of both policies, for the checks of histories. */
import * as removeWinsElement from "../../cells/remove-wins-element.ts";
import * as setElement from "../../cells/set-element.ts";
import { lastWords, type Model, type ModelDelta, type Operation, type Subject, told } from "./subject.ts";

export const setSubject: Subject = {
  name: "set",
  operations: [add("set"), remove("set")],
  show: (document) => document.field("set", "set").values(),
  model: addWins("set"),
  lattice: setElement,
};

export const removeWinsSetSubject: Subject = {
  name: "remove-wins set",
  operations: [add("remove-wins-set"), remove("remove-wins-set")],
  show: (document) => document.field("remove-wins-set", "remove-wins-set").values(),
  model: removeWins("remove-wins-set"),
  lattice: removeWinsElement,
};

/** What each delta of a history removed: only what was in the set that its author had seen. */
type Removals = Map<ModelDelta, readonly string[]>;

/** What is in by what was told of `name`: an element that was added by a delta which no remover of it had seen. */
export function addWins(name: string): Model {
  return (deltas) => {
    const words = lastWords(told(deltas, `${name}.add`, `${name}.remove`));
    const isRemoved = (element: string, adding: ModelDelta) =>
      words.some(({ kind, key, delta }) => kind === `${name}.remove` && key === element && delta.seen.has(adding));
    const shown = words.filter(({ kind, key, delta }) => kind === `${name}.add` && !isRemoved(key, delta));
    return distinct(shown.map(({ key }) => key));
  };
}

/** The same where an element is in when somebody added it, and each who removed it was seen by a later adder of it. */
export function removeWins(name: string): Model {
  return (deltas) => remaining(name, deltas, new Map());
}

function remaining(name: string, deltas: readonly ModelDelta[], known: Removals): string[] {
  const words = lastWords(told(deltas, `${name}.add`, `${name}.remove`));
  const additions = words.filter(({ kind }) => kind === `${name}.add`);
  const standing = words.filter(({ kind, key, delta }) => {
    if (kind !== `${name}.remove` || !removalsOf(name, delta, known).includes(key)) return false;
    return !additions.some((addition) => addition.key === key && addition.delta.seen.has(delta));
  });
  const keys = additions.map(({ key }) => key);
  return distinct(keys.filter((key) => !standing.some((removal) => removal.key === key)));
}

function removalsOf(name: string, delta: ModelDelta, known: Removals): readonly string[] {
  const removals = known.get(delta) ?? remaining(name, [...delta.seen], known);
  known.set(delta, removals);
  return removals;
}

function add(type: "set" | "remove-wins-set"): Operation {
  return (tx, _index, key) => {
    tx.field(type, type).add(key);
    return { kind: `${type}.add`, key, value: undefined };
  };
}

function remove(type: "set" | "remove-wins-set"): Operation {
  return (tx, _index, key) => {
    tx.field(type, type).delete(key);
    return { kind: `${type}.remove`, key, value: undefined };
  };
}

function distinct(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort();
}
