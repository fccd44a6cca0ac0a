/** Samples by figure, as a case collects them. */
export class Samples {
  readonly figures: { [figure: string]: number[] } = {};

  /** Times one call, in milliseconds. */
  time<T>(figure: string, work: () => T): T {
    const started = performance.now();
    const result = work();
    this.add(figure, performance.now() - started);
    return result;
  }

  async timeAsync<T>(figure: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.add(figure, performance.now() - started);
    return result;
  }

  /** Times `count` equal works that one call does, in microseconds for each. */
  each(figure: string, count: number, work: () => void): void {
    const started = performance.now();
    work();
    this.add(figure, ((performance.now() - started) * 1000) / count);
  }

  add(figure: string, value: number): void {
    this.figures[figure] ??= [];
    this.figures[figure].push(value);
  }
}
