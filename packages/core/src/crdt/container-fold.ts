/**
 * Some containers, with all that is in them, made of joins alone, apart from any document: what they were for whoever
 * held exactly those joins. What is nested is found by the references in the joins, which come no later than what is
 * written in it. A malformed blob counts as empty.
 */
import { type ActorId, type ContainerId, idKey } from "../base/index.ts";
import type { ContainerType } from "./container-type.ts";
import { Document } from "./document.ts";
import type { Views } from "./handles/handles.ts";
import { type ContainerJoins, decodeJoins, encodeJoins } from "./joins/joins.ts";
import { nestedIn, partsOf } from "./nested-containers.ts";
import type { Origin } from "./origin.ts";
import { originOf } from "./reissue/branch-actor.ts";

export class ContainerFold {
  readonly #document = new Document({ get: () => undefined, range: () => [] });
  readonly #wanted = new Set<string>();

  add(type: ContainerType, id: ContainerId): void {
    for (const wanted of [id, ...partsOf(id, type)]) this.#wanted.add(idKey(wanted));
  }

  view<T extends ContainerType>(type: T, id: ContainerId): Views[T] {
    return this.#document.resolve(type, id);
  }

  /** Joins a delta entry, after those that its author had seen; twice is all the same. */
  apply(joins: Uint8Array, origin: Origin): void {
    const wanted: ContainerJoins[] = [];
    let rest: readonly ContainerJoins[] = decodeJoins(joins, (actor) => actor.slice() as ActorId) ?? [];
    for (let known = -1; known < wanted.length; ) {
      known = wanted.length;
      const others: ContainerJoins[] = [];
      for (const container of rest) {
        const { name } = container;
        if (typeof name !== "string" && this.#wanted.has(idKey(name))) {
          wanted.push(container);
          for (const id of nestedIn(name, container, originOf(container, origin).actor)) this.#wanted.add(idKey(id));
        } else others.push(container);
      }
      rest = others;
    }
    if (wanted.length > 0) this.#document.apply(encodeJoins(wanted), origin);
  }
}
