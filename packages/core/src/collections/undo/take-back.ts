/**
 * Takes changes back within a transaction: the last one first, each only as far as what shows is still what it wrote.
 */
import type { ContainerId } from "../../base/index.ts";
import type { ContainerType, MapWriter, Transaction } from "../../crdt/index.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { fill } from "./fill.ts";
import { entryCell, generationCell } from "./names.ts";
import type { Recorder } from "./recorder.ts";
import type { Outcome } from "./rules.ts";
import type { ContainerChange, EntryChange, LeftChange, LeftReason, Owner, Recorded } from "./step.ts";
import { takeBackCell } from "./take-back-cell.ts";
import { takeBackList } from "./take-back-list.ts";
import { takeBackRecord } from "./take-back-record.ts";
import { takeBackText } from "./take-back-text.ts";
import { takeBackPlace } from "./take-back-tree.ts";

export interface TakingBack {
  readonly transaction: Transaction;
  readonly recorder: Recorder;
  readonly elsewhere: Elsewhere;
  /** Whether a counter refuses to be lowered. */
  readonly isGrowOnly: (records: ContainerId, field: string) => boolean;
  readonly left: LeftChange[];
}

/** Whether anything was taken back. */
export function takeBack(taking: TakingBack, changes: readonly Recorded[]): boolean {
  let isTaken = false;
  for (let i = changes.length - 1; i >= 0; i--) isTaken = takeBackOne(taking, changes[i] as Recorded) || isTaken;
  return isTaken;
}

function takeBackOne(taking: TakingBack, recorded: Recorded): boolean {
  const { change } = recorded;
  if (change.kind === "record") return takeBackRecord(taking, change, recorded.at);
  const outcome = takeBackChange(taking, change, recorded);
  if (outcome === "taken") return true;
  if (outcome !== "nothing") leave(taking, change.owner, outcome, keyOf(change));
  return false;
}

function takeBackChange(taking: TakingBack, change: ContainerChange, recorded: Recorded): Outcome {
  const { transaction } = taking;
  const found = openContainer(taking, change, typeOf(change));
  if (found === undefined) return "DOCUMENT_GONE";
  switch (change.kind) {
    case "entry":
      return takeBackEntry(taking, change, transaction.resolve("map", found), recorded);
    case "cell":
      return takeBackCell(taking, change, found, recorded.at);
    case "placed":
      return takeBackPlace(taking, change, transaction.resolve("tree", found), recorded);
    case "inserted":
    case "deleted":
    case "marked":
      return takeBackText(taking, change, transaction.resolve("text", found));
    default:
      return takeBackList(taking, change, transaction.resolve("list", found), recorded);
  }
}

/** Where the content of a change's container is now; undefined when its document is gone. */
function openContainer(
  { transaction, recorder }: TakingBack,
  { owner, container: was }: ContainerChange,
  type: ContainerType,
): ContainerId | undefined {
  const { aliases } = recorder;
  const cell = transaction.field("records", owner.collection).get(owner.id);
  if (cell === undefined) return undefined;
  const name = generationCell(owner.records, owner.id);
  if (aliases.original(name, cell.generation) !== aliases.original(name, owner.generation)) return undefined;
  const container = aliases.container(was);
  recorder.own(container, type, { ...owner, generation: cell.generation });
  return container;
}

function typeOf(change: ContainerChange): ContainerType {
  switch (change.kind) {
    case "entry":
      return "map";
    case "cell":
      return change.type;
    case "placed":
      return "tree";
    case "inserted":
    case "deleted":
    case "marked":
      return "text";
    default:
      return "list";
  }
}

function keyOf(change: ContainerChange): string | undefined {
  if (change.kind === "entry") return change.key;
  return change.kind === "placed" ? change.node : undefined;
}

function takeBackEntry(taking: TakingBack, change: EntryChange, map: MapWriter, { by }: Recorded): Outcome {
  const { aliases, by: now } = taking.recorder;
  const { key, before, owner, held } = change;
  const old = entryCell(change.container, key);
  const cell = entryCell(map.target.id, key);
  const shown = map.target.at(map.target.find(key));
  if (aliases.original(cell, shown) !== aliases.original(old, by)) return "CHANGED_SINCE";
  if (held?.nested !== undefined) {
    if (map.has(key)) map.delete(key);
    if (!fill(taking.recorder, held.nested, (type) => map.child(type, key))) leave(taking, owner, "NOT_RECORDED", key);
  } else if (held === undefined) map.delete(key);
  else map.set(key, held.value);
  aliases.addPair(cell, now, aliases.original(old, before));
  return "taken";
}

function leave({ left }: TakingBack, { collection, id, field }: Owner, reason: LeftReason, key?: string): void {
  left.push({ collection, id, field: key === undefined ? field : `${field}.${key}`, reason });
}
