/**
 * From a path to what is there. The first segment is the name of a field, of a type that the caller says; each one after
 * it leads from a container to what it holds:
 *
 *   map       a key                    graph     a vertex
 *   tree      a node                   records   a document, then the name of one of its fields
 *   list      an index, a number
 *
 * Nothing is resolved by recursion. A path that fails says at which segment, and why: nothing is there, something of
 * another type is, or the segment is none for what it is used on.
 */
import { err, type Failure, ok, type Result } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { GraphView } from "../graph/graph-view.ts";
import type { Views } from "../handles/handles.ts";
import type { ListView } from "../handles/list.ts";
import type { MapView } from "../handles/map.ts";
import type { TreeView } from "../move-tree/tree-view.ts";
import { childTypes, readFirst, readLast } from "../records/read-record.ts";
import type { RecordsView } from "../records/records.ts";
import type { Value } from "../value.ts";
import { PATH_SEGMENTS_MAX } from "./limits.ts";

export type PathSegment = string | number;
export type Path = readonly PathSegment[];

export type PathFailureCode =
  /** Nothing is there to go on from. */
  | "PATH_MISSING"
  /** Something of another type is there: a value, or another container. */
  | "PATH_TYPE"
  /** No segment for what it is used on, or too many of them. */
  | "PATH_INVALID";

export interface PathFailure extends Failure<PathFailureCode> {
  /** The index of the segment that fails. */
  readonly segment: number;
}

/** A document or a transaction. */
export interface PathSource {
  field<T extends ContainerType>(type: T, name: string): Views[T];
}

export type SpotKind = "absent" | "value" | "record" | ContainerType;

/** A container that a path leads through, and its type. */
export type Held = { readonly [T in ContainerType]: { readonly type: T; readonly handle: Views[T] } }[ContainerType];

/** Where a path ends: within which container, and where in it. */
export type Spot =
  | { readonly within: "root"; readonly held: Held }
  | { readonly within: "map"; readonly map: MapView<Views>; readonly key: string }
  | { readonly within: "tree"; readonly tree: TreeView<Views>; readonly node: string }
  | { readonly within: "graph"; readonly graph: GraphView<Views>; readonly type: GraphType; readonly vertex: string }
  | { readonly within: "list"; readonly list: ListView<Views>; readonly index: number }
  | { readonly within: "records"; readonly records: RecordsView<Views>; readonly id: string }
  | { readonly within: "record"; readonly records: RecordsView<Views>; readonly id: string; readonly name: string };

type GraphType = "graph" | "remove-wins-graph";

/** What a path leads to, and everything that it passes on the way there, from the root on. */
export interface Resolved {
  readonly spot: Spot;
  readonly passed: readonly Held[];
}

export function resolvePath(
  source: PathSource,
  path: Path,
  rootType: ContainerType = "map",
): Result<Resolved, PathFailure> {
  const name = path[0];
  if (typeof name !== "string") return failure("PATH_INVALID", "a path begins with the name of a field", 0);
  if (path.length > PATH_SEGMENTS_MAX) {
    return failure("PATH_INVALID", `a path has at most ${PATH_SEGMENTS_MAX} segments`, PATH_SEGMENTS_MAX);
  }
  let spot: Spot = { within: "root", held: hold(rootType, source.field(rootType, name)) };
  const passed: Held[] = [];
  for (let at = 1; at < path.length; at++) {
    const segment = path[at] as PathSegment;
    const next: Result<Spot, PathFailure> =
      spot.within === "records" && kindAt(spot) === "record"
        ? enterRecord(spot, segment, at)
        : step(spot, segment, at, passed);
    if (!next.ok) return next;
    spot = next.value;
  }
  return ok({ spot, passed });
}

/** What is at a spot. */
export function kindAt(spot: Spot): SpotKind {
  switch (spot.within) {
    case "root":
      return spot.held.type;
    case "map":
      return spot.map.kindOf(spot.key);
    case "tree":
      return spot.tree.has(spot.node) ? spot.tree.contents.kindOf(spot.node) : "absent";
    case "graph":
      return spot.graph.has(spot.vertex) ? spot.graph.contents.kindOf(spot.vertex) : "absent";
    case "list":
      return spot.list.kindOf(spot.index);
    case "records":
      return spot.records.has(spot.id) ? "record" : "absent";
    case "record":
      return fieldKind(spot.records, spot.id, spot.name);
  }
}

