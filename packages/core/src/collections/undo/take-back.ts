/**
 * Takes changes back within a transaction: the last one first, each only as far as what shows is still what it wrote.
 */
import { actorId, type ContainerId } from "../../base/index.ts";
import type { ElementRun, Generation, MapWriter, TextWriter, Transaction } from "../../crdt/index.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Recorder } from "./recorder.ts";
import { entryCell, fillEntry } from "./snapshot.ts";
import type {
  Change,
  DeletedChange,
  EntryChange,
  InsertedChange,
  LeftChange,
  LeftReason,
  Owner,
  RecordChange,
  Recorded,
} from "./step.ts";
import { generationCell, takeBackRecord } from "./take-back-record.ts";

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
  const found = openContainer(taking, change);
  if (found === undefined) return leave(taking, change.owner, "DOCUMENT_GONE");
  const { transaction } = taking;
  if (change.kind === "entry") return takeBackEntry(taking, change, transaction.resolve("map", found), recorded.by);
  const text = transaction.resolve("text", found);
  return change.kind === "inserted" ? deleteAgain(taking, change, text) : restore(taking, change, text);
}

/** Where the content of a change's container is now; undefined when its document is gone. */
function openContainer(
  { transaction, recorder }: TakingBack,
  change: Exclude<Change, RecordChange>,
): ContainerId | undefined {
  const { aliases } = recorder;
  const { owner } = change;
  const cell = transaction.field("records", owner.collection).get(owner.id);
  if (cell === undefined) return undefined;
  const name = generationCell(owner.records, owner.id);
  if (aliases.original(name, cell.generation) !== aliases.original(name, owner.generation)) return undefined;
  const container = aliases.container(change.container);
  recorder.own(container, { ...owner, generation: cell.generation });
  return container;
}

function takeBackEntry(taking: TakingBack, change: EntryChange, map: MapWriter, by: Generation): boolean {
  const { aliases, by: now } = taking.recorder;
  const { key, before, value, owner, nested } = change;
  const old = entryCell(change.container, key);
  const cell = entryCell(map.target.id, key);
  const shown = map.target.at(map.target.find(key));
  if (aliases.original(cell, shown) !== aliases.original(old, by)) return leave(taking, owner, "CHANGED_SINCE", key);
  if (nested !== undefined) {
    if (map.has(key)) map.delete(key);
    if (!fillEntry(map, key, nested, aliases, now)) leave(taking, owner, "NOT_RECORDED", key);
  } else if (value === undefined) map.delete(key);
  else map.set(key, value);
  aliases.addPair(cell, now, aliases.original(old, before));
  return true;
}

function deleteAgain(taking: TakingBack, { container, runs, owner }: InsertedChange, text: TextWriter): boolean {
  const shown = taking.recorder.aliases.runs(container, runs).flatMap((run) => text.shownOf(run).runs);
  if (shown.length === 0) return leave(taking, owner, "CHANGED_SINCE");
  text.deleteRuns(shown);
  return true;
}

/** Each part goes where it was among what others have typed there since. */
function restore(taking: TakingBack, change: DeletedChange, text: TextWriter): boolean {
  const { aliases } = taking.recorder;
  const { container, runs, content, owner } = change;
  const places = runs.map((run) => placeOf(text, aliases.runs(container, [run]), run.end - run.start));
  const pieces = places.flatMap((place) => (place === undefined ? [] : splitByPlace(text, place)));
  if (!places.includes(undefined)) {
    aliases.addRuns(container, runs, text.target.id, text.restore(pieces, content));
    return true;
  }
  const at = placeBehind(taking, change, text);
  if (at === undefined) return leave(taking, owner, "PLACE_GONE");
  text.insert(at, content);
  aliases.addRuns(container, runs, text.target.id, text.runs(at, content.length));
  return true;
}

/** Where the unit that was before the deleted ones ends now. */
function placeBehind({ recorder }: TakingBack, change: DeletedChange, text: TextWriter): number | undefined {
  const { container, previous } = change;
  if (previous === undefined) return 0;
  for (const { actor, start } of recorder.aliases.runs(container, [previous]).reverse()) {
    const at = text.indexOf({ at: "after", actor: actorId(actor), counter: start });
    if (at !== undefined) return at;
  }
  return undefined;
}

/** The run itself, or the latest that stands for all of it, as far as the text knows it. */
function placeOf(text: TextWriter, runs: readonly ElementRun[], count: number): ElementRun | undefined {
  return runs.findLast((run) => {
    const isWhole = run.end - run.start === count;
    return isWhole && isKnown(text, run, run.start) && isKnown(text, run, run.end - 1);
  });
}

function isKnown(text: TextWriter, run: ElementRun, counter: number): boolean {
  return indexOf(text, run, counter) !== undefined;
}

function indexOf(text: TextWriter, { actor }: ElementRun, counter: number): number | undefined {
  return text.indexOf({ at: "before", actor: actorId(actor), counter });
}

/** The parts of a run of deleted units between which something shows. */
function splitByPlace(text: TextWriter, run: ElementRun): ElementRun[] {
  const { start, end } = run;
  if (end - start === 1 || indexOf(text, run, start) === indexOf(text, run, end - 1)) return [run];
  const middle = (start + end) >> 1;
  const parts = [...splitByPlace(text, { ...run, end: middle }), ...splitByPlace(text, { ...run, start: middle })];
  return parts.reduce<ElementRun[]>((joined, part) => {
    const last = joined.at(-1);
    if (last === undefined || indexOf(text, part, part.start) !== indexOf(text, last, last.end - 1)) joined.push(part);
    else joined[joined.length - 1] = { ...last, end: part.end };
    return joined;
  }, []);
}

function leave({ left }: TakingBack, { collection, id, field }: Owner, reason: LeftReason, key?: string): false {
  left.push({ collection, id, field: key === undefined ? field : `${field}.${key}`, reason });
  return false;
}
