/**
 * The sums of counters that a blob of joins brings, and adding to those counters again as somebody else: for what an
 * actor counted in two places at once, of which the join keeps only the larger.
 *
 *   place    kind (1): 0 counter, 1 grow-counter, 2 field of a record | 0 field name (string), or 1 id (32)
 *            | of a field: id of the record (string) | name (string)
 *
 * Left out: records of a later generation, which were deleted and made again.
 */
import { actorId, containerId, ID_BYTES, Reader, Writer } from "../base/index.ts";
import { type ContainerName, decodeJoins } from "./joins/joins.ts";
import { FIELD_NAME_BYTES_MAX } from "./limits.ts";
import { RECORD_ID_BYTES_MAX } from "./records/limits.ts";
import type { RecordsJoins } from "./records/records-joins.ts";
import type { Transaction } from "./transaction.ts";

export interface Sums {
  readonly added: number;
  readonly subtracted: number;
}

/** Where a counter is: canonical bytes as a string, to be a key. */
export type CounterPlace = string;

type Kind = "counter" | "grow-counter" | "record";
const KINDS: readonly Kind[] = ["counter", "grow-counter", "record"];

/** Of each counter that the joins touch, the sums of their author; empty for what does not decode. */
export function counterSums(joins: Uint8Array): Map<CounterPlace, Sums> {
  const sums = new Map<CounterPlace, Sums>();
  for (const container of decodeJoins(joins, (actor) => actorId(actor.slice())) ?? []) {
    // What is issued again is another's.
    if (container.branch !== undefined) continue;
    const { type, name } = container;
    if (type === "counter" || type === "grow-counter") sums.set(placeOf(type, name), container.joins);
    else if (type === "records") addFields(sums, name, container.joins);
  }
  return sums;
}

/** Adds to a counter as the transaction's own actor, unless what it was in is gone. */
export function addToCounter(transaction: Transaction, place: CounterPlace, { added, subtracted }: Sums): void {
  const { kind, name, field } = readPlace(place);
  if (kind === "counter") addBoth(at(transaction, kind, name), added, subtracted);
  else if (kind === "grow-counter") at(transaction, kind, name).add(added);
  else if (field) {
    const records = at(transaction, "records", name);
    if (!records.has(field.id)) return;
    const record = records.edit(field.id);
    record.add(field.name, added);
    record.add(field.name, -subtracted);
  }
}

function addBoth(counter: { add(amount: number): void }, added: number, subtracted: number): void {
  counter.add(added);
  counter.add(-subtracted);
}

function at<T extends "counter" | "grow-counter" | "records">(transaction: Transaction, type: T, name: ContainerName) {
  return typeof name === "string" ? transaction.field(type, name) : transaction.resolve(type, name);
}

function addFields(sums: Map<CounterPlace, Sums>, name: ContainerName, joins: RecordsJoins): void {
  const marked = new Map(joins.marks.map((mark) => [mark.place, mark]));
  const live = joins.ids.flatMap((id, place) =>
    marked.get(place)?.isDeleted ? [] : [{ id, mark: marked.get(place) }],
  );
  for (const column of joins.columns) {
    if (column.kind !== "counter") continue;
    for (let i = 0; i < column.joins.length; i++) {
      const record = live[column.places?.[i] ?? i];
      const join = column.joins[i] as Sums | undefined;
      if (record && join && !record.mark) sums.set(placeOf("record", name, { id: record.id, name: column.name }), join);
    }
  }
}

function placeOf(
  kind: Kind,
  name: ContainerName,
  field?: { readonly id: string; readonly name: string },
): CounterPlace {
  const writer = new Writer(64).u8(KINDS.indexOf(kind));
  if (typeof name === "string") writer.u8(0).string(name);
  else writer.u8(1).raw(name);
  if (field) writer.string(field.id).string(field.name);
  return String.fromCharCode(...writer.toBytes());
}

function readPlace(place: CounterPlace) {
  const reader = new Reader(Uint8Array.from(place, (char) => char.charCodeAt(0)));
  const kind = KINDS[reader.u8()];
  const isNamed = reader.u8() === 0;
  const name = isNamed ? reader.string(FIELD_NAME_BYTES_MAX) : containerId(reader.raw(ID_BYTES).slice());
  if (kind !== "record") return { kind, name, field: undefined };
  return { kind, name, field: { id: reader.string(RECORD_ID_BYTES_MAX), name: reader.string(FIELD_NAME_BYTES_MAX) } };
}
