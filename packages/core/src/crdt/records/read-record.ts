/** What a record's fields show: pure readers of a cell. */

import type { ContainerId } from "../../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "../cell-key.ts";
import { shownContents } from "../cells/multi-value.ts";
import { CONTAINER_TYPES, type ContainerType } from "../container-type.ts";
import { isReference } from "../content.ts";
import { COUNTER_SUM_MAX } from "../limits.ts";
import { type Stored, storedToValue } from "../stored.ts";
import type { Value } from "../value.ts";
import { bitOf } from "./fields/child-field.ts";
import { liveElements as liveRemoveWins } from "./fields/remove-wins-field.ts";
import { liveElements } from "./fields/set-field.ts";
import { fieldOf, type RecordCell } from "./record-cell.ts";

/** What a set does with a concurrent add and removal of one element. */
export type SetPolicy = "add-wins" | "remove-wins";

/** The value of a last-writer register; undefined when there is none. */
export function readLast(cell: RecordCell, name: string): Value | undefined {
  const place = cell.shape.find("last", name);
  const content = place < 0 ? undefined : cell.contentAt(place);
  return content === undefined || isReference(content) ? undefined : storedToValue(content);
}

/** The value of a first-writer register; undefined when there is none. */
export function readFirst(cell: RecordCell, name: string): Value | undefined {
  const content = fieldOf(cell, "first", name)?.content;
  return content === undefined ? undefined : storedToValue(content);
}

/** The values that nobody who saw them has overwritten; the one that a last-writer register would show comes first. */
export function readMulti(cell: RecordCell, name: string): Value[] {
  const field = fieldOf(cell, "multi", name);
  return field === undefined ? [] : shownContents(field).map(storedToValue);
}

/** The sum, 0 when nobody has added; beyond the safe integers, the last safe one. */
export function readCounter(cell: RecordCell, name: string): number {
  let sum = 0n;
  let exact = 0;
  for (const { added, subtracted } of fieldOf(cell, "counter", name) ?? []) {
    exact += added - subtracted;
    // Two terms within the cap are exact; what grows beyond it moves on before the next is added.
    if (Math.abs(exact) < COUNTER_SUM_MAX) continue;
    sum += BigInt(exact);
    exact = 0;
  }
  return sum === 0n ? exact : Number(clamp(sum + BigInt(exact)));
}

/** The elements, in an order that is the same on every replica. */
export function readSet(cell: RecordCell, name: string, policy: SetPolicy = "add-wins"): Value[] {
  return storedElements(cell, name, policy).map(storedToValue);
}

/** The types of the children that were put under a name. */
export function childTypes(cell: RecordCell, name: string): ContainerType[] {
  const types = fieldOf(cell, "child", name) ?? 0;
  return CONTAINER_TYPES.filter((type) => (types & bitOf(type)) !== 0);
}

/** The container id of a child of this type; undefined when none was put there. */
export function childOf(
  collection: ContainerId,
  id: string,
  cell: RecordCell,
  type: ContainerType,
  name: string,
): ContainerId | undefined {
  const types = fieldOf(cell, "child", name) ?? 0;
  return (types & bitOf(type)) === 0 ? undefined : childContainerId(collection, id, cell, type, name);
}

/** Derived in two steps, from the document's own id, so that no id and name run into each other. */
export function childContainerId(
  collection: ContainerId,
  id: string,
  { generation }: Pick<RecordCell, "generation">,
  type: ContainerType,
  name: string,
): ContainerId {
  return nestedContainerId(nestedContainerId(collection, id, "records", generation), name, type, GENERATION_ZERO);
}

function storedElements(cell: RecordCell, name: string, policy: SetPolicy): Stored[] {
  if (policy === "add-wins") return liveElements(fieldOf(cell, "set", name) ?? []);
  return liveRemoveWins(fieldOf(cell, "set-remove-wins", name) ?? []);
}

function clamp(sum: bigint): bigint {
  if (sum > BigInt(Number.MAX_SAFE_INTEGER)) return BigInt(Number.MAX_SAFE_INTEGER);
  if (sum < BigInt(Number.MIN_SAFE_INTEGER)) return BigInt(Number.MIN_SAFE_INTEGER);
  return sum;
}
