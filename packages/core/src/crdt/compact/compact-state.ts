/**
 * A state without its tombstones. Given the compacted state of a checkpoint, the cells that the deltas since then made
 * of it and what their joins put where, it gives the compacted state after them, as changes of the first: so it costs
 * what has changed, not what there is. A function of the two states and of the set of joins, whatever their order.
 *
 * Laws (`compact.prop.test.ts`): compacting again changes nothing; what is shown stays as it was.
 */
import {
  bytesEqual,
  concatBytes,
  containerId,
  type Entry,
  idKey,
  idKeyToBytes,
  must,
  type ReadView,
} from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix, prefixRange } from "../cell-key.ts";
import { type ContainerType, tagToContainerType } from "../container-type.ts";
import { hiddenNodes } from "./hidden-nodes.ts";
import type { Holdings } from "./holdings.ts";
import { type CellChanges, Overlay } from "./overlay.ts";
import { type ContainerRef, contentsId, holdingsOfCell, partsOf } from "./references.ts";
import { remainsOf } from "./remains.ts";

/** A part of the work that reads little; run again from its beginning where a read missed. */
export type CompactStep = () => void;

/** Rows of a container that are read in one step: neighbours, so mostly of one page. */
const ROWS_PER_STEP = 16;

/**
 * The changes of `base` that make the compacted state, over a source that never misses. `touched`: the cells that the
 * deltas changed, as they made them; `written`: what the joins of the deltas put somewhere.
 */
export function compactState(base: ReadView, touched: CellChanges, written: Holdings): CellChanges {
  const steps = compactSteps(base, touched, written);
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done === true) return next.value;
    next.value();
  }
}

/** The same as steps, each to be run until it does not miss, before the next is asked for. */
export function* compactSteps(
  base: ReadView,
  touched: CellChanges,
  written: Holdings,
): Generator<CompactStep, CellChanges> {
  const state = new Overlay(base, touched);
  const holdings = written.copy();
  for (const key of touched.keys()) {
    const cellKey = idKeyToBytes(key);
    yield () => {
      const before = base.get(cellKey);
      if (before !== undefined) holdings.add(holdingsOfCell(typeOf(key), cellKey, before));
    };
  }
  const dropped: ContainerRef[] = [];
  for (const holding of holdings.values()) {
    yield () => {
      const value = state.get(idKeyToBytes(holding.holder));
      if (value === undefined || !holding.isHeldBy(value)) dropped.push(holding);
    };
    yield* dropContainers(state, dropped.splice(0));
  }
  for (const prefix of new Set([...touched.keys()].map((key) => key.slice(0, CELL_PREFIX_BYTES)))) {
    if (typeOf(prefix) === "tree") yield* dropHidden(state, prefix);
  }
  for (const [key, value] of [...state.changes]) {
    if (value !== undefined) state.set(key, remainsOf(typeOf(key), value));
  }
  return yield* withoutUnchanged(base, state.changes);
}

/** Takes away all cells of these containers, and of those that they hold. */
function* dropContainers(state: Overlay, waiting: ContainerRef[]): Generator<CompactStep, void> {
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { type, id } = next;
    yield* visitRows(state, cellPrefix(type, id), (cellKey, value) => {
      waiting.push(...holdingsOfCell(type, cellKey, value));
      state.set(idKey(cellKey), undefined);
    });
    // A text without cells may have marks that came before it.
    waiting.push(...partsOf(next));
  }
}

/** Visits the rows of a container, each once, though reads miss between them. */
function* visitRows(
  state: Overlay,
  prefix: Uint8Array,
  visit: (cellKey: Uint8Array, value: Uint8Array) => void,
): Generator<CompactStep, void> {
  const { gte, lt } = prefixRange(prefix);
  let from: Uint8Array | undefined = gte;
  while (from !== undefined) {
    const start: Uint8Array = from;
    let rows: Entry[] = [];
    yield () => {
      const range = state.range({ gte: start, lt, limit: ROWS_PER_STEP });
      rows = Array.from(range, ([key, value]): Entry => [key.slice(), value.slice()]);
    };
    for (const [key, value] of rows) visit(key, value);
    const last = rows.at(-1);
    from = last === undefined || rows.length < ROWS_PER_STEP ? undefined : concatBytes(last[0], Uint8Array.of(0));
  }
}

/** Takes away the places of a tree's hidden nodes, and what they held. */
function* dropHidden(state: Overlay, prefix: string): Generator<CompactStep, void> {
  const prefixBytes = idKeyToBytes(prefix);
  const cells = new Map<string, Uint8Array>();
  yield* visitRows(state, prefixBytes, (cellKey, value) => {
    cells.set(idKey(cellKey.subarray(CELL_PREFIX_BYTES)), value);
  });
  const { places, nodes } = hiddenNodes(cells);
  for (const entryKey of places) state.set(prefix + entryKey, undefined);
  const contents = cellPrefix("map", contentsId(containerId(prefixBytes.slice(0, CELL_PREFIX_BYTES - 1))));
  for (const node of nodes) {
    const cellKey = concatBytes(contents, idKeyToBytes(node));
    const held: ContainerRef[] = [];
    yield () => {
      const value = state.get(cellKey);
      if (value === undefined) return;
      held.push(...holdingsOfCell("map", cellKey, value));
      state.set(idKey(cellKey), undefined);
    };
    yield* dropContainers(state, held);
  }
}

function* withoutUnchanged(base: ReadView, changes: CellChanges): Generator<CompactStep, CellChanges> {
  const changed = new Map<string, Uint8Array | undefined>();
  for (const [key, value] of changes) {
    yield () => {
      const before = base.get(idKeyToBytes(key));
      if (!isSame(before, value)) changed.set(key, value);
    };
  }
  return changed;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}

function typeOf(key: string): ContainerType {
  return must(tagToContainerType(key.charCodeAt(CELL_PREFIX_BYTES - 1)), "a cell key names a type");
}
