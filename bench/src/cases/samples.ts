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

  add(figure: string, value: number): void {
    this.figures[figure] ??= [];
    this.figures[figure].push(value);
  }
}
