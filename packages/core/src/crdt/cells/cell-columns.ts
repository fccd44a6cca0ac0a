/**
 * Where a container holds its cells: columns by slot. An empty slot has no cell.
 *
 * `PlainColumns` keeps cells as objects, for kinds whose cells differ in shape; `LastWriterColumns` takes them apart.
 */

export interface CellColumns<C> {
  /** How many slots hold a cell that shows. */
  readonly liveCount: number;
  get(slot: number): C | undefined;
  set(slot: number, cell: C | undefined): void;
  isEmpty(slot: number): boolean;
  /** Whether a slot holds what `get` gave before, with no `set` of another cell between. */
  holds(slot: number, cell: C | undefined): boolean;
  /** Gives back memory beyond `slotEnd` slots. */
  trim(slotEnd: number): void;
}

export class PlainColumns<C> implements CellColumns<C> {
  liveCount = 0;
  readonly #isLive: (cell: C) => boolean;
  #cells: (C | undefined)[] = [];

  constructor(isLive: (cell: C) => boolean) {
    this.#isLive = isLive;
  }

  get(slot: number): C | undefined {
    return this.#cells[slot];
  }

  set(slot: number, cell: C | undefined): void {
    const previous = this.#cells[slot];
    if (previous !== undefined && this.#isLive(previous)) this.liveCount--;
    // As the keys of a `KeyIndex`: of one cell mostly.
    if (slot === 0 && this.#cells.length === 0) this.#cells = [cell];
    else this.#cells[slot] = cell;
    if (cell !== undefined && this.#isLive(cell)) this.liveCount++;
  }

  isEmpty(slot: number): boolean {
    return this.#cells[slot] === undefined;
  }

  holds(slot: number, cell: C | undefined): boolean {
    return this.#cells[slot] === cell;
  }

  trim(slotEnd: number): void {
    if (this.#cells.length > slotEnd) this.#cells.length = slotEnd;
  }
}
