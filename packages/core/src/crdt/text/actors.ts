/**
 * The actors of one text, interned to small integers for the columns.
 *
 * Invariant: an interned number depends on the order of arrival and so never decides anything; what must be ordered is
 * ordered by the actors' bytes, which is asked on counter ties alone.
 */
import { bytesEqual, compareBytes, EMPTY_BYTES, idKey } from "../../base/index.ts";

export class Actors {
  readonly #numbers = new Map<string, number>();
  readonly #ids: Uint8Array[] = [];
  #lastNumber = -1;
  #last: Uint8Array = EMPTY_BYTES;

  /** The number of an actor, given at first sight. The one asked last is found without a lookup. */
  intern(actor: Uint8Array): number {
    if (actor === this.#last || bytesEqual(actor, this.#last)) return this.#lastNumber;
    const key = idKey(actor);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#ids.push(actor.slice()) - 1;
      this.#numbers.set(key, number);
    }
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
}
