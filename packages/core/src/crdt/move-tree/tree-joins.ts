/**
 * Joins of a movable tree:   count (varint, above 0) | count times: node | parent | position (strings)
 *
 * A node is put at a place under the delta's own stamp and actor. Refused: ids and positions that are none. A parent
 * that nobody knows, and a node below itself, are no matter of form: the tree that is shown does without.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { JOINS_MAX } from "../limits.ts";
import { NODE_ID_BYTES_MAX, POSITION_CHARS_MAX } from "./limits.ts";
import { isNodeId, isParent } from "./place.ts";
import { isPosition } from "./position.ts";

export interface TreeJoin {
  readonly node: string;
  readonly parent: string;
  readonly position: string;
}

export type TreeJoins = readonly TreeJoin[];

const BYTES_PER_JOIN_MIN = 9;

export function write(writer: Writer, joins: TreeJoins): void {
  writer.varint(joins.length);
  for (const { node, parent, position } of joins) writer.string(node).string(parent).string(position);
}

export function read(reader: Reader, budget: { joins: number }): TreeJoins {
  const count = reader.count(JOINS_MAX - budget.joins, BYTES_PER_JOIN_MIN);
  if (count === 0) reader.fail();
  budget.joins += count;
  const joins: TreeJoin[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const node = reader.string(NODE_ID_BYTES_MAX);
    const parent = reader.string(NODE_ID_BYTES_MAX);
    const position = reader.string(POSITION_CHARS_MAX);
    if (!isNodeId(node) || !isParent(parent) || !isPosition(position)) reader.fail();
    joins.push({ node, parent, position });
  }
  return joins;
}
