/**
 * Register: one value, or absent; the last writer wins. The container has one cell, whose entry key is empty.
 * Refused: a reference, since only map entries nest.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { isReference } from "../content.ts";
import type { Intern } from "../origin.ts";
import * as lastWriter from "./last-writer.ts";

export type RegisterCell = lastWriter.LastWriterCell;

/** The key in memory of the only cell. */
export const REGISTER_KEY = "";

export const empty: RegisterCell = lastWriter.empty;

export function join(a: RegisterCell, b: RegisterCell): RegisterCell {
  return lastWriter.join(a, b);
}

export function encode(writer: Writer, cell: RegisterCell): void {
  lastWriter.encode(writer, cell);
}

export function decode(reader: Reader, intern: Intern): RegisterCell {
  const cell = lastWriter.decode(reader, intern);
  if (isReference(cell.content)) reader.fail();
  return cell;
}

export function isLive(cell: RegisterCell): boolean {
  return lastWriter.isLive(cell);
}

export function writeKey(_writer: Writer, _key: string): void {
  // The entry key is empty.
}

export function bytesToKey(bytes: Uint8Array): string | undefined {
  return bytes.length === 0 ? REGISTER_KEY : undefined;
}
