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
  err,
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
  compactSteps,
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
import { CELLS_PER_READ, CELLS_PER_TURN, DELTAS_PER_TURN, STATE_PAGES_MAX } from "./limits.ts";
import type { StatePages } from "./rows.ts";

export interface Derived {
  readonly root: Uint8Array;
  readonly pages: StatePages;
  /** What the checkpoint makes of the cells of its predecessor. */
  readonly changes: CellChanges;
  /** Of the cells whose tombstones it drops, what remains: other cells are as the deltas made them. */
  readonly dropped: CellChanges;
}

export type DeriveErrorCode =
  /** The state has more pages than a checkpoint may list. */
  | "CHECKPOINT_TOO_LARGE"
  /** A delta that the state is made of is here without its payload: it comes with the snapshot that is joined by. */
  | "PAYLOAD_PRUNED";

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
  for (const [place, order] of orders.entries()) {
    const joining = runLoaded(ports.store, () => joinLogged(host, document, [order], written));
    const joined = joining instanceof Promise ? await joining : joining;
    if (!joined.ok) return joined;
    if (place % DELTAS_PER_TURN === 0) await ports.pause?.();
  }
  const touched = new Map(document.takeDirty().map(({ key, value }) => [idKey(key), value] as const));
  const changes = await inSteps(ports, compactSteps(base, touched, written));
  const dropped = await inSteps(ports, droppedCells(base, touched, changes));
  const pages = await cutPages(ports, new Overlay(base, changes));
  if (pages.starts.length > STATE_PAGES_MAX) {
    return err<DeriveErrorCode>("CHECKPOINT_TOO_LARGE", `${pages.starts.length} pages, at most ${STATE_PAGES_MAX}`);
  }
  return { ok: true, value: { root: stateRoot(pages.hashes), pages, changes, dropped } };
}

/** Runs each step until it does not miss, with other work between some of them. */
async function inSteps<T>({ store, pause }: DeriveHost["ports"], steps: Generator<() => void, T>): Promise<T> {
  let next = steps.next();
  for (let taken = 1; next.done !== true; next = steps.next(), taken++) {
    const running = runLoaded(store, next.value);
    if (running instanceof Promise) await running;
    if (taken % CELLS_PER_TURN === 0) await pause?.();
  }
  return next.value;
}

/** The cells that are not as the deltas made them. */
function* droppedCells(base: ReadView, touched: CellChanges, changes: CellChanges): Generator<() => void, CellChanges> {
  const dropped = new Map<string, Uint8Array | undefined>();
  for (const key of new Set([...touched.keys(), ...changes.keys()])) {
    yield () => {
      const before = touched.has(key) && changes.has(key) ? undefined : base.get(idKeyToBytes(key));
      const made = touched.has(key) ? touched.get(key) : before;
      const left = changes.has(key) ? changes.get(key) : before;
      if (!isSame(made, left)) dropped.set(key, left?.slice());
    };
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
    if (admission.graph.isPruned(order)) {
      return err<DeriveErrorCode>("PAYLOAD_PRUNED", `delta ${order} is here without its payload`);
    }
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

/** The pages of a state, cut anew. */
export async function cutPages({ store, pause }: DeriveHost["ports"], view: ReadView): Promise<StatePages> {
  const hashes: Uint8Array[] = [];
  const starts: Uint8Array[] = [];
  const cutter = new PageCutter((page, first) => {
    hashes.push(statePageHash(page));
    starts.push(first);
  });
  for (let gte: Uint8Array = ALL_CELLS.gte, read = 0; ; read++) {
    const from = gte;
    const reading = runLoaded(store, () => copyRows(view.range({ ...ALL_CELLS, gte: from, limit: CELLS_PER_READ })));
    const rows = reading instanceof Promise ? await reading : reading;
    for (const [key, value] of rows) cutter.add(key, value);
    const last = rows.at(-1);
    if (last === undefined || rows.length < CELLS_PER_READ) break;
    gte = concatBytes(last[0], Uint8Array.of(0));
    if (read % (CELLS_PER_TURN / CELLS_PER_READ) === 0) await pause?.();
  }
  cutter.finish();
  return { hashes: concatBytes(...hashes), starts };
}

function copyRows(rows: Iterable<StoreEntry>): StoreEntry[] {
  return Array.from(rows, ([key, value]): StoreEntry => [key.slice(), value.slice()]);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
