/** The containers directly within one, and how a path goes on to each. */
import type { ContainerType } from "../container-type.ts";
import type { Views } from "../handles/handles.ts";
import type { EntryKind } from "../handles/map.ts";
import { type Held, hold, type PathSegment } from "./resolve.ts";

export interface ChildContainer {
  readonly held: Held;
  /** None for the map of what the nodes of a tree, or the vertices of a graph, hold: the path is that of the tree. */
  readonly segments: readonly PathSegment[];
}

export function childrenOf(held: Held): ChildContainer[] {
  switch (held.type) {
    case "map": {
      const map = held.handle;
      return map.keys().flatMap((key) => childAt(map.kindOf(key), (type) => map.nested(type, key), key));
    }
    case "list": {
      const list = held.handle;
      const indexes = Array.from({ length: list.length }, (_, index) => index);
      return indexes.flatMap((index) => childAt(list.kindOf(index), (type) => list.nested(type, index), index));
    }
    case "tree":
    case "graph":
    case "remove-wins-graph":
      return [{ held: hold("map", held.handle.contents), segments: [] }];
    default:
      return [];
  }
}

function childAt(
  kind: EntryKind,
  nested: <T extends ContainerType>(type: T) => Views[T] | undefined,
  segment: PathSegment,
): ChildContainer[] {
  if (kind === "absent" || kind === "value") return [];
  const handle = nested(kind);
  return handle === undefined ? [] : [{ held: hold(kind, handle), segments: [segment] }];
}
