/**
 * Documents as they were: folded from the deltas that a version covers and that the change log names for them.
 *
 * Equal to what a copy that held exactly those deltas showed, whatever was merged here in which order; so the log names
 * a delta for a document also where its joins came too late to be seen. It costs a walk over the log's rows.
 */
import { bytesEqual, type ContainerId, type Entry, idKey, runLoaded, stampToMs } from "../../base/index.ts";
import { encodeValue, type RecordCell, RecordFold, type Value, type Views } from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import { loggedCalls, readLog } from "../../replica/index.ts";
import type { BoundCollection } from "../bound-collection.ts";
import { readField } from "../documents.ts";
import type { Engine } from "../engine.ts";
import { CollectionError } from "../errors.ts";
import type { AnyDocument } from "../index/definition.ts";
import { childToValue } from "../schema/child-inputs.ts";
import type { ChildKind } from "../schema/fields.ts";
import type { SchemaField } from "../schema/schema.ts";
import { changeRange, decodeChangeRow, type LoggedChange, lastOrderOf } from "./change-row.ts";
import { type ChildrenAt, childrenAt, type RecordAt } from "./children-at.ts";
import { listEdits, type SequenceEdit, textEdits } from "./edits.ts";
import { type Cover, frontierToText, PrefixHeads, textToCover } from "./frontier.ts";
import { HISTORY_LIMIT_DEFAULT, LOG_PAGE_ROWS } from "./limits.ts";

export interface HistoryOptions {
  /** How many, at most. */
  readonly limit?: number;
  /** A version of the history: what is older. */
  readonly before?: string;
  readonly signal?: AbortSignal;
}

/** A version at which the document changed. */
export interface DocumentVersion {
  readonly version: string;
  readonly kind: "insert" | "update" | "delete";
  /** Of an update. */
  readonly fields: readonly string[];
  readonly origin: "here" | "elsewhere";
  /** When its author made it, by the author's clock: milliseconds since 1970. */
  readonly atMs: number;
}

/** What one field showed; undefined where there was no document or no value. A container shows what an export gives. */
export interface FieldDifference {
  readonly before: Value | undefined;
  readonly after: Value | undefined;
  /** Of a text or a list: what was done to it. */
  readonly edits?: readonly SequenceEdit<string | readonly Value[]>[];
}

/** A change of the log with the orders of its deltas. */
interface Placed {
  readonly change: LoggedChange;
  readonly first: Order;
  readonly end: Order;
}

/** Refuses what is no version of this database, or of what this copy does not hold. */
export function coverOf({ replica, context }: Engine, version: string): Cover {
  const cover = textToCover(replica.graph, context, version);
  if (!cover.ok) throw new CollectionError("CURSOR_INVALID", cover.error.message);
  return cover.value;
}

/** In the order of the ids; undefined for those that were not there. */
export async function documentsAt(
  bound: BoundCollection,
  cover: Cover,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<(AnyDocument | undefined)[]> {
  const cells = await recordsAt(bound, cover, ids, signal);
  return ids.map((id) => {
    const cell = cells.get(id);
    return isThere(cell) ? bound.reader.read(id, cell) : undefined;
  });
}

/** The fields that showed another value, by name. */
export async function differenceBetween(
  bound: BoundCollection,
  id: string,
  [from, to]: readonly [Cover, Cover],
  signal?: AbortSignal,
): Promise<Record<string, FieldDifference>> {
  const before = await recordAt(bound, from, id, signal);
  const after = await recordAt(bound, to, id, signal);
  const children = await childrenAt(bound, id, [before, after], bound.schema.fields, signal);
  const fields: [string, FieldDifference][] = [];
  for (const field of bound.schema.fields) {
    const isChild = field.need === "handle";
    const difference = isChild ? childDifference(field, children) : valueDifference(field, before.cell, after.cell);
    if (difference !== undefined) fields.push([field.name, difference]);
  }
  return Object.fromEntries(fields);
}

/** Reads a container of a document as it was; undefined where there was none. */
export async function readChildAt<T>(
  bound: BoundCollection,
  cover: Cover,
  id: string,
  field: SchemaField,
  run: (view: Views[ChildKind]) => T,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const [children] = await childrenAt(bound, id, [await recordAt(bound, cover, id, signal)], [field], signal);
  const view = children?.get(field.name);
  return view === undefined ? undefined : run(view);
}

/** The versions at which a document changed, newest first. */
export async function historyOf(
  bound: BoundCollection,
  id: string,
  { limit = HISTORY_LIMIT_DEFAULT, before, signal }: HistoryOptions,
): Promise<DocumentVersion[]> {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new CollectionError("QUERY_INVALID", "the limit of a history is a whole number above 0");
  }
  const { engine, container } = bound;
  const { replica, context } = engine;
  const { graph } = replica;
  const below = before === undefined ? replica.flushed.count : coverOf(engine, before).complete - 1;
  const found: Placed[] = [];
  const isWanted = ({ change, end }: Placed): boolean => change.effect !== "none" && end <= below;
  for await (const page of logPages(engine, { end: replica.flushed.count, reverse: true }, signal)) {
    found.push(...placedIn(page, container, [id]).filter(isWanted));
    const oldest = page.at(-1)?.[0];
    // The rest of a commit's rows may be on the next page.
    if (oldest === undefined || found.filter(({ end }) => end > lastOrderOf(oldest) + 1).length >= limit) break;
  }
  const newest = found.sort((a, b) => b.end - a.end).slice(0, limit);
  const heads = new PrefixHeads(graph);
  const versions: DocumentVersion[] = [];
  for (const { change, end } of newest.toReversed()) {
    versions.push({
      version: frontierToText(context, heads.at(end)),
      kind: change.effect === "none" ? "update" : change.effect,
      fields: change.fields,
      origin: change.origin === "here" ? "here" : "elsewhere",
      atMs: stampToMs(graph.stampOf(end - 1)),
    });
  }
  return versions.reverse();
}

