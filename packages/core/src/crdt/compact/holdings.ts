/** Which containers were put where, by a set of joins and by cells; each is named once, so their order has no meaning. */
import { idKey } from "../../base/index.ts";
import { fieldContainerId } from "../cell-key.ts";
import { decodeJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";
import { originOf } from "../reissue/branch-actor.ts";
import { type Holding, holdingsOfJoins } from "./references.ts";
import { copyActor } from "./remains.ts";

export class Holdings {
  readonly #byName = new Map<string, Holding>();

  /** What one entry of a delta put somewhere. A blob that does not decode puts nothing. */
  addJoins(joins: Uint8Array, origin: Origin): void {
    for (const container of decodeJoins(joins, copyActor) ?? []) {
      const { type, name } = container;
      const id = typeof name === "string" ? fieldContainerId(type, name) : name;
      this.add(holdingsOfJoins(id, container, originOf(container, origin)));
    }
  }

  add(holdings: readonly Holding[]): void {
    for (const holding of holdings) this.#byName.set(`${holding.holder} ${idKey(holding.id)} ${holding.type}`, holding);
  }

  copy(): Holdings {
    const copy = new Holdings();
    for (const [name, holding] of this.#byName) copy.#byName.set(name, holding);
    return copy;
  }

  values(): Iterable<Holding> {
    return this.#byName.values();
  }
}
