/**
 * Whether a checkpoint would drop a cell: an estimate from its bytes, for who counts whether one is worth its work. Cheap,
 * since every changed cell is looked at; a text's and a list's blocks count for nothing.
 */
import { CELL_PREFIX_BYTES } from "../cell-key.ts";
import * as removeWins from "../cells/remove-wins.ts";
import * as setElement from "../cells/set-element.ts";
import { tagToContainerType } from "../container-type.ts";
import { decodeStored } from "./remains.ts";

/** A stamp of today, an actor, and the tag of an absent value. */
const ABSENT_CELL_BYTES_MAX = 25;
const ABSENT = 0x20;
const RECORD_DELETED = 1;

/** `key`: the cell's key with `tableBytes` before it. */
export function isTombstone(key: Uint8Array, tableBytes: number, value: Uint8Array): boolean {
  switch (tagToContainerType(key[tableBytes + CELL_PREFIX_BYTES - 1] as number)) {
    case "records":
      return ((value[0] as number) & RECORD_DELETED) !== 0;
    case "map":
    case "register":
    case "user-entries":
      return value.length <= ABSENT_CELL_BYTES_MAX && value[value.length - 1] === ABSENT;
    case "set":
    case "graph":
      return !setElement.isLive(decodeStored(setElement, value));
    case "remove-wins-set":
    case "remove-wins-graph":
      return !removeWins.isLive(decodeStored(removeWins, value));
    case "tree":
      // A place in the trash, whose name is a zero behind the zero that separates.
      return key[key.length - 1] === 0 && key[key.length - 2] === 0;
    default:
      return false;
  }
}
