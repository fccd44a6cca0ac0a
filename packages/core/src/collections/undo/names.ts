/** Names of cells among all cells of a database, under which aliases are kept. */
import { type ContainerId, idKey } from "../../base/index.ts";
import type { ElementId, FieldKind } from "../../crdt/index.ts";

/** Of a container whose cells have keys: an entry of a map, a node of a tree, an element of a set. */
export function entryCell(container: ContainerId, key: string): string {
  return `${idKey(container)}|${key}`;
}

/** The value of an element of a list. */
export function elementCell(list: ContainerId, { actor, counter }: ElementId): string {
  return `${idKey(list)}|${counter}/${idKey(actor)}`;
}

/** Where an element of a list stands. */
export function locationCell(list: ContainerId, element: ElementId): string {
  return `${elementCell(list, element)}|location`;
}

/** The marks of one name in a text. */
export function marksCell(text: ContainerId, name: string): string {
  return `${idKey(text)}|mark|${name}`;
}

export function fieldCell(records: ContainerId, id: string, kind: FieldKind, name: string): string {
  return `${idKey(records)}|${id}|${kind}|${name}`;
}

/** What says that a document is another one under the same id. */
export function generationCell(records: ContainerId, id: string): string {
  return `${idKey(records)}|${id}|generation`;
}

export function deletionCell(records: ContainerId, id: string): string {
  return `${idKey(records)}|${id}|deleted`;
}
