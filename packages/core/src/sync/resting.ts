/**
 * Contexts that an engine shares without holding them: offered to peers like any other, and opened when a peer turns
 * out to share one, or asks to be added to it. What such a peer said waits until then.
 *
 * Refuses to keep more than a bounded number of words for one context: whoever said them says them again.
 */
import { type ContextId, idKey } from "../base/index.ts";
import { RESTING_WORDS_MAX } from "./limits.ts";

export interface RestingContext {
  readonly context: ContextId;
  /** Somebody needs it: `addContext` is to follow, or `removeContext` when it cannot be opened. */
  readonly wake: () => void;
}

interface Resting extends RestingContext {
  readonly waiting: (() => unknown)[];
}

export class RestingContexts {
  readonly #contexts = new Map<string, Resting>();

  add(resting: RestingContext): void {
    this.#contexts.set(idKey(resting.context), { ...resting, waiting: [] });
  }

  ids(): ContextId[] {
    return [...this.#contexts.values()].map(({ context }) => context);
  }

  has(key: string): boolean {
    return this.#contexts.has(key);
  }

  /** Has the context opened, if it is one that rests; `then` runs once it is open. */
  wake(key: string, then?: () => unknown): void {
    const resting = this.#contexts.get(key);
    if (!resting) return;
    if (then && resting.waiting.length < RESTING_WORDS_MAX) resting.waiting.push(then);
    resting.wake();
  }

  /** It is open now, or gone: what waits for it, or undefined when it did not rest. */
  take(key: string): readonly (() => unknown)[] | undefined {
    const resting = this.#contexts.get(key);
    this.#contexts.delete(key);
    return resting?.waiting;
  }
}
