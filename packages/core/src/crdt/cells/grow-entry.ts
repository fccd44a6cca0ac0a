/**
 * Entry of a counter that only grows: a counter entry that has no place for what is subtracted, so no peer can lower
 * the sum. A G-counter after Shapiro et al. (2011), one cell per actor.
 *
 *   added (varint, above 0)
 *
 * Refused: a sum above the cap.
 */
import type { Reader, Writer } from "../../base/index.ts";
import { COUNTER_SUM_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import { type CounterEntryCell, empty } from "./counter-entry.ts";

export { bytesToKey, empty, isLive, join, writeKey } from "./counter-entry.ts";

export function encode(writer: Writer, cell: CounterEntryCell): void {
  writer.varint(cell.added);
}

export function decode(reader: Reader, _intern?: Intern): CounterEntryCell {
  const added = reader.varint();
  if (added === 0 || added > COUNTER_SUM_MAX) reader.fail();
  return reader.failed ? empty : { added, subtracted: 0 };
}
