/**
 * Installations whose acknowledgements of one context this node gets from themselves: nobody needs to hand those on to
 * it. Where all are connected, nothing is handed on at all.
 */
import { HEARD_ACTORS_MAX } from "./limits.ts";

export class Heard {
  readonly #actorByTeller = new Map<object, string>();
  #version = 0;

  /** Rises whenever `actors` has changed. */
  get version(): number {
    return this.#version;
  }

  actors(): string[] {
    return [...new Set(this.#actorByTeller.values())].sort().slice(0, HEARD_ACTORS_MAX);
  }

  /** `teller` stands for the connection to it. */
  note(teller: object, actorKey: string): void {
    if (this.#actorByTeller.get(teller) === actorKey) return;
    this.#actorByTeller.set(teller, actorKey);
    this.#version++;
  }

  forget(teller: object): void {
    if (this.#actorByTeller.delete(teller)) this.#version++;
  }
}
