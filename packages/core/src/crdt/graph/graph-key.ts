/**
 * Names of vertices and edges, as elements of the set that a graph is, and as keys of what they hold:
 *
 *   vertex   id
 *   edge     source id | 0 | target id | 0 | label
 *
 * An edge is named by its ends and label, so two replicas that draw the same edge have drawn one. Refused: ids that are
 * empty, ids and labels that are too long or hold a 0.
 */
import type { CellKind } from "../cells/cell-kind.ts";
import type { RemoveWinsCell } from "../cells/remove-wins.ts";
import * as removeWinsElement from "../cells/remove-wins-element.ts";
import * as setElement from "../cells/set-element.ts";
import { utf8Length } from "../utf8-length.ts";
import { VERTEX_ID_BYTES_MAX } from "./limits.ts";

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  readonly label: string;
}

const SEPARATOR = "\u0000";

/** Cells of a graph in which of a concurrent add and removal the add wins. */
export const addWinsKind: CellKind<setElement.SetElementCell> = { ...setElement, bytesToKey };
/** Cells of a graph in which the removal wins. */
export const removeWinsKind: CellKind<RemoveWinsCell> = { ...removeWinsElement, bytesToKey };

export function edgeKey(source: string, target: string, label: string): string {
  return source + SEPARATOR + target + SEPARATOR + label;
}

/** The edge that a key names; undefined when it names a vertex. */
export function keyToEdge(key: string): GraphEdge | undefined {
  const first = key.indexOf(SEPARATOR);
  if (first < 0) return undefined;
  const second = key.indexOf(SEPARATOR, first + 1);
  return { source: key.slice(0, first), target: key.slice(first + 1, second), label: key.slice(second + 1) };
}

/** Whether the text, which is well-formed, names a vertex or an edge. */
export function isGraphKey(text: string): boolean {
  const parts = text.split(SEPARATOR);
  const [source = "", target = "", label = ""] = parts;
  if (parts.length === 1) return isVertexId(source);
  return parts.length === 3 && isVertexId(source) && isVertexId(target) && isLabel(label);
}

/** Whether the text, which is well-formed, may be the id of a vertex. */
export function isVertexId(text: string): boolean {
  return text.length > 0 && isLabel(text);
}

/** Whether the text, which is well-formed, may be the label of an edge. */
export function isLabel(text: string): boolean {
  return !text.includes(SEPARATOR) && utf8Length(text) <= VERTEX_ID_BYTES_MAX;
}

function bytesToKey(bytes: Uint8Array): string | undefined {
  const key = setElement.bytesToKey(bytes);
  if (key === undefined) return undefined;
  const element = setElement.keyToElement(key);
  return typeof element === "string" && isGraphKey(element) ? key : undefined;
}
