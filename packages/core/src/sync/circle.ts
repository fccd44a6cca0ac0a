/**
 * The sessions of one context, as signed acknowledgements go between them: who has something new to tell is known
 * without asking each, and whom this node hears from themselves need not be handed on to it by anybody.
 */
import { HEARD_ACTORS_MAX } from "./limits.ts";

/** One session's part of it. */
export interface Teller {
  /** There may be something new to tell. */
  onNews(): void;
}

export class Circle {
  readonly #actorByTeller = new Map<Teller, string | undefined>();
  #version = 0;

  /** Rises whenever `heard` has changed. */
  get version(): number {
    return this.#version;
  }

  /** Installations whose acknowledgements come from themselves. */
  heard(): string[] {
    const actors = new Set([...this.#actorByTeller.values()].flatMap((actor) => actor ?? []));
    return [...actors].sort().slice(0, HEARD_ACTORS_MAX);
  }

  join(teller: Teller): void {
    if (!this.#actorByTeller.has(teller)) this.#actorByTeller.set(teller, undefined);
  }

  /** The installation at the other end of it acknowledges by itself. */
  hears(teller: Teller, actorKey: string): void {
    if (!this.#actorByTeller.has(teller) || this.#actorByTeller.get(teller) === actorKey) return;
    this.#actorByTeller.set(teller, actorKey);
    this.#changed();
  }

  leave(teller: Teller): void {
    const actorKey = this.#actorByTeller.get(teller);
    this.#actorByTeller.delete(teller);
    if (actorKey !== undefined) this.#changed();
  }

  /** Something was acknowledged. */
  tell(): void {
    for (const teller of this.#actorByTeller.keys()) teller.onNews();
  }

  #changed(): void {
    this.#version++;
    this.tell();
  }
}
