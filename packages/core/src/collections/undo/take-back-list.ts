/** Takes back what a transaction did in a list. */
import { actorId, bytesEqual, type ContainerId, must } from "../../base/index.ts";
import type { ElementId, ListWriter } from "../../crdt/index.ts";
import { isForeign } from "./aliases.ts";
import { aliasElement, fill, type Open, runOf } from "./fill.ts";
import { elementCell, locationCell } from "./names.ts";
import type { Outcome } from "./rules.ts";
import { type ElementSnapshot, elementAt, someContainer } from "./snapshot.ts";
import type {
  ElementMovedChange,
  ElementSetChange,
  ElementsDeletedChange,
  ElementsInsertedChange,
  ListChange,
  Recorded,
} from "./step.ts";
import type { TakingBack } from "./take-back.ts";

export function takeBackList(taking: TakingBack, change: ListChange, list: ListWriter, recorded: Recorded): Outcome {
  switch (change.kind) {
    case "elements-inserted":
      return deleteAgain(taking, change, list, recorded);
    case "elements-deleted":
      return restore(taking, change, list);
    case "element-set":
      return setAgain(taking, change, list, recorded);
    case "element-moved":
      return moveAgain(taking, change, list, recorded);
  }
}

/** An element stays that somebody else has set, moved, or worked in. */
function deleteAgain(
  taking: TakingBack,
  { container, runs }: ElementsInsertedChange,
  list: ListWriter,
  recorded: Recorded,
): Outcome {
  let isTaken = false;
  for (const { actor, start, end } of runs) {
    for (let counter = start; counter < end; counter++) {
      const born = { actor: actorId(actor), counter };
      const element = elementNow(taking, list, container, born);
      const index = element && list.indexOfElement(element);
      if (index === undefined || hasOthers(taking, list, index, container, born, recorded)) continue;
      list.delete(index);
      isTaken = true;
    }
  }
  return isTaken ? "taken" : "CHANGED_SINCE";
}

/** What stood for somebody else's from its birth on, because it restored theirs, counts as nobody's doing. */
function hasOthers(
  { recorder, elsewhere }: TakingBack,
  list: ListWriter,
  index: number,
  container: ContainerId,
  born: ElementId,
  recorded: Recorded,
): boolean {
  const { aliases, by } = recorder;
  const { id } = list.target;
  const { element, pair, movedBy, nested } = elementAt(list, index);
  const value = aliases.original(elementCell(id, element), pair);
  const isSet = value !== aliases.original(elementCell(container, born), recorded.by) && isForeign(value, by);
  const place = aliases.original(locationCell(id, element), movedBy);
  const isMoved = place !== aliases.original(locationCell(container, born), undefined) && isForeign(place, by);
  const isChanged = (child: ContainerId): boolean => elsewhere.hasChanged(child, undefined, recorded.at);
  return isSet || isMoved || (nested !== undefined && someContainer(nested, isChanged));
}

/** Each element goes where it was among what others have put there since. */
function restore(taking: TakingBack, change: ElementsDeletedChange, list: ListWriter): Outcome {
  const { container, elements } = change;
  const previous = change.previous && elementNow(taking, list, container, change.previous);
  let behind = previous && list.traceOf(previous)?.position;
  let index = 0;
  let isTaken = false;
  for (const snapshot of elements) {
    const place = positionIn(list, container, snapshot.position) ?? behind;
    if (place === undefined && change.previous !== undefined) continue;
    const restored = restoreOne(taking, list, container, snapshot, place ?? index++);
    if (restored === undefined) continue;
    isTaken = true;
    behind = list.traceOf(restored)?.position;
  }
  return isTaken ? "taken" : "PLACE_GONE";
}

