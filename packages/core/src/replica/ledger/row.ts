/**
 * The rows of the ledger, in the context's table 'e':
 *
 *   'e' 'o' order u48 ‖ event u16   an open entry: a handler that is to run on an event
 *     u8 1 ‖ u8 told (0 elsewhere, 1 here, 2 by this member elsewhere) ‖ u8 flags (1 dead, 2 handled elsewhere)
 *     ‖ varint depth ‖ varint attempts ‖ varint due ms ‖ string code of the last failure
 *     ‖ string kind ‖ string handler ‖ bytes data
 *   'e' 'x' order u48               varint depth of a delta that a handler made
 *
 * An entry holds the event itself, so that it does not need its delta's payload, which may be pruned.
 */
import { type ContextId, concatBytes, Reader, Writer } from "../../base/index.ts";
import type { Order } from "../../dag/index.ts";
import { EVENT_DATA_BYTES_MAX, EVENT_KIND_BYTES_MAX } from "../limits.ts";
import type { EntryEvent } from "../payload.ts";
import { orderKey, tablePrefix } from "../rows.ts";
import { HANDLER_ATTEMPTS_MAX, HANDLER_CODE_BYTES_MAX, HANDLER_DEPTH_MAX } from "./limits.ts";

const FORMAT = 1;
const FLAG_DEAD = 1;
const FLAG_HANDLED = 2;
const FLAGS_KNOWN = 3;
const EVENT_BYTES = 2;
const TOLD = ["elsewhere", "here", "by this member elsewhere"] as const;

export type Told = (typeof TOLD)[number];

/** A handler that is to run on an event, on this node. */
export interface OpenEntry {
  /** Which delta told the event, by its order here, and which of its events it is. */
  readonly order: Order;
  readonly event: number;
  readonly told: Told;
  /** How many handlers caused each other before this one runs. */
  readonly depth: number;
  /** Runs that failed. */
  readonly attempts: number;
  /** Not to be run before. */
  readonly dueMs: number;
  /** Not to be run again unless somebody asks. */
  readonly dead: boolean;
  /** Another member's node has run it. */
  readonly handledElsewhere: boolean;
  /** Why the last run failed; empty before. */
  readonly code: string;
  readonly payload: EntryEvent;
}

export function openTable(context: ContextId): Uint8Array {
  return concatBytes(tablePrefix(context, "e"), Uint8Array.of("o".charCodeAt(0)));
}

export function entryRowKey(context: ContextId, entry: Pick<OpenEntry, "order" | "event">): Uint8Array {
  return concatBytes(orderKey(openTable(context), entry.order), Uint8Array.of(entry.event >> 8, entry.event & 255));
}

export function depthRowKey(context: ContextId, order: Order): Uint8Array {
  return orderKey(concatBytes(tablePrefix(context, "e"), Uint8Array.of("x".charCodeAt(0))), order);
}

export function encodeDepth(depth: number): Uint8Array {
  return new Writer(8).varint(depth).toBytes();
}

/** The depth, or undefined when the row is damaged. */
export function decodeDepth(bytes: Uint8Array): number | undefined {
  const reader = new Reader(bytes);
  const depth = reader.varint();
  return reader.finish() ? depth : undefined;
}

export function encodeEntry(entry: OpenEntry): Uint8Array {
  const writer = new Writer(128).u8(FORMAT).u8(TOLD.indexOf(entry.told));
  writer.u8((entry.dead ? FLAG_DEAD : 0) | (entry.handledElsewhere ? FLAG_HANDLED : 0));
  writer.varint(entry.depth).varint(entry.attempts).varint(entry.dueMs).string(entry.code);
  const { kind, handler, data } = entry.payload;
  return writer.string(kind).string(handler).bytes(data).toBytes();
}

/** The entry of a row whose key, behind the table's, is `place`; undefined when either is damaged. */
export function decodeEntry(place: Uint8Array, bytes: Uint8Array): OpenEntry | undefined {
  const order = readOrder(place);
  if (order === undefined) return undefined;
  const reader = new Reader(bytes);
  if (reader.u8() !== FORMAT) return undefined;
  const told = TOLD[reader.u8()];
  const flags = reader.u8();
  const [depth, attempts, dueMs] = [reader.varint(), reader.varint(), reader.varint()];
  const code = reader.string(HANDLER_CODE_BYTES_MAX);
  const kind = reader.string(EVENT_KIND_BYTES_MAX);
  const handler = reader.string(EVENT_KIND_BYTES_MAX);
  const data = reader.bytes(EVENT_DATA_BYTES_MAX).slice();
  if (!reader.finish() || !told || flags > FLAGS_KNOWN) return undefined;
  if (depth > HANDLER_DEPTH_MAX + 1 || attempts > HANDLER_ATTEMPTS_MAX) return undefined;
  const dead = (flags & FLAG_DEAD) !== 0;
  const handledElsewhere = (flags & FLAG_HANDLED) !== 0;
  return { ...order, told, depth, attempts, dueMs, dead, handledElsewhere, code, payload: { kind, handler, data } };
}

function readOrder(place: Uint8Array): Pick<OpenEntry, "order" | "event"> | undefined {
  if (place.length !== 6 + EVENT_BYTES) return undefined;
  let order = 0;
  for (let i = 0; i < 6; i++) order = order * 256 + (place[i] as number);
  return { order, event: (place[6] as number) * 256 + (place[7] as number) };
}
