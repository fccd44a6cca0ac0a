/** Work that runs side by side, so much of it at once. A failure shows at the next call and at the end. */
export class Lane {
  readonly #width: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly thrown: unknown } | undefined;

  constructor(width: number) {
    this.#width = width;
  }

  /** Starts the work; resolves as soon as there is room for more. */
  async run(work: () => Promise<void>): Promise<void> {
    this.#rethrow();
    const running: Promise<void> = work()
      .catch((thrown) => {
        this.#failure ??= { thrown };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    if (this.#running.size >= this.#width) await Promise.race(this.#running);
  }

  /** Resolves once all work has ended; rejects when any of it failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
    this.#rethrow();
  }

  #rethrow(): void {
    if (this.#failure) throw this.#failure.thrown;
  }
}
