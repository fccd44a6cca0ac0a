/**
 * Map entry: a value, a reference to a nested container, or absent; the last writer wins. A removed entry stays as an
 * absent one: its stamp and actor are the generation of whatever container the entry may hold next.
 * Refused: keys that are not well-formed UTF-8 or exceed the limit.
 */
import { Reader, type Writer } from "../../base/index.ts";
import { ENTRY_KEY_BYTES_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import * as lastWriter from "./last-writer.ts";

export type MapEntryCell = lastWriter.LastWriterCell;

export const empty: MapEntryCell = lastWriter.empty;

export function join(a: MapEntryCell, b: MapEntryCell): MapEntryCell {
  return lastWriter.join(a, b);
}

export function encode(writer: Writer, cell: MapEntryCell): void {
  lastWriter.encode(writer, cell);
}

export function decode(reader: Reader, intern: Intern): MapEntryCell {
  return lastWriter.decode(reader, intern);
}

export function isLive(cell: MapEntryCell): boolean {
  return lastWriter.isLive(cell);
}

export function writeKey(writer: Writer, key: string): void {
  writer.utf8(key);
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  const reader = new Reader(bytes);
  const key = reader.utf8(bytes.length);
  return reader.failed || bytes.length > ENTRY_KEY_BYTES_MAX ? undefined : key;
}
