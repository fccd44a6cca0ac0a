/**
 * What remains of a cell when its tombstones are dropped: nothing, less, or all of it. Pure, type by type: a cell that
 * remains shows what it showed before, and all of what remains would remain again.
 *
 * Dropped are absent values, what was overwritten in a multi-value register, adds that were removed, removals that were
 * undone, and deleted documents. Counters, first writers, frozen entries, marks and logs have none. A block of a text or a
 * list keeps the ids of what was deleted: who has not seen the deletion may type beside them.
 *
 * A movable tree is looked at as a whole (`hidden-nodes.ts`); containers that nothing holds any more go with what held
 * them (`compact-state.ts`). Refuses, by a throw, bytes that are no cell.
 */
import { type ActorId, actorId, StoreFailure } from "../../base/index.ts";
import { decodeCell, encodeCell, type Lattice } from "../cells/cell-kind.ts";
import * as lastWriter from "../cells/last-writer.ts";
import * as multiValue from "../cells/multi-value.ts";
import * as removeWins from "../cells/remove-wins.ts";
import * as setElement from "../cells/set-element.ts";
import type { ContainerType } from "../container-type.ts";
import type { Elements } from "../records/fields/elements.ts";
import type { FieldCells } from "../records/fields/fields.ts";
import * as record from "../records/record-cell.ts";

/** Undefined when nothing remains; the cell itself when all of it does. */
type Remains<C> = (cell: C) => C | undefined;
type BytesRemain = (bytes: Uint8Array) => Uint8Array | undefined;

const all: BytesRemain = (bytes) => bytes;
const ofLastWriter = onBytes(lastWriter, lastWriterRemains);
const ofSetElement = onBytes(setElement, setElementRemains);
const ofRemoveWins = onBytes(removeWins, removeWinsRemains);

const BY_TYPE: { readonly [T in ContainerType]: BytesRemain } = {
  register: ofLastWriter,
  map: ofLastWriter,
  "user-entries": ofLastWriter,
  "multi-register": onBytes(multiValue, multiValueRemains),
  set: ofSetElement,
  graph: ofSetElement,
  "remove-wins-set": ofRemoveWins,
  "remove-wins-graph": ofRemoveWins,
  records: onBytes(record, recordRemains),
  counter: all,
  "grow-counter": all,
  "first-register": all,
  "frozen-entries": all,
  marks: all,
  log: all,
  text: all,
  list: all,
  tree: all,
};

/** What remains of a cell of a container of this type; undefined for nothing. */
export function remainsOf(type: ContainerType, bytes: Uint8Array): Uint8Array | undefined {
  return BY_TYPE[type](bytes);
}

/** Cells live no longer than the call, so nobody shares an actor. */
export function copyActor(actor: Uint8Array): ActorId {
  return actorId(actor.slice());
}

export function decodeStored<C>(lattice: Lattice<C>, bytes: Uint8Array): C {
  const cell = decodeCell(lattice, bytes, copyActor);
  if (cell === undefined) throw new StoreFailure("STORE_CORRUPT", "a stored cell is malformed: restore a backup");
  return cell;
}

function onBytes<C>(lattice: Lattice<C>, remains: Remains<C>): BytesRemain {
  return (bytes) => {
    const cell = decodeStored(lattice, bytes);
    const left = remains(cell);
    if (left === cell) return bytes;
    return left === undefined ? undefined : encodeCell(lattice, left);
  };
}

function lastWriterRemains(cell: lastWriter.LastWriterCell): lastWriter.LastWriterCell | undefined {
  return cell.content === undefined ? undefined : cell;
}

function multiValueRemains(cell: multiValue.MultiValueCell): multiValue.MultiValueCell | undefined {
  return kept(cell, (entry) => entry.content !== undefined);
}

function setElementRemains(cell: setElement.SetElementCell): setElement.SetElementCell | undefined {
  return kept(cell, (entry) => entry.added > entry.removed);
}

function removeWinsRemains(cell: removeWins.RemoveWinsCell): removeWins.RemoveWinsCell | undefined {
  if (!removeWins.isLive(cell)) return undefined;
  return cell.removals.length === 0 ? cell : { isAdded: true, removals: [] };
}

function recordRemains(cell: record.RecordCell): record.RecordCell | undefined {
  if (cell.deleted !== undefined) return undefined;
  let isWhole = true;
  const fields = record.fieldsOf(cell).flatMap((field): record.RecordField[] => {
    const left = fieldRemains(field);
    isWhole &&= left === field.cell;
    if (left === field.cell) return [field];
    return left === undefined ? [] : [record.createField(field.kind, field.name, left)];
  });
  return isWhole ? cell : record.documentOf(cell.generation, fields);
}

function fieldRemains(field: record.RecordField): FieldCells[record.RecordField["kind"]] | undefined {
  switch (field.kind) {
    case "last":
      return field.cell.content === undefined ? undefined : field.cell;
    case "multi":
      return multiValueRemains(field.cell);
    case "set":
      return elementsRemain(field.cell, setElementRemains);
    case "set-remove-wins":
      return elementsRemain(field.cell, removeWinsRemains);
    case "first":
    case "counter":
    case "child":
      return field.cell;
  }
}

function elementsRemain<C>(elements: Elements<C>, remains: Remains<C>): Elements<C> | undefined {
  let isWhole = true;
  const left = elements.flatMap((part) => {
    const cell = remains(part.cell);
    isWhole &&= cell === part.cell;
    return cell === undefined ? [] : [{ ...part, cell }];
  });
  if (isWhole) return elements;
  return left.length === 0 ? undefined : left;
}

/** The list itself when all is kept, undefined when nothing is. */
function kept<E>(entries: readonly E[], isKept: (entry: E) => boolean): readonly E[] | undefined {
  const left = entries.filter(isKept);
  if (left.length === entries.length) return entries;
  return left.length === 0 ? undefined : left;
}
