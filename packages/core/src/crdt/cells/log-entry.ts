/**
 * Log entry: bytes that a member appended, which never change. The entry key puts a log into the order of its stamps,
 * as that of marks does (`mark.ts`), and the cell is   member (32) | bytes
 *
 * The member is that of the delta: nobody can append in another's name. Two entries under one key, which only a faulty
 * actor makes, are ordered by their bytes.
 */
import { compareBytes, EMPTY_BYTES, ID_BYTES, type Reader, type Writer } from "../../base/index.ts";
import { LOG_ENTRY_BYTES_MAX } from "../limits.ts";

export { bytesToKey, markKey as logKey, writeKey } from "./mark.ts";

export interface LogEntryCell {
  /** Empty in `empty` alone. */
  readonly member: Uint8Array;
  readonly bytes: Uint8Array;
}

export const empty: LogEntryCell = { member: EMPTY_BYTES, bytes: EMPTY_BYTES };

export function join(a: LogEntryCell, b: LogEntryCell): LogEntryCell {
  if (b === empty || a === b) return a;
  if (a === empty) return b;
  const order = compareBytes(a.bytes, b.bytes) || compareBytes(a.member, b.member);
  return order >= 0 ? a : b;
}

export function encode(writer: Writer, { member, bytes }: LogEntryCell): void {
  writer.raw(member).bytes(bytes);
}

export function decode(reader: Reader): LogEntryCell {
  const member = reader.raw(ID_BYTES).slice();
  const bytes = reader.bytes(LOG_ENTRY_BYTES_MAX).slice();
  return reader.failed ? empty : { member, bytes };
}

export function isLive(_cell: LogEntryCell): boolean {
  return true;
}
