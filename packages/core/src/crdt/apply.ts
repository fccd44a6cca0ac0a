/**
 * Joins from elsewhere, into the containers of a document. Two steps: everything that is read is read first (a read may
 * throw `Miss`), then everything is joined, which cannot fail.
 */
import { idKey, must } from "../base/index.ts";
import type { Seen } from "./cells/by-actor.ts";
import type { FirstWriterCell } from "./cells/first-writer.ts";
import { frozenKey } from "./cells/frozen-entry.ts";
import type { LastWriterCell } from "./cells/last-writer.ts";
import { createMultiValue } from "./cells/multi-value.ts";
import { REGISTER_KEY } from "./cells/register.ts";
import { createAddition, createRemoval, type RemoveWinsCell } from "./cells/remove-wins.ts";
import { createSetEntry, elementToKey, type SetElementCell } from "./cells/set-element.ts";
import type { CellContainer } from "./containers/cell-container.ts";
import type { ContainerCache, Containers } from "./containers/container-cache.ts";
import type { ListContainer } from "./containers/list-container.ts";
import type { TextContainer } from "./containers/text-container.ts";
import type { ContainerJoins } from "./joins/joins.ts";
import type { ListJoins } from "./joins/list-joins.ts";
import type { MapJoins } from "./joins/map-joins.ts";
import type { MultiRegisterJoins } from "./joins/multi-register-joins.ts";
import type { RemoveWinsJoins } from "./joins/remove-wins-joins.ts";
import type { SetJoins } from "./joins/set-joins.ts";
import { placeKey } from "./move-tree/place.ts";
import type { TreeJoins } from "./move-tree/tree-joins.ts";
import type { Origin } from "./origin.ts";
import { joinsToRecords } from "./records/apply-records.ts";
import type { RecordsJoins } from "./records/records-joins.ts";

/** The second step; gives the number of joins that were void. */
type JoinStep = () => number;

/** Gives the number of joins that were void. */
export function applyJoins(cache: ContainerCache, containers: readonly ContainerJoins[], origin: Origin): number {
  const steps = containers.map((container) => prepare(cache, container, origin));
  let voidCount = 0;
  for (const step of steps) voidCount += step();
  return voidCount;
}

function prepare(cache: ContainerCache, { type, name, joins }: ContainerJoins, origin: Origin): JoinStep {
  switch (type) {
    case "register":
      return prepareCells(cache.named(type, name), [REGISTER_KEY], [lastWriterCell(joins.content, origin)]);
    case "map":
      return prepareMap(cache.named(type, name), joins, origin);
    case "counter":
      return prepareCells(cache.named(type, name), [idKey(origin.actor)], [joins]);
    case "set":
      return prepareSet(cache.named(type, name), joins, origin);
    case "text":
      return prepareText(cache.named(type, name), joins, origin);
    case "records":
      return prepareRecords(cache.named(type, name), joins, origin);
    case "first-register":
      return prepareCells(cache.named(type, name), [REGISTER_KEY], [firstWriterCell(joins.content, origin)]);
    case "multi-register":
      return prepareMultiRegister(cache.named(type, name), joins, origin);
    case "remove-wins-set":
      return prepareRemoveWins(cache.named(type, name), joins, origin);
    case "grow-counter":
      return prepareCells(cache.named(type, name), [idKey(origin.actor)], [joins]);
    case "user-entries":
      return prepareCells(cache.named(type, name), [idKey(origin.member)], [lastWriterCell(joins.content, origin)]);
    case "frozen-entries":
      return prepareCells(
        cache.named(type, name),
        joins.map((content) => idKey(frozenKey(content))),
        joins.map((content) => ({ content })),
      );
    case "tree":
      return prepareTree(cache.named(type, name), joins, origin);
    case "list":
      return prepareList(cache.named(type, name), joins, origin);
  }
}

