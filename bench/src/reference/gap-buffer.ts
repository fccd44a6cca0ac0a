/** The plainest fast text: one array of UTF-16 units with a gap where the last edit was. No history, no merging. */
const UNITS_INITIAL = 4096;

export class GapBuffer {
  #units = new Uint16Array(UNITS_INITIAL);
  #gapStart = 0;
  #gapEnd: number = UNITS_INITIAL;

  splice(position: number, deleted: number, inserted: string): void {
    this.#moveGap(position);
    this.#gapEnd += deleted;
    if (this.#gapEnd - this.#gapStart < inserted.length) this.#grow(inserted.length);
    for (let i = 0; i < inserted.length; i++) this.#units[this.#gapStart++] = inserted.charCodeAt(i);
  }

  toString(): string {
    const decoder = new TextDecoder("utf-16le");
    return decoder.decode(this.#units.slice(0, this.#gapStart)) + decoder.decode(this.#units.slice(this.#gapEnd));
  }

  #moveGap(position: number): void {
    const by = position - this.#gapStart;
    if (by < 0) this.#units.copyWithin(this.#gapEnd + by, position, this.#gapStart);
    else this.#units.copyWithin(this.#gapStart, this.#gapEnd, this.#gapEnd + by);
    this.#gapStart += by;
    this.#gapEnd += by;
  }

  #grow(needed: number): void {
    const grown = new Uint16Array(2 * this.#units.length + needed);
    grown.set(this.#units.subarray(0, this.#gapStart));
    const tail = this.#units.subarray(this.#gapEnd);
    grown.set(tail, grown.length - tail.length);
    this.#gapEnd = grown.length - tail.length;
    this.#units = grown;
  }
}
