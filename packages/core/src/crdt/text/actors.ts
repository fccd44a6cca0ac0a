/**
 * The actors of one text, interned to small integers for the columns.
 *
 * Invariant: an interned number depends on the order of arrival and so never decides anything; what must be ordered is
 * ordered by the actors' bytes, which is asked on counter ties alone.
 */
import { bytesEqual, compareBytes, EMPTY_BYTES, idKey } from "../../base/index.ts";

/** So many are compared before one is looked up: ids are random, so they differ in their first bytes. */
const COMPARED_MAX = 8;

export class Actors {
  readonly #numbers = new Map<string, number>();
  readonly #ids: Uint8Array[] = [];
  #lastNumber = -1;
  #last: Uint8Array = EMPTY_BYTES;

  /** The number of an actor, given at first sight. Ids are never written to: the array asked last is known by itself. */
  intern(actor: Uint8Array): number {
    if (actor === this.#last) return this.#lastNumber;
    const number = this.#find(actor);
    this.#last = actor;
    this.#lastNumber = number;
    return number;
  }

  id(number: number): Uint8Array {
    return this.#ids[number] as Uint8Array;
  }

  compare(a: number, b: number): number {
    return a === b ? 0 : compareBytes(this.id(a), this.id(b));
  }

  #find(actor: Uint8Array): number {
    const ids = this.#ids;
    for (let i = 0; i < ids.length && i < COMPARED_MAX; i++) {
      if (bytesEqual(ids[i] as Uint8Array, actor)) return i;
    }
    const key = idKey(actor);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = ids.push(actor.slice()) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}
