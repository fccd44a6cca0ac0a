/**
 * The state of a checkpoint, derived: the state of its predecessor, joined with the deltas between, without tombstones.
 * Everybody who does this comes to the same root, or somebody's store is damaged or program faulty.
 *
 * In steps, with other work between; nothing here changes the replica or its store.
 */
import {
  bytesEqual,
  type ContextId,
  concatBytes,
  idKey,
  idKeyToBytes,
  type RangeOptions,
  type ReadView,
  type Result,
  runLoaded,
  type Entry as StoreEntry,
} from "../../base/index.ts";
import {
  ALL_CELLS,
  type CellChanges,
  compactState,
  Document,
  Holdings,
  Overlay,
  PageCutter,
  statePageHash,
  stateRoot,
} from "../../crdt/index.ts";
import type { Order } from "../../dag/index.ts";
import type { Admission } from "../admission.ts";
import { writesOf } from "../apply.ts";
import { applyStored, type LogPorts } from "../load.ts";
import type { ReplicaPorts } from "../ports.ts";
import { tablePrefix } from "../rows.ts";
import { CELLS_PER_TURN, DELTAS_PER_TURN } from "./limits.ts";

export interface Derived {
  readonly root: Uint8Array;
  /** The hashes of the pages, end to end. */
  readonly pages: Uint8Array;
  /** What the checkpoint makes of the cells of its predecessor. */
  readonly changes: CellChanges;
  /** Of the cells whose tombstones it drops, what remains: other cells are as the deltas made them. */
  readonly dropped: CellChanges;
}

export interface DeriveHost {
  readonly ports: Pick<ReplicaPorts, "store" | "crypto" | "pause">;
  readonly context: ContextId;
  readonly admission: Admission;
}

/** `orders`: those that the checkpoint covers and its predecessor does not, ascending. */
export async function deriveState(host: DeriveHost, orders: readonly Order[]): Promise<Result<Derived>> {
  const { ports, context } = host;
  const base = baseView(ports.store, context);
  const document = new Document(base);
  const written = new Holdings();
  for (let at = 0; at < orders.length; at += DELTAS_PER_TURN) {
    const turn = orders.slice(at, at + DELTAS_PER_TURN);
    const joined = await runLoaded(ports.store, () => joinLogged(host, document, turn, written));
    if (!joined.ok) return joined;
    await ports.pause?.();
  }
  const touched = new Map(document.takeDirty().map(({ key, value }) => [idKey(key), value] as const));
  const changes = await runLoaded(ports.store, () => compactState(base, touched, written));
  const pages = await cutPages(ports, new Overlay(base, changes));
  const dropped = await runLoaded(ports.store, () => droppedCells(base, touched, changes));
  return { ok: true, value: { root: stateRoot(pages), pages, changes, dropped } };
}

/** The cells that are not as the deltas made them. */
function droppedCells(base: ReadView, touched: CellChanges, changes: CellChanges): CellChanges {
  const before = (key: string): Uint8Array | undefined => base.get(idKeyToBytes(key));
  const dropped = new Map<string, Uint8Array | undefined>();
  for (const key of new Set([...touched.keys(), ...changes.keys()])) {
    const made = touched.has(key) ? touched.get(key) : before(key);
    const left = changes.has(key) ? changes.get(key) : before(key);
    if (!isSame(made, left)) dropped.set(key, left?.slice());
  }
  return dropped;
}

/** Joins deltas of the log into a document; again, where a page was missing, which changes nothing. */
export function joinLogged(
  { ports, context, admission }: Pick<DeriveHost, "context" | "admission"> & { readonly ports: LogPorts },
  document: Document,
  orders: readonly Order[],
  written?: Holdings,
): Result<null> {
  for (const order of orders) {
    const applied = applyStored(ports, context, document, admission, order);
    if (!applied.ok) return applied;
    const { delta, member, entries } = applied.value;
    for (const { joins, origin } of writesOf(delta, member, entries)) written?.addJoins(joins, origin);
  }
  return { ok: true, value: null };
}

/** The cells of the checkpoint in effect. */
export function baseView(store: ReadView, context: ContextId): ReadView {
  const prefix = tablePrefix(context, "b");
  return {
    get: (key) => store.get(concatBytes(prefix, key)),
    *range(options: RangeOptions): Iterable<StoreEntry> {
      const shifted = { ...options, gte: concatBytes(prefix, options.gte), lt: concatBytes(prefix, options.lt) };
      for (const [key, value] of store.range(shifted)) yield [key.subarray(prefix.length), value];
    },
  };
}

/** The hashes of the pages of a state, end to end. */
async function cutPages({ store, pause }: DeriveHost["ports"], view: ReadView): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  const cutter = new PageCutter((page) => hashes.push(statePageHash(page)));
  let from: Uint8Array | undefined = ALL_CELLS.gte;
  while (from !== undefined) {
    const gte: Uint8Array = from;
    const rows = await runLoaded(store, () => copyRows(view.range({ ...ALL_CELLS, gte, limit: CELLS_PER_TURN })));
    for (const [key, value] of rows) cutter.add(key, value);
    const last = rows.at(-1);
    from = last === undefined || rows.length < CELLS_PER_TURN ? undefined : concatBytes(last[0], Uint8Array.of(0));
    await pause?.();
  }
  cutter.finish();
  return concatBytes(...hashes);
}

function copyRows(rows: Iterable<StoreEntry>): StoreEntry[] {
  return Array.from(rows, ([key, value]): StoreEntry => [key.slice(), value.slice()]);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
