/**
 * A state without its tombstones. Given the compacted state of a checkpoint, the cells that the deltas since then made
 * of it and what their joins put where, it gives the compacted state after them, as changes of the first: so it costs
 * what has changed, not what there is. A function of the two states and of the set of joins, whatever their order.
 *
 * Laws (`compact.prop.test.ts`): compacting again changes nothing; what is shown stays as it was.
 */
import { bytesEqual, concatBytes, containerId, idKey, idKeyToBytes, must, type ReadView } from "../../base/index.ts";
import { CELL_PREFIX_BYTES, cellPrefix, prefixRange } from "../cell-key.ts";
import { type ContainerType, tagToContainerType } from "../container-type.ts";
import { type HiddenNodes, hiddenNodes } from "./hidden-nodes.ts";
import type { Holdings } from "./holdings.ts";
import { type CellChanges, Overlay } from "./overlay.ts";
import { type ContainerRef, contentsId, holdingsOfCell, partsOf } from "./references.ts";
import { remainsOf } from "./remains.ts";

/**
 * The changes of `base` that make the compacted state. `touched`: the cells that the deltas changed, as they made them;
 * `written`: what the joins of the deltas put somewhere.
 */
export function compactState(base: ReadView, touched: CellChanges, written: Holdings): CellChanges {
  const state = new Overlay(base, touched);
  const holdings = written.copy();
  for (const key of touched.keys()) {
    const cellKey = idKeyToBytes(key);
    const before = base.get(cellKey);
    if (before !== undefined) holdings.add(holdingsOfCell(typeOf(key), cellKey, before));
  }
  for (const holding of holdings.values()) {
    const value = state.get(idKeyToBytes(holding.holder));
    if (value === undefined || !holding.isHeldBy(value)) dropContainer(state, holding);
  }
  for (const prefix of new Set([...touched.keys()].map((key) => key.slice(0, CELL_PREFIX_BYTES)))) {
    if (typeOf(prefix) === "tree") dropHidden(state, prefix);
  }
  for (const [key, value] of [...state.changes]) {
    if (value !== undefined) state.set(key, remainsOf(typeOf(key), value));
  }
  return withoutUnchanged(base, state.changes);
}

/** Takes away all cells of a container, and of those that it holds. */
function dropContainer(state: Overlay, dropped: ContainerRef): void {
  const waiting: ContainerRef[] = [dropped];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const rows = [...state.range(prefixRange(cellPrefix(next.type, next.id)))];
    for (const [cellKey, value] of rows) {
      waiting.push(...holdingsOfCell(next.type, cellKey, value));
      state.set(idKey(cellKey), undefined);
    }
    // A text without cells may have marks that came before it.
    waiting.push(...partsOf(next));
  }
}

/** Takes away the places of a tree's hidden nodes, and what they held. */
function dropHidden(state: Overlay, prefix: string): void {
  const prefixBytes = idKeyToBytes(prefix);
  const cells = new Map<string, Uint8Array>();
  for (const [cellKey, value] of state.range(prefixRange(prefixBytes))) {
    cells.set(idKey(cellKey.subarray(CELL_PREFIX_BYTES)), value.slice());
  }
  const hidden = hiddenNodes(cells);
  for (const entryKey of hidden.places) state.set(prefix + entryKey, undefined);
  dropContents(state, prefixBytes, hidden);
}

function dropContents(state: Overlay, tree: Uint8Array, { nodes }: HiddenNodes): void {
  const contents = cellPrefix("map", contentsId(containerId(tree.slice(0, CELL_PREFIX_BYTES - 1))));
  for (const node of nodes) {
    const cellKey = concatBytes(contents, idKeyToBytes(node));
    const value = state.get(cellKey);
    if (value === undefined) continue;
    for (const held of holdingsOfCell("map", cellKey, value)) dropContainer(state, held);
    state.set(idKey(cellKey), undefined);
  }
}

function withoutUnchanged(base: ReadView, changes: CellChanges): CellChanges {
  const changed = new Map<string, Uint8Array | undefined>();
  for (const [key, value] of changes) {
    const before = base.get(idKeyToBytes(key));
    if (value === undefined ? before !== undefined : before === undefined || !bytesEqual(before, value)) {
      changed.set(key, value);
    }
  }
  return changed;
}

function typeOf(key: string): ContainerType {
  return must(tagToContainerType(key.charCodeAt(CELL_PREFIX_BYTES - 1)), "a cell key names a type");
}
