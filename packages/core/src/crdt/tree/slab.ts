/** Records of one width in one growing array: they cost no object each, and go by number. */
const RECORDS_INITIAL = 16;

export class ByteSlab {
  readonly width: number;
  items: Uint8Array;
  #count = 0;

  constructor(width: number) {
    this.width = width;
    this.items = new Uint8Array(width * RECORDS_INITIAL);
  }

  get count(): number {
    return this.#count;
  }

  /** The number of a new record, all zero. */
  add(): number {
    if ((this.#count + 1) * this.width > this.items.length) {
      const grown = new Uint8Array(this.items.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    return this.#count++;
  }
}

export class NumberSlab {
  readonly width: number;
  items: Int32Array;
  #count = 0;

  constructor(width: number) {
    this.width = width;
    this.items = new Int32Array(width * RECORDS_INITIAL);
  }

  /** The number of a new record, all zero. */
  add(): number {
    if ((this.#count + 1) * this.width > this.items.length) {
      const grown = new Int32Array(this.items.length * 2);
      grown.set(this.items);
      this.items = grown;
    }
    return this.#count++;
  }
}
