/**
 * What a branch put into containers that hang at list elements which are issued again: those have new ids, and so has
 * what is in them, since the id of a nested container follows from what holds it. The joins are copied to the new ids.
 *
 * Of what others put there nothing is copied: whose it was is not to be told. Left out: collections of documents, which
 * no list holds.
 */
import { type ActorId, bytesEqual, type ContainerId, compareBytes, idKey } from "../../base/index.ts";
import { nestedContainerId } from "../cell-key.ts";
import type { ContainerType } from "../container-type.ts";
import { type Content, isReference } from "../content.ts";
import { elementContainerId } from "../handles/list.ts";
import type { ContainerJoins, ContainerName } from "../joins/joins.ts";
import { partsOf } from "../nested-containers.ts";
import type { Anchor } from "../text/anchor.ts";
import { reissuedCounter } from "./element-joins.ts";

export class NestedCopies {
  readonly #actor: ActorId;
  readonly #own: ActorId;
  /** New ids by old ones. */
  readonly #idByOld = new Map<string, ContainerId>();

  /** `own` is the actor of the branch, as which it is issued again. */
  constructor(actor: ActorId, own: ActorId) {
    this.#actor = actor;
    this.#own = own;
  }

  /** A container in a list's element that is issued again. */
  add(list: ContainerId, type: ContainerType, counter: number): void {
    const old = elementContainerId(list, type, { actor: this.#actor, counter });
    const id = elementContainerId(list, type, { actor: this.#own, counter: reissuedCounter(counter) });
    this.#note(type, old, id);
  }

  isCopied(name: ContainerName): boolean {
    return typeof name !== "string" && this.#idByOld.has(idKey(name));
  }

  /** Of the joins of one call those that are to be copied, under their new ids. */
  take(containers: readonly ContainerJoins[]): ContainerJoins[] {
    const copied: ContainerJoins[] = [];
    let rest = containers;
    for (let known = -1; known < copied.length; ) {
      known = copied.length;
      const others: ContainerJoins[] = [];
      for (const container of rest) {
        const id = typeof container.name === "string" ? undefined : this.#idByOld.get(idKey(container.name));
        if (id === undefined) others.push(container);
        else copied.push(...this.#copy(container, id));
      }
      rest = others;
    }
    return copied;
  }

  #copy(container: ContainerJoins, id: ContainerId): ContainerJoins[] {
    const old = container.name as ContainerId;
    switch (container.type) {
      case "records":
        return [];
      case "map": {
        const { keys, contents } = container.joins;
        for (const [i, content] of contents.entries()) this.#noteEntry(old, id, keys[i] as string, content);
        return [{ ...container, name: id }];
      }
      case "list": {
        for (const { counter, content } of container.joins.births) this.#noteElement(old, id, counter, content);
        for (const { target, content } of container.joins.sets) {
          if (target.actor === undefined) this.#noteElement(old, id, target.counter, content);
        }
        return [{ ...container, name: id }];
      }
      case "set":
      case "graph": {
        const joins = container.joins.map((join) => ({ ...join, removals: this.#rename(join.removals) }));
        return [{ ...container, name: id, joins }];
      }
      case "remove-wins-set":
      case "remove-wins-graph": {
        const joins = container.joins.map((join) => ({ ...join, undone: join.undone && this.#rename(join.undone) }));
        return [{ ...container, name: id, joins }];
      }
      case "multi-register": {
        const { content, seen } = container.joins;
        return [{ ...container, name: id, joins: { content, seen: this.#rename(seen) } }];
      }
      case "marks": {
        const joins = container.joins.map((mark) => {
          return { ...mark, from: this.#renameAnchor(mark.from), to: this.#renameAnchor(mark.to) };
        });
        return [{ ...container, name: id, joins }];
      }
      default:
        return [{ ...container, name: id }];
    }
  }

  #noteEntry(old: ContainerId, id: ContainerId, key: string, content: Content): void {
    if (!isReference(content)) return;
    const { type, generation } = content;
    this.#note(type, nestedContainerId(old, key, type, generation), nestedContainerId(id, key, type, generation));
  }

  #noteElement(old: ContainerId, id: ContainerId, counter: number, content: Content): void {
    if (!isReference(content)) return;
    const { type } = content;
    const from = elementContainerId(old, type, { actor: this.#actor, counter });
    this.#note(type, from, elementContainerId(id, type, { actor: this.#own, counter }));
  }

  #note(type: ContainerType, old: ContainerId, id: ContainerId): void {
    this.#idByOld.set(idKey(old), id);
    const parts = partsOf(id, type);
    for (const [i, part] of partsOf(old, type).entries()) this.#idByOld.set(idKey(part), parts[i] as ContainerId);
  }

  /** Ascending by actor again. */
  #rename<E extends { readonly actor: ActorId }>(entries: readonly E[]): E[] {
    const renamed = entries.map((entry) =>
      bytesEqual(entry.actor, this.#actor) ? { ...entry, actor: this.#own } : entry,
    );
    return renamed.sort((a, b) => compareBytes(a.actor, b.actor));
  }

  #renameAnchor(anchor: Anchor): Anchor {
    const isNamed = anchor.at === "before" || anchor.at === "after";
    return isNamed && bytesEqual(anchor.actor, this.#actor) ? { ...anchor, actor: this.#own } : anchor;
  }
}
