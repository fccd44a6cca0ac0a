/** What a checkpoint changes in a document that stays, or comes back by what was written at the same time. */
import { containerId, utf8ToString } from "../../base/index.ts";
import { CELL_PREFIX_BYTES } from "../cell-key.ts";
import { CONTAINER_TAGS } from "../container-type.ts";
import type { Derivation } from "../records/derivation.ts";
import * as record from "../records/record-cell.ts";
import { decodeStored } from "./remains.ts";

/** Whether the cell is a document. */
export function isRecord(cellKey: Uint8Array): boolean {
  return cellKey[CELL_PREFIX_BYTES - 1] === CONTAINER_TAGS.records;
}

export function tellRecord(derivation: Derivation, cellKey: Uint8Array, before: Uint8Array, after: Uint8Array): void {
  const id = utf8ToString(cellKey.subarray(CELL_PREFIX_BYTES));
  if (id === undefined) return;
  const container = containerId(cellKey.slice(0, CELL_PREFIX_BYTES - 1));
  derivation.onRecord(container, id, decodeStored(record, before), decodeStored(record, after));
}
