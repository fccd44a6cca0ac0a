/** Counters by dotted name, which add up over nodes, incarnations and runs. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string, by: number = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  addAll(counts: Iterable<readonly [string, number]>): void {
    for (const [name, by] of counts) this.add(name, by);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** In order of name. */
  entries(): (readonly [string, number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
