/**
 * Cells of any type as two columns of bytes. The body of a page, after its header:
 *
 *   count times: length of the entry key (varint) | the keys | count times: length of the cell (varint, above 0) | the cells
 *
 * What keys and cells hold is checked by who opens the container.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { ENTRY_KEY_BYTES_MAX, PAGE_BYTES_MAX } from "../limits.ts";

/** An entry key and the canonical bytes of its cell. */
export type CellRow = readonly [key: Uint8Array, cell: Uint8Array];

export function writeCellsPage(writer: Writer, rows: readonly CellRow[]): void {
  for (const [key] of rows) writer.varint(key.length);
  for (const [key] of rows) writer.raw(key);
  for (const [, cell] of rows) writer.varint(cell.length);
  for (const [, cell] of rows) writer.raw(cell);
}

/** Views of the input. */
export function readCellsPage(reader: Reader, count: number): CellRow[] {
  const keys = readColumn(reader, count, 0, ENTRY_KEY_BYTES_MAX);
  const cells = readColumn(reader, count, 1, PAGE_BYTES_MAX);
  return reader.failed ? [] : keys.map((key, i): CellRow => [key, cells[i] as Uint8Array]);
}

function readColumn(reader: Reader, count: number, least: number, most: number): Uint8Array[] {
  const lengths: number[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const length = reader.varint();
    if (length < least || length > most) reader.fail();
    lengths.push(length);
  }
  return lengths.map((length) => reader.raw(length));
}