function valueDifference(
  field: SchemaField,
  before: RecordCell | undefined,
  after: RecordCell | undefined,
): FieldDifference | undefined {
  const [was, is] = [before, after].map((cell) => (isThere(cell) ? readField(cell, field) : undefined));
  return isSameValue(was, is) ? undefined : { before: was, after: is };
}

function childDifference({ name, kind }: SchemaField, children: readonly ChildrenAt[]): FieldDifference | undefined {
  const [was, is] = [children[0]?.get(name), children[1]?.get(name)];
  const [before, after] = [was, is].map((view) => view && childToValue(kind as ChildKind, view));
  if (isSameValue(before, after)) return undefined;
  // The views are of the field's kind.
  if (kind === "text") {
    return { before, after, edits: textEdits(was as Views["text"] | undefined, is as Views["text"] | undefined) };
  }
  if (kind !== "list") return { before, after };
  return { before, after, edits: listEdits(was as Views["list"] | undefined, is as Views["list"] | undefined) };
}

async function recordAt(bound: BoundCollection, cover: Cover, id: string, signal?: AbortSignal): Promise<RecordAt> {
  const { cells, since } = await foldAt(bound, cover, [id], signal);
  return { cover, cell: cells.get(id), since };
}

async function recordsAt(
  bound: BoundCollection,
  cover: Cover,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, RecordCell>> {
  return (await foldAt(bound, cover, ids, signal)).cells;
}

/** The records, and the first delta that touched one. */
async function foldAt(
  bound: BoundCollection,
  cover: Cover,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly cells: ReadonlyMap<string, RecordCell>; readonly since: Order }> {
  const { engine, container } = bound;
  const { store, context, replica } = engine;
  const orders = new Set<Order>();
  for await (const page of logPages(engine, { end: replica.flushed.count, reverse: false }, signal)) {
    for (const { first, end } of placedIn(page, container, ids)) {
      for (let order = first; order < end; order++) if (cover.has(order)) orders.add(order);
    }
  }
  const fold = new RecordFold(container, ids);
  for (const order of orders) {
    const [bytes] = await runLoaded(store, () => readLog(store, context, { first: order, end: order + 1 }, 0));
    const actor = replica.graph.actorOf(order);
    for (const { joins, stamp } of loggedCalls(bytes as Uint8Array)) fold.apply(joins, { stamp, actor });
  }
  const cells = new Map<string, RecordCell>();
  for (const id of ids) {
    const cell = fold.get(id);
    if (cell !== undefined) cells.set(id, cell);
  }
  let since = cover.end;
  for (const order of orders) since = Math.min(since, order);
  return { cells, since };
}

/** Whole pages of the log; backwards, a commit's rows may be on two of them. */
async function* logPages(
  { store, context }: Engine,
  { end, reverse }: { readonly end: Order; readonly reverse: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Entry[], void, undefined> {
  let { gte, lt } = changeRange(context, { first: 0, end });
  for (;;) {
    signal?.throwIfAborted();
    const range = { gte, lt, reverse, limit: LOG_PAGE_ROWS };
    const rows = await runLoaded(store, () =>
      [...store.range(range)].map(([key, value]): Entry => [key.slice(), value.slice()]),
    );
    yield rows;
    const last = rows.at(-1)?.[0];
    if (last === undefined || rows.length < LOG_PAGE_ROWS) return;
    if (reverse) lt = last;
    else gte = keyAfter(last);
  }
}

function placedIn(page: readonly Entry[], container: ContainerId, ids: readonly string[]): Placed[] {
  const placed: Placed[] = [];
  const wanted = new Set(ids);
  for (const [key, value] of page) {
    const row = decodeChangeRow(value);
    if (row === undefined) continue;
    const end = lastOrderOf(key) + 1;
    for (const change of row.changes) {
      if (!wanted.has(change.id) || !bytesEqual(change.container, container)) continue;
      const order = end - row.count + change.offset;
      const isHere = change.origin === "here";
      placed.push({ change, first: isHere ? end - row.local : order, end: isHere ? end : order + 1 });
    }
  }
  return placed;
}

function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1);
  after.set(key);
  return after;
}

function isThere(cell: RecordCell | undefined): cell is RecordCell {
  return cell !== undefined && cell.deleted === undefined;
}

function isSameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [left, right] = [encodeValue(a), encodeValue(b)];
  return left.ok && right.ok && idKey(left.value) === idKey(right.value);
}
