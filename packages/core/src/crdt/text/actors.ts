/**
 * The actors of one text, interned to small integers for the columns.
 *
 * Invariant: an interned number depends on the order of arrival and so never decides anything; siblings are ordered
 * by rank, which is the order of the actors' bytes.
 */
import { compareBytes, idKey } from "../../base/index.ts";

export class Actors {
  readonly #numbers = new Map<string, number>();
  readonly #ids: Uint8Array[] = [];
  #ranks: Int32Array = new Int32Array(0);
  #last: Uint8Array | undefined;
  #lastNumber = -1;

  get size(): number {
    return this.#ids.length;
  }

  /** The number of an actor, given at first sight. The same array twice in a row costs one comparison. */
  intern(actor: Uint8Array): number {
    if (actor === this.#last) return this.#lastNumber;
    const key = idKey(actor);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#ids.length;
      this.#numbers.set(key, number);
      this.#ids.push(actor.slice());
      this.#rank();
    }
    this.#last = actor;
    this.#lastNumber = number;
    return number;
  }

  id(number: number): Uint8Array {
    return this.#ids[number] as Uint8Array;
  }

  rank(number: number): number {
    return this.#ranks[number] as number;
  }

  #rank(): void {
    const order = this.#ids.map((_, number) => number).sort((a, b) => compareBytes(this.id(a), this.id(b)));
    this.#ranks = new Int32Array(order.length);
    order.forEach((number, rank) => {
      this.#ranks[number] = rank;
    });
  }
}
