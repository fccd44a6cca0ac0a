/**
 * Writing by path within a transaction. What cannot be written is refused with the segment that fails; `ensure` alone
 * creates what is missing on the way, as maps, and never replaces what is there.
 */
import { must } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { Writers } from "../handles/handles.ts";
import { WriteRefused } from "../refusal.ts";
import type { Transaction } from "../transaction.ts";
import type { Value } from "../value.ts";
import { PathView } from "./path-view.ts";
import { containerAt, failure, kindAt, type Path, type PathFailure, resolvePath, type Spot } from "./resolve.ts";

/** A write whose path leads nowhere. */
export class PathRefused extends WriteRefused {
  /** The index of the segment that fails. */
  readonly segment: number;
  constructor({ code, message, segment }: PathFailure) {
    super(code, message);
    this.segment = segment;
  }
}

/** As `at`, to write. */
export function edit(tx: Transaction, path: Path, rootType: ContainerType = "map"): PathWriter {
  return new PathWriter(tx, path, rootType);
}

export class PathWriter extends PathView {
  readonly #tx: Transaction;

  constructor(tx: Transaction, path: Path, rootType: ContainerType) {
    super(tx, path, rootType);
    this.#tx = tx;
  }

  /** Puts a value there, in place of whatever is. The container that holds it must be there. */
  set(value: Value): void {
    const spot = this.#spot(this.path);
    switch (spot.within) {
      case "map":
        this.#tx.resolve("map", spot.map.target.id).set(spot.key, value);
        return;
      case "tree":
      case "graph":
        this.#tx.resolve("map", this.#contentsOf(spot, this.path.length - 1).target.id).set(keyOf(spot), value);
        return;
      case "list":
        this.#tx.resolve("list", spot.list.target.id).set(spot.index, value);
        return;
      case "record":
        this.#tx.resolve("records", spot.records.target.id).edit(spot.id).set(spot.name, value);
        return;
      case "root":
      case "records":
        throw this.#refused("PATH_TYPE", "a container stands here, and no value");
    }
  }

  /**
   * Removes what is there: an entry, an element, a document, the value of its field; a node with all below it, to the
   * trash; a vertex. Whether anything was.
   */
  delete(): boolean {
    const resolved = resolvePath(this.#tx, this.path, this.rootType);
    if (!resolved.ok) return false;
    const { spot } = resolved.value;
    switch (spot.within) {
      case "map":
        return this.#tx.resolve("map", spot.map.target.id).delete(spot.key);
      case "tree":
        return this.#tx.resolve("tree", spot.tree.target.id).remove(spot.node);
      case "graph":
        return this.#tx.resolve(spot.type, spot.graph.target.id).removeVertex(spot.vertex);
      case "records":
        return this.#tx.resolve("records", spot.records.target.id).delete(spot.id);
      case "list":
        if (kindAt(spot) === "absent") return false;
        this.#tx.resolve("list", spot.list.target.id).delete(spot.index);
        return true;
      case "record":
        return this.#clearField(spot);
      case "root":
        throw this.#refused("PATH_TYPE", "a field of the document cannot be deleted");
    }
  }

  /** The container of this type there, created with the maps on the way to it when it is missing. */
  ensure<T extends ContainerType>(type: T): Writers[T] {
    for (let length = 2; length < this.path.length; length++) {
      const spot = this.#spot(this.path.slice(0, length));
      // A document has fields, and what is in the way is refused when the next segment is resolved.
      if (kindAt(spot) === "absent") this.#create(spot, "map", length - 1);
    }
    const spot = this.#spot(this.path);
    const kind = kindAt(spot);
    if (kind === "absent") return this.#create(spot, type, this.path.length - 1);
    if (kind !== type) throw this.#refused("PATH_TYPE", `a ${kind} is there, and no ${type}`);
    return this.#tx.resolve(type, must(containerAt(spot, type), "it is of this type").target.id);
  }

  override container<T extends ContainerType>(type: T): Writers[T] | undefined {
    const found = super.container(type);
    return found && this.#tx.resolve(type, found.target.id);
  }

  #create<T extends ContainerType>(spot: Spot, type: T, segment: number): Writers[T] {
    switch (spot.within) {
      case "map":
        return this.#tx.resolve("map", spot.map.target.id).child(type, spot.key);
      case "tree":
      case "graph":
        return this.#tx.resolve("map", this.#contentsOf(spot, segment).target.id).child(type, keyOf(spot));
      case "record":
        return this.#tx.resolve("records", spot.records.target.id).edit(spot.id).child(type, spot.name);
      default:
        throw new PathRefused(failure("PATH_MISSING", "nothing is there, and no map can be", segment).error);
    }
  }

  #clearField({ records, id, name }: Extract<Spot, { within: "record" }>): boolean {
    const kind = kindAt({ within: "record", records, id, name });
    if (kind === "absent") return false;
    if (kind !== "value") throw this.#refused("PATH_TYPE", "the child of a document goes with its document");
    this.#tx.resolve("records", records.target.id).edit(id).clear(name);
    return true;
  }

  /** The map of what nodes or vertices hold; the node or vertex must be there. */
  #contentsOf(spot: Extract<Spot, { within: "tree" | "graph" }>, segment: number): Writers["map"] {
    const isThere = spot.within === "tree" ? spot.tree.has(spot.node) : spot.graph.has(spot.vertex);
    if (!isThere) throw new PathRefused(failure("PATH_MISSING", "no such node or vertex is there", segment).error);
    const contents = spot.within === "tree" ? spot.tree.contents : spot.graph.contents;
    return this.#tx.resolve("map", contents.target.id);
  }

  #spot(path: Path): Spot {
    const resolved = resolvePath(this.#tx, path, this.rootType);
    if (!resolved.ok) throw new PathRefused(resolved.error);
    return resolved.value.spot;
  }

  #refused(code: PathFailure["code"], message: string): PathRefused {
    return new PathRefused(failure(code, message, this.path.length - 1).error);
  }
}

function keyOf(spot: Extract<Spot, { within: "tree" | "graph" }>): string {
  return spot.within === "tree" ? spot.node : spot.vertex;
}
