/**
 * A delta's payload in the clear: one or more entries, each the writes of one call or one access statement. Calls of
 * one actor that were committed together share a delta; each entry keeps its own joins, events and stamp.
 *
 *   u8 1      format
 *   varint n  entries, at least 1
 *   each: u8 kind
 *     1 call:   varint offset ‖ bytes joins ‖ varint m events, each string kind ‖ bytes data ‖ string handler
 *     2 access: bytes statement
 *
 * An entry's stamp is the delta's less its offset, so that no join carries a stamp that the header does not bound.
 * Canonical. A payload that does not decode counts as empty, alike on every node.
 */
import { Reader, Writer } from "../base/index.ts";
import {
  ENTRIES_PER_DELTA_MAX,
  ENTRY_BYTES_MAX,
  EVENT_DATA_BYTES_MAX,
  EVENT_KIND_BYTES_MAX,
  EVENTS_PER_ENTRY_MAX,
} from "./limits.ts";

const FORMAT = 1;
const KIND_CALL = 1;
const KIND_ACCESS = 2;
/** Reused: a fresh writer costs more than a common payload. One of common size is kept. */
const SCRATCH_BYTES_KEPT = 65_536;
let scratch = new Writer(4096);

export interface EntryEvent {
  readonly kind: string;
  readonly data: Uint8Array;
  /** Name of the method that handles it; empty for none. */
  readonly handler: string;
}

export type PayloadEntry =
  | {
      readonly kind: "call";
      /** How far the entry's stamp lies below the delta's. */
      readonly offset: number;
      /** Empty when the call only told events. */
      readonly joins: Uint8Array;
      readonly events: readonly EntryEvent[];
    }
  | { readonly kind: "access"; readonly statement: Uint8Array };

export function encodePayload(entries: readonly PayloadEntry[]): Uint8Array {
  const writer = scratch;
  writer.reset();
  writer.u8(FORMAT).varint(entries.length);
  for (const entry of entries) {
    if (entry.kind === "access") {
      writer.u8(KIND_ACCESS).bytes(entry.statement);
      continue;
    }
    writer.u8(KIND_CALL).varint(entry.offset).bytes(entry.joins).varint(entry.events.length);
    for (const event of entry.events) writer.string(event.kind).bytes(event.data).string(event.handler);
  }
  const bytes = writer.toBytes();
  if (bytes.length > SCRATCH_BYTES_KEPT) scratch = new Writer(4096);
  return bytes;
}

/** The entries, or undefined when the bytes are not the canonical encoding of some. Views into `bytes`. */
export function decodePayload(bytes: Uint8Array): PayloadEntry[] | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const count = reader.count(ENTRIES_PER_DELTA_MAX, 2);
  const entries: PayloadEntry[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const kind = reader.u8();
    if (kind === KIND_CALL) entries.push(readCall(reader));
    else if (kind === KIND_ACCESS) entries.push({ kind: "access", statement: reader.bytes(ENTRY_BYTES_MAX) });
    else reader.fail();
  }
  return count > 0 && reader.finish() ? entries : undefined;
}

function readCall(reader: Reader): PayloadEntry {
  const offset = reader.varint();
  const joins = reader.bytes(ENTRY_BYTES_MAX);
  const count = reader.count(EVENTS_PER_ENTRY_MAX, 3);
  const events: EntryEvent[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const kind = reader.string(EVENT_KIND_BYTES_MAX);
    const data = reader.bytes(EVENT_DATA_BYTES_MAX);
    events.push({ kind, data, handler: reader.string(EVENT_KIND_BYTES_MAX) });
  }
  return { kind: "call", offset, joins, events };
}
