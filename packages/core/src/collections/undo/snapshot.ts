/**
 * What a container in a document held: read before it goes, and written again into the one that takes its place. Texts
 * and maps, to any depth; of others only that they were there.
 */
import { type ContainerId, idKey } from "../../base/index.ts";
import {
  type ContainerType,
  childTypes,
  type ElementRun,
  type Generation,
  type MapWriter,
  type RecordCell,
  type RecordsWriter,
  type TextWriter,
  type Value,
  type Writers,
} from "../../crdt/index.ts";
import type { Aliases } from "./aliases.ts";
import type { ChildSnapshot } from "./step.ts";

export type Snapshot =
  | { readonly type: "text"; readonly id: ContainerId; readonly content: string; readonly runs: readonly ElementRun[] }
  | { readonly type: "map"; readonly id: ContainerId; readonly entries: readonly EntrySnapshot[] }
  | { readonly type: "other"; readonly id: ContainerId };

type EntrySnapshot = { readonly key: string; readonly pair: Generation } & (
  | { readonly value: Value; readonly nested?: undefined }
  | { readonly nested: Snapshot }
);

export function snapshotOf<T extends ContainerType>(type: T, writer: Writers[T]): Snapshot {
  const { id } = writer.target;
  if (type === "text") return textSnapshot(id, writer as TextWriter);
  if (type === "map") return mapSnapshot(id, writer as MapWriter);
  return { type: "other", id };
}

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

/** Whether a condition holds for a container or one in it. */
export function someContainer(snapshot: Snapshot, test: (id: ContainerId) => boolean): boolean {
  if (test(snapshot.id)) return true;
  if (snapshot.type !== "map") return false;
  return snapshot.entries.some(({ nested }) => nested !== undefined && someContainer(nested, test));
}

/** Writes a text's content into an empty one, and says what stands for what. */
export function fillText(text: TextWriter, snapshot: Extract<Snapshot, { type: "text" }>, aliases: Aliases): void {
  aliases.addContainer(snapshot.id, text.target.id);
  if (snapshot.content === "") return;
  text.insert(0, snapshot.content);
  aliases.addRuns(snapshot.id, snapshot.runs, text.target.id, text.runs(0, snapshot.content.length));
}

/** Writes a map's entries into an empty one. False when it had a container that cannot be written again. */
export function fillMap(
  map: MapWriter,
  snapshot: Extract<Snapshot, { type: "map" }>,
  aliases: Aliases,
  by: Generation,
): boolean {
  aliases.addContainer(snapshot.id, map.target.id);
  let isWhole = true;
  for (const entry of snapshot.entries) {
    const { key, nested } = entry;
    if (nested === undefined) map.set(key, entry.value);
    else isWhole = fillEntry(map, key, nested, aliases, by) && isWhole;
    const original = aliases.original(entryCell(snapshot.id, key), entry.pair);
    aliases.addPair(entryCell(map.target.id, key), by, original);
  }
  return isWhole;
}

/** Puts a container into an entry as it was. */
export function fillEntry(map: MapWriter, key: string, nested: Snapshot, aliases: Aliases, by: Generation): boolean {
  if (nested.type === "other") return false;
  if (nested.type === "text") {
    fillText(map.child("text", key), nested, aliases);
    return true;
  }
  return fillMap(map.child("map", key), nested, aliases, by);
}

/** Names a map's entry among all cells. */
export function entryCell(container: ContainerId, key: string): string {
  return `${idKey(container)}|${key}`;
}

function textSnapshot(id: ContainerId, text: TextWriter): Snapshot {
  return { type: "text", id, content: text.toString(), runs: text.runs(0, text.length) };
}

function mapSnapshot(id: ContainerId, map: MapWriter): Snapshot {
  const entries: EntrySnapshot[] = [];
  for (const key of map.keys()) {
    const cell = map.target.at(map.target.find(key));
    const kind = map.kindOf(key);
    if (cell === undefined || kind === "absent") continue;
    const pair = { stamp: cell.stamp, actor: cell.actor };
    const value = map.get(key);
    if (value !== undefined) entries.push({ key, pair, value });
    else if (kind !== "value") entries.push({ key, pair, nested: nestedSnapshot(map, kind, key) });
  }
  return { type: "map", id, entries };
}

export function nestedSnapshot(map: MapWriter, type: ContainerType, key: string): Snapshot {
  const nested = map.nested(type, key);
  return nested === undefined ? { type: "other", id: map.target.id } : snapshotOf(type, nested);
}
