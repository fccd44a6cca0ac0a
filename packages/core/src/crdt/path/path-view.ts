/** A place in a document by its path: what is there when it is asked, never what was. */
import type { ContainerType } from "../container-type.ts";
import type { Views } from "../handles/handles.ts";
import type { Value } from "../value.ts";
import {
  containerAt,
  kindAt,
  type Path,
  type PathFailure,
  type PathSource,
  resolvePath,
  type SpotKind,
  valueAt,
} from "./resolve.ts";

/**
 * The place that a path leads to, in a document or as a transaction sees it. The first segment is the name of a field;
 * `rootType` is the field's type.
 */
export function at(source: PathSource, path: Path, rootType: ContainerType = "map"): PathView {
  return new PathView(source, path, rootType);
}

export class PathView {
  readonly path: Path;
  protected readonly rootType: ContainerType;
  readonly #source: PathSource;

  constructor(source: PathSource, path: Path, rootType: ContainerType) {
    this.path = path;
    this.rootType = rootType;
    this.#source = source;
  }

  /** Why the path leads nowhere, and at which segment; undefined when it leads on as far as its last one. */
  problem(): PathFailure | undefined {
    const resolved = resolvePath(this.#source, this.path, this.rootType);
    return resolved.ok ? undefined : resolved.error;
  }

  /** What is there; "absent" also when the path leads nowhere. */
  kind(): SpotKind {
    const resolved = resolvePath(this.#source, this.path, this.rootType);
    return resolved.ok ? kindAt(resolved.value.spot) : "absent";
  }

  /** The value there; undefined when there is none. */
  get(): Value | undefined {
    const resolved = resolvePath(this.#source, this.path, this.rootType);
    return resolved.ok ? valueAt(resolved.value.spot) : undefined;
  }

  /** The container of this type there; undefined when there is none. */
  container<T extends ContainerType>(type: T): Views[T] | undefined {
    const resolved = resolvePath(this.#source, this.path, this.rootType);
    return resolved.ok ? containerAt(resolved.value.spot, type) : undefined;
  }
}