/** At a position of the list's order, or at an index of a list that has no trace of the order as it was. */
function restoreOne(
  taking: TakingBack,
  list: ListWriter,
  was: ContainerId,
  snapshot: ElementSnapshot,
  place: ElementId | number,
): ElementId | undefined {
  const { recorder } = taking;
  let restored: ElementId | undefined;
  if (snapshot.nested === undefined) restored = putValue(list, place, snapshot);
  else {
    fill(recorder, snapshot.nested, (type) => {
      if (typeof place === "number") {
        const writer = list.insertContainer(type, place);
        restored = list.elementAt(place);
        return writer;
      }
      const [element, writer] = list.restoreContainer(type, place);
      restored = element;
      return writer;
    });
  }
  if (restored !== undefined) aliasElement(recorder, was, snapshot, list.target.id, restored);
  return restored;
}

function putValue(list: ListWriter, place: ElementId | number, { value = null }: ElementSnapshot): ElementId {
  if (typeof place !== "number") return list.restore(place, value);
  list.insert(place, value);
  return list.elementAt(place);
}

function setAgain(taking: TakingBack, change: ElementSetChange, list: ListWriter, { by }: Recorded): Outcome {
  const { aliases, by: now } = taking.recorder;
  const { container, before } = change;
  const element = elementNow(taking, list, container, before.element);
  const index = element && list.indexOfElement(element);
  if (element === undefined || index === undefined) return "CHANGED_SINCE";
  const cell = elementCell(list.target.id, element);
  const old = elementCell(container, before.element);
  if (aliases.original(cell, list.traceOf(element)?.value) !== aliases.original(old, by)) return "CHANGED_SINCE";
  const { nested } = before;
  if (nested === undefined) list.set(index, before.value);
  else if (nested.type === "other") return "NOT_RECORDED";
  else {
    list.showContainer(nested.type, index);
    // A container is named by its list and element: in those of then, all that was in it is there again.
    const open: Open = (type) => must(list.nested(type, index), "it was just shown");
    if (cell !== old) fill(taking.recorder, nested, open);
  }
  aliases.addPair(cell, now, aliases.original(old, before.pair));
  return "taken";
}

function moveAgain(taking: TakingBack, change: ElementMovedChange, list: ListWriter, { by }: Recorded): Outcome {
  const { aliases, by: now } = taking.recorder;
  const { container } = change;
  const element = elementNow(taking, list, container, change.element);
  if (element === undefined) return "CHANGED_SINCE";
  const cell = locationCell(list.target.id, element);
  const old = locationCell(container, change.element);
  const { movedBy } = list.traceOf(element) ?? {};
  if (aliases.original(cell, movedBy) !== aliases.original(old, by)) return "CHANGED_SINCE";
  const previous = change.previous && elementNow(taking, list, container, change.previous);
  const position = positionIn(list, container, change.position) ?? (previous && list.traceOf(previous)?.position);
  if (position !== undefined) list.moveBack(element, position);
  else if (change.previous === undefined) list.move(list.indexOfElement(element) ?? 0, 0);
  else return "PLACE_GONE";
  aliases.addPair(cell, now, aliases.original(old, change.before));
  return "taken";
}

/** The element, or the latest that stands for it, while it is in the list. */
function elementNow(
  taking: TakingBack,
  list: ListWriter,
  container: ContainerId,
  element: ElementId,
): ElementId | undefined {
  return standingFor(taking, container, element).findLast((id) => list.indexOfElement(id) !== undefined);
}

/** A position, while the list is the one that it was in, and has a trace of it. */
function positionIn(list: ListWriter, container: ContainerId, position: ElementId): ElementId | undefined {
  if (!bytesEqual(container, list.target.id)) return undefined;
  return list.indexOf({ at: "before", ...position }) === undefined ? undefined : position;
}

function standingFor({ recorder }: TakingBack, container: ContainerId, id: ElementId): ElementId[] {
  const runs = recorder.aliases.runs(container, [runOf(id)]);
  return runs.map(({ actor, start }) => ({ actor: actorId(actor), counter: start }));
}
