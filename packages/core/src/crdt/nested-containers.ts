/**
 * The containers that come into a container with joins: those that maps and lists are given references to, and what
 * belongs to a container from the start, such as the marks of a text. Nothing is read: ids follow from names.
 */
import type { ActorId, ContainerId } from "../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "./cell-key.ts";
import type { ContainerType } from "./container-type.ts";
import { type Content, isReference, type Reference } from "./content.ts";
import { elementContainerId } from "./handles/list.ts";
import { type ContainerJoins, decodeJoins } from "./joins/joins.ts";

const NONE: readonly ContainerId[] = [];

/** `actor` is that of the delta. */
export function nestedIn(id: ContainerId, { type, joins }: ContainerJoins, actor: ActorId): readonly ContainerId[] {
  let found = NONE;
  const add = (content: Content, idOf: (reference: Reference) => ContainerId): void => {
    if (!isReference(content)) return;
    const nested = idOf(content);
    found = [...found, nested, ...partsOf(nested, content.type)];
  };
  if (type === "map") {
    for (const [i, content] of joins.contents.entries()) {
      add(content, (reference) => nestedContainerId(id, joins.keys[i] ?? "", reference.type, reference.generation));
    }
  } else if (type === "list") {
    for (const { counter, content } of joins.births) {
      add(content, (reference) => elementContainerId(id, reference.type, { actor, counter }));
    }
    for (const { target, content } of joins.sets) {
      const element = { actor: target.actor ?? actor, counter: target.counter };
      add(content, (reference) => elementContainerId(id, reference.type, element));
    }
  }
  return found;
}

/** The containers that a blob changes and names by id; none of a malformed one. */
export function nestedNames(joins: Uint8Array): ContainerId[] {
  const containers = decodeJoins(joins, (actor) => actor as ActorId) ?? [];
  return containers.flatMap(({ name }) => (typeof name === "string" ? [] : [name]));
}

/** The map of what the nodes of a tree or the vertices of a graph hold. */
export function contentsOf(container: ContainerId, type: ContainerType): ContainerId | undefined {
  const hasContents = type === "tree" || type === "graph" || type === "remove-wins-graph";
  return hasContents ? nestedContainerId(container, "contents", "map", GENERATION_ZERO) : undefined;
}

/** What belongs to a container of this type, beside it. */
export function partsOf(container: ContainerId, type: ContainerType): ContainerId[] {
  if (type === "text") return [nestedContainerId(container, "", "marks", GENERATION_ZERO)];
  const contents = contentsOf(container, type);
  return contents === undefined ? [] : [contents];
}