/** The value at a spot; undefined when none is. */
export function valueAt(spot: Spot): Value | undefined {
  switch (spot.within) {
    case "map":
      return spot.map.get(spot.key);
    case "tree":
      return spot.tree.has(spot.node) ? spot.tree.contents.get(spot.node) : undefined;
    case "graph":
      return spot.graph.has(spot.vertex) ? spot.graph.contents.get(spot.vertex) : undefined;
    case "list":
      return spot.list.get(spot.index);
    case "record": {
      const cell = spot.records.get(spot.id);
      return cell && (readLast(cell, spot.name) ?? readFirst(cell, spot.name));
    }
    case "root":
    case "records":
      return undefined;
  }
}

/** The container of this type at a spot; undefined when none is. */
export function containerAt<T extends ContainerType>(spot: Spot, type: T): Views[T] | undefined {
  switch (spot.within) {
    case "root":
      // The handle is of the type that stands beside it.
      return spot.held.type === type ? (spot.held.handle as Views[T]) : undefined;
    case "map":
      return spot.map.nested(type, spot.key);
    case "tree":
      return spot.tree.has(spot.node) ? spot.tree.contents.nested(type, spot.node) : undefined;
    case "graph":
      return spot.graph.has(spot.vertex) ? spot.graph.contents.nested(type, spot.vertex) : undefined;
    case "list":
      return spot.list.nested(type, spot.index);
    case "record":
      return spot.records.child(type, spot.id, spot.name);
    case "records":
      return undefined;
  }
}

/** The container at a spot, whatever its type; undefined when none is. */
export function heldAt(spot: Spot): Held | undefined {
  const kind = kindAt(spot);
  if (kind === "absent" || kind === "value" || kind === "record") return undefined;
  const handle = containerAt(spot, kind);
  return handle && hold(kind, handle);
}

export function failure(code: PathFailureCode, message: string, segment: number): { ok: false; error: PathFailure } {
  const { error } = err(code, `${message} (segment ${segment} of the path)`);
  return { ok: false, error: { ...error, segment } };
}

export function hold<T extends ContainerType>(type: T, handle: Views[T]): Held {
  // Both come from one type, which a union cannot say.
  return { type, handle } as Held;
}

function step(spot: Spot, segment: PathSegment, at: number, passed: Held[]): Result<Spot, PathFailure> {
  const held = heldAt(spot);
  if (held === undefined) {
    return kindAt(spot) === "absent"
      ? failure("PATH_MISSING", "nothing is there", at - 1)
      : failure("PATH_TYPE", "a value is there, and no container", at - 1);
  }
  passed.push(held);
  return enter(held, segment, at);
}

function enter(held: Held, segment: PathSegment, at: number): Result<Spot, PathFailure> {
  if (held.type === "list") {
    if (typeof segment !== "number" || !Number.isSafeInteger(segment) || segment < 0) {
      return failure("PATH_INVALID", "an index of a list is a whole number", at);
    }
    return ok({ within: "list", list: held.handle, index: segment });
  }
  if (typeof segment !== "string") return failure("PATH_INVALID", `a segment of a ${held.type} is text`, at);
  switch (held.type) {
    case "map":
      return ok({ within: "map", map: held.handle, key: segment });
    case "tree":
      return ok({ within: "tree", tree: held.handle, node: segment });
    case "graph":
    case "remove-wins-graph":
      return ok({ within: "graph", graph: held.handle, type: held.type, vertex: segment });
    case "records":
      return ok({ within: "records", records: held.handle, id: segment });
    default:
      return failure("PATH_TYPE", `nothing is within a ${held.type}`, at - 1);
  }
}

function enterRecord(
  { records, id }: Extract<Spot, { within: "records" }>,
  segment: PathSegment,
  at: number,
): Result<Spot, PathFailure> {
  if (typeof segment !== "string") return failure("PATH_INVALID", "the name of a field is text", at);
  return ok({ within: "record", records, id, name: segment });
}

/** The type of the child under a name, the first of several; a value when there is none. */
function fieldKind(records: RecordsView<Views>, id: string, name: string): SpotKind {
  const cell = records.get(id);
  if (cell === undefined) return "absent";
  return (
    childTypes(cell, name)[0] ?? ((readLast(cell, name) ?? readFirst(cell, name)) === undefined ? "absent" : "value")
  );
}
