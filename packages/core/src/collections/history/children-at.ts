/**
 * Texts, lists and other containers of a document as they were: made anew of all deltas that a version covers, from the
 * first that touched the document on. The change log does not name deltas for containers, so each of these is read.
 */
import { type ContainerId, idKey, must, runLoaded } from "../../base/index.ts";
import { ContainerFold, childOf, type RecordCell, type Views } from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import { loggedCalls, readLog } from "../../replica/index.ts";
import type { BoundCollection } from "../bound-collection.ts";
import type { Engine } from "../engine.ts";
import type { ChildKind } from "../schema/fields.ts";
import type { SchemaField } from "../schema/schema.ts";
import type { Cover } from "./frontier.ts";
import { LOG_PAGE_BYTES } from "./limits.ts";

/** What a document was at one version, and the first delta that touched it. */
export interface RecordAt {
  readonly cover: Cover;
  readonly cell: RecordCell | undefined;
  readonly since: Order;
}

/** The views of a document's containers at one version, by field. */
export type ChildrenAt = ReadonlyMap<string, Views[ChildKind]>;

/** Of the fields that are containers; one that had none is left out. One walk over the deltas serves all versions. */
export async function childrenAt(
  bound: BoundCollection,
  id: string,
  records: readonly RecordAt[],
  fields: readonly SchemaField[],
  signal?: AbortSignal,
): Promise<ChildrenAt[]> {
  const folds = records.map(({ cover, cell, since }) => {
    const fold = new ContainerFold();
    const children = childrenOf(bound.container, id, cell, fields);
    for (const { kind, child } of children) fold.add(kind, child);
    return { fold, children, cover, since: children.length === 0 ? cover.end : since };
  });
  const first = Math.min(...folds.map(({ since }) => since));
  const end = Math.max(...folds.map(({ cover }) => cover.end));
  for await (const { order, bytes } of deltasOf(bound.engine, first, end, signal)) {
    const wanted = folds.filter(({ cover, since }) => order >= since && cover.has(order));
    if (wanted.length === 0) continue;
    const actor = bound.engine.replica.graph.actorOf(order);
    const member = must(bound.engine.replica.memberOf(idKey(actor)), "who wrote what was admitted is known");
    for (const { joins, stamp } of loggedCalls(bytes)) {
      for (const { fold } of wanted) fold.apply(joins, { stamp, actor, member });
    }
  }
  return folds.map(
    ({ fold, children }) => new Map(children.map(({ name, kind, child }) => [name, fold.view(kind, child)])),
  );
}

interface Child {
  readonly name: string;
  readonly kind: ChildKind;
  readonly child: ContainerId;
}

function childrenOf(
  collection: ContainerId,
  id: string,
  cell: RecordCell | undefined,
  fields: readonly SchemaField[],
): Child[] {
  if (cell === undefined || cell.deleted !== undefined) return [];
  return fields.flatMap(({ name, kind, need }) => {
    if (need !== "handle") return [];
    const child = childOf(collection, id, cell, kind as ChildKind, name);
    return child === undefined ? [] : [{ name, kind: kind as ChildKind, child }];
  });
}

async function* deltasOf(
  { store, context }: Engine,
  first: Order,
  end: Order,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly order: Order; readonly bytes: Uint8Array }, void, undefined> {
  for (let order = first; order < end; ) {
    signal?.throwIfAborted();
    const page = await runLoaded(store, () => readLog(store, context, { first: order, end }, LOG_PAGE_BYTES));
    for (const bytes of page) yield { order: order++, bytes };
    if (page.length === 0) return;
  }
}