function prepareCells<C>(
  container: CellContainer<C>,
  keys: readonly string[],
  cells: readonly C[],
  voidCount = 0,
): JoinStep {
  container.loadKeys(keys);
  return () => {
    for (let i = 0; i < keys.length; i++) container.join(keys[i] as string, cells[i] as C);
    return voidCount;
  };
}

function prepareMap(container: Containers["map"], { keys, contents }: MapJoins, origin: Origin): JoinStep {
  container.loadKeys(keys);
  return () => {
    for (let i = 0; i < keys.length; i++) container.joinContent(keys[i] as string, contents[i], origin);
    return 0;
  };
}

function prepareSet(container: Containers["set"], joins: SetJoins, origin: Origin): JoinStep {
  const keys: string[] = [];
  const cells: SetElementCell[] = [];
  let voidCount = 0;
  for (const { element, removals } of joins) {
    // Nobody can have seen an add from after the removal: such an entry would forbid adds that are yet to come.
    const seen = removals.filter((entry) => entry.removed <= origin.stamp);
    voidCount += removals.length - seen.length;
    if (removals.length > 0 && seen.length === 0) continue;
    keys.push(elementToKey(element));
    cells.push(removals.length === 0 ? [createSetEntry(origin.actor, origin.stamp, 0)] : seen);
  }
  return prepareCells(container, keys, cells, voidCount);
}

function prepareMultiRegister(
  container: Containers["multi-register"],
  { content, seen }: MultiRegisterJoins,
  origin: Origin,
): JoinStep {
  const past = notAbove(seen, origin);
  const cell = createMultiValue(origin, content, past);
  const voidCount = seen.length - past.length;
  return cell.length === 0 ? () => voidCount : prepareCells(container, [REGISTER_KEY], [cell], voidCount);
}

function prepareRemoveWins(container: Containers["remove-wins-set"], joins: RemoveWinsJoins, origin: Origin): JoinStep {
  const keys = joins.map(({ element }) => elementToKey(element));
  let voidCount = 0;
  const cells = joins.map(({ undone }): RemoveWinsCell => {
    if (undone === undefined) return createRemoval(origin);
    const past = notAbove(undone, origin);
    voidCount += undone.length - past.length;
    return createAddition(past);
  });
  return prepareCells(container, keys, cells, voidCount);
}

/** Nobody can have seen what comes after: it would end values and removals that are yet to come. */
function notAbove(seen: readonly Seen[], origin: Origin): readonly Seen[] {
  return seen.filter((entry) => entry.stamp <= origin.stamp);
}

function prepareTree(container: Containers["tree"], joins: TreeJoins, { stamp, actor }: Origin): JoinStep {
  const keys = joins.map(({ node, parent }) => placeKey(node, parent));
  const cells = joins.map(({ position }) => ({ content: position, stamp, actor }));
  return prepareCells(container, keys, cells);
}

function prepareText(container: TextContainer, joins: Uint8Array, origin: Origin): JoinStep {
  const sequence = container.state();
  return () => {
    const applied = sequence.apply(joins, origin.actor);
    container.mark();
    return must(applied.ok ? applied : undefined, "a text join that was checked is accepted").value.void;
  };
}

function prepareRecords(container: Containers["records"], joins: RecordsJoins, origin: Origin): JoinStep {
  for (const id of joins.ids) container.find(id);
  const { cells, void: voidCount } = joinsToRecords(joins, origin);
  return () => {
    for (const [place, cell] of cells.entries()) {
      if (cell !== undefined) container.join(joins.ids[place] as string, cell);
    }
    return voidCount;
  };
}

function firstWriterCell(content: FirstWriterCell["content"], origin: Origin): FirstWriterCell {
  return { content, stamp: origin.stamp, actor: origin.actor };
}

function prepareList(container: ListContainer, joins: ListJoins, origin: Origin): JoinStep {
  const list = container.state();
  return () => {
    list.apply(joins, origin);
    container.mark();
    return 0;
  };
}

function lastWriterCell(content: LastWriterCell["content"], origin: Origin): LastWriterCell {
  return { content, stamp: origin.stamp, actor: origin.actor };
}
