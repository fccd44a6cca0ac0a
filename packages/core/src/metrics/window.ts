/**
 * What happened lately, of instruments that only know the whole: marks of their state, taken as time goes by.
 *
 * Two marks are kept, `windowMs` apart at least. A reading tells from the older mark on, so it covers between one and
 * two windows, and from the start until the first is over. Recording costs nothing for it; a mark copies the counts.
 */
export class Window<M> {
  readonly #windowMs: number;
  readonly #take: () => M;
  #older: Mark<M> | undefined;
  #newer: Mark<M>;

  /** `take` gives the state to remember, and `first` is that at `nowMs`. */
  constructor(windowMs: number, nowMs: number, first: M, take: () => M) {
    this.#windowMs = windowMs;
    this.#take = take;
    this.#newer = { atMs: nowMs, state: first };
  }

  /** The state that a reading at `nowMs` starts from, and when that was. */
  start(nowMs: number): Mark<M> {
    if (nowMs - this.#newer.atMs >= this.#windowMs) {
      this.#older = this.#newer;
      this.#newer = { atMs: nowMs, state: this.#take() };
    }
    return this.#older ?? this.#newer;
  }
}

export interface Mark<M> {
  readonly atMs: number;
  readonly state: M;
}
