/**
 * Place: a parent that a node was ever given, and its position there; the last writer wins. A node has a place for each
 * parent it was ever given, and is shown at the latest that holds, see `settle.ts`.
 *
 *   cell        as a register, whose content is the position as text
 *   entry key   node id | 0 | parent's id, where the root of the tree is no text at all and the trash one 0
 *
 * Refused: any other content, ids that are empty, too long or hold a 0.
 */
import { Reader, STAMP_ZERO, type Writer } from "../../base/index.ts";
import * as lastWriter from "../cells/last-writer.ts";
import { type Intern, ZERO_ACTOR } from "../origin.ts";
import { NODE_ID_BYTES_MAX } from "./limits.ts";
import { isPosition } from "./position.ts";

export interface PlaceCell extends lastWriter.LastWriterCell {
  /** The position. */
  readonly content: string;
}

/** The parent of the top nodes. */
export const TREE_ROOT = "";
/** The parent of what was removed. */
export const TREE_TRASH = "\u0000";

const SEPARATOR = "\u0000";
const KEY_BYTES_MAX = 2 * NODE_ID_BYTES_MAX + 1;

export const empty: PlaceCell = { content: "", stamp: STAMP_ZERO, actor: ZERO_ACTOR };

export function join(a: PlaceCell, b: PlaceCell): PlaceCell {
  return lastWriter.join(a, b) === a ? a : b;
}

export function encode(writer: Writer, cell: PlaceCell): void {
  lastWriter.encode(writer, cell);
}

export function decode(reader: Reader, intern: Intern): PlaceCell {
  const { content, stamp, actor } = lastWriter.decode(reader, intern);
  if (typeof content === "string" && isPosition(content)) return { content, stamp, actor };
  reader.fail();
  return empty;
}

export function isLive(_cell: PlaceCell): boolean {
  return true;
}

export function writeKey(writer: Writer, key: string): void {
  writer.utf8(key);
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  if (bytes.length > KEY_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  const key = reader.utf8(bytes.length);
  const { node, parent } = parsePlaceKey(key);
  return !reader.failed && isNodeId(node) && isParent(parent) ? key : undefined;
}

export function placeKey(node: string, parent: string): string {
  return node + SEPARATOR + parent;
}

export function parsePlaceKey(key: string): { readonly node: string; readonly parent: string } {
  const at = key.indexOf(SEPARATOR);
  return at < 0 ? { node: "", parent: "" } : { node: key.slice(0, at), parent: key.slice(at + 1) };
}

/** Whether the text, which is well-formed, may be a node's id. */
export function isNodeId(text: string): boolean {
  return text.length > 0 && !text.includes(SEPARATOR) && utf8Length(text) <= NODE_ID_BYTES_MAX;
}

/** Whether the text names a node, the root or the trash. */
export function isParent(text: string): boolean {
  return text === TREE_ROOT || text === TREE_TRASH || isNodeId(text);
}

/** Of well-formed text. */
function utf8Length(text: string): number {
  if (text.length > NODE_ID_BYTES_MAX) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair counts for two of the pair's four bytes.
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}
