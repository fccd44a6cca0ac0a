/**
 * The containers that come into a container with joins: those that maps and lists are given references to, and what
 * belongs to a container from the start, such as the marks of a text. Nothing is read: ids follow from names.
 */
import type { ActorId, ContainerId } from "../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "./cell-key.ts";
import type { ContainerType } from "./container-type.ts";
import { type Content, isReference } from "./content.ts";
import { elementContainerId } from "./handles/list.ts";
import { type ContainerJoins, decodeJoins } from "./joins/joins.ts";
import type { ListJoins } from "./joins/list-joins.ts";
import type { MapJoins } from "./joins/map-joins.ts";
import type { ElementId } from "./text/anchor.ts";

const NONE: readonly ContainerId[] = [];

/** `actor` is that of the delta. */
export function nestedIn(id: ContainerId, container: ContainerJoins, actor: ActorId): readonly ContainerId[] {
  if (container.type === "map") return nestedInMap(id, container.joins);
  if (container.type === "list") return nestedInList(id, container.joins, actor);
  return NONE;
}

/** Most maps hold values alone: of those nothing is made here. */
function nestedInMap(id: ContainerId, { keys, contents }: MapJoins): readonly ContainerId[] {
  let found: ContainerId[] | undefined;
  for (let i = 0; i < contents.length; i++) {
    const content = contents[i];
    if (!isReference(content)) continue;
    const nested = nestedContainerId(id, keys[i] as string, content.type, content.generation);
    found ??= [];
    found.push(nested, ...partsOf(nested, content.type));
  }
  return found ?? NONE;
}

function nestedInList(id: ContainerId, { births, sets }: ListJoins, actor: ActorId): readonly ContainerId[] {
  const found: ContainerId[] = [];
  const add = (content: Content, element: ElementId): void => {
    if (!isReference(content)) return;
    const nested = elementContainerId(id, content.type, element);
    found.push(nested, ...partsOf(nested, content.type));
  };
  for (const { counter, content } of births) add(content, { actor, counter });
  for (const { target, content } of sets) add(content, { actor: target.actor ?? actor, counter: target.counter });
  return found;
}

export interface Touched {
  /** Documents, by the name of their root container. */
  readonly records: readonly { readonly name: string; readonly ids: readonly string[] }[];
  /** Containers that are named by id. */
  readonly containers: readonly ContainerId[];
}

/** What a blob may change; nothing of a malformed one. */
export function touchedBy(joins: Uint8Array): Touched {
  const records: Touched["records"][number][] = [];
  const containers: ContainerId[] = [];
  for (const container of decodeJoins(joins, (actor) => actor as ActorId) ?? []) {
    const { name } = container;
    if (typeof name !== "string") containers.push(name);
    else if (container.type === "records") records.push({ name, ids: container.joins.ids });
  }
  return { records, containers };
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
