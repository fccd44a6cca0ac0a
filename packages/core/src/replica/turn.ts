/**
 * A replica's turn at a store that others have open as well: what waits for it, and what follows when others commit.
 *
 * Invariant: while `isMine`, the replica has taken in all that is in the store, and nobody else commits. Of a store that
 * nobody shares the turn is always one's own, and none of this costs anything.
 */
import type { Turns } from "../base/index.ts";

export interface TurnOptions {
  readonly turns: Turns | undefined;
  /** Takes in what others committed. */
  readonly catchUp: () => Promise<void>;
  /** The turn has begun: what waited may run. */
  readonly onBegin: () => void;
  /** The store shows what others committed, from now on. */
  readonly onNews: () => void;
  readonly onFailure: (thrown: unknown) => void;
}

type State = "away" | "waiting" | "mine";

export class Turn {
  readonly #options: TurnOptions;
  readonly #stopNews: () => void;
  #state: State;
  #working: Promise<void> = Promise.resolve();

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#state = options.turns === undefined ? "mine" : "away";
    this.#stopNews = options.turns?.onNews(() => this.#onNews()) ?? (() => {});
  }

  get isMine(): boolean {
    return this.#state === "mine";
  }

  /** Asks for the turn, unless it is asked for already. */
  ask(): void {
    if (this.#state === "away") {
      this.#state = "waiting";
      void this.#begin();
    }
  }

  /** Lets others write, when nothing of one's own is under way. */
  end(): void {
    const { turns } = this.#options;
    if (turns === undefined || this.#state !== "mine") return;
    this.#state = "away";
    turns.leave();
  }

  /** Ends it for good. */
  close(): void {
    this.#stopNews();
    this.end();
  }

  async #begin(): Promise<void> {
    const { turns, onBegin, onFailure } = this.#options;
    try {
      await turns?.enter();
    } catch (thrown) {
      this.#state = "away";
      onFailure(thrown);
      return;
    }
    try {
      await this.#work();
      this.#state = "mine";
    } catch (thrown) {
      this.#state = "away";
      turns?.leave();
      onFailure(thrown);
      return;
    }
    onBegin();
  }

  #onNews(): void {
    this.#options.onNews();
    // A turn that is about to begin takes it in by itself.
    if (this.#state === "away") this.#work().catch(this.#options.onFailure);
  }

  /** One after the other: both would append the same deltas. */
  #work(): Promise<void> {
    const next = this.#working.then(this.#options.catchUp);
    this.#working = next.catch(() => {});
    return next;
  }
}
