/**
 * The containers that belong to a document: its children, the marks of its texts, and what the nodes of its trees and
 * graphs hold. What is nested deeper, in maps and lists, is not among them.
 */
import type { ContainerId } from "../../base/index.ts";
import { partsOf } from "../nested-containers.ts";
import { childOf, childTypes } from "./read-record.ts";
import { comparePairs, type RecordCell } from "./record-cell.ts";

const NONE: readonly ContainerId[] = [];

/** Those of a document's cell, without those that `other`, an earlier or a later cell of it, has as well. */
export function childContainers(
  collection: ContainerId,
  id: string,
  cell: RecordCell,
  other: RecordCell | undefined,
): readonly ContainerId[] {
  if (!cell.shape.hasChildren) return NONE;
  const shared = other !== undefined && comparePairs(cell.generation, other.generation) === 0 ? other : undefined;
  const found: ContainerId[] = [];
  for (const { kind, name } of cell.shape.fields) {
    if (kind !== "child") continue;
    const known = shared === undefined ? [] : childTypes(shared, name);
    for (const type of childTypes(cell, name)) {
      if (known.includes(type)) continue;
      const child = childOf(collection, id, cell, type, name);
      if (child !== undefined) found.push(child, ...partsOf(child, type));
    }
  }
  return found;
}
