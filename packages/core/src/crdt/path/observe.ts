/**
 * Observing what lies at and below a path: told of the containers and documents that changed, it tells which paths they
 * are at. It is told the way a document's derivation is, and calls back at `flush`, which follows every commit and every
 * applied delta, so that no callback runs in the middle of one.
 *
 * It follows each container below the path, found by looking once and again into those that changed: a change costs its
 * own container, not the whole. What leads to the path is followed too, so that an observer may wait for what is not
 * there yet, and hears when another takes its place. Not followed are the children of documents: there may be millions.
 * An observer with more below it than it can follow is called back for every change, with its own path.
 */
import { type ContainerId, idKey } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import { childrenOf } from "./children.ts";
import { OBSERVED_CONTAINERS_MAX } from "./limits.ts";
import { type Held, heldAt, kindAt, type Path, type PathSource, resolvePath } from "./resolve.ts";

/** Called with the paths that changed, or may have: the observed one, and those of containers and documents below it. */
export type PathCallback = (changed: readonly Path[]) => void;

interface Observer {
  readonly path: Path;
  readonly rootType: ContainerType;
  readonly callback: PathCallback;
  /** The containers on the way to the path; the last of them holds what is there. */
  way: ReadonlySet<string>;
  /** Names the container at the path, while one is. */
  end: string | undefined;
  /** The containers at and below the path. */
  readonly below: Map<string, Followed>;
  /** Whether there are containers below that it does not follow, for there are too many. */
  isFull: boolean;
}

interface Followed {
  readonly held: Held;
  readonly path: Path;
  /** Of those directly below it. */
  children: readonly string[];
}

interface Changes {
  readonly containers: ReadonlySet<string>;
  /** Ids of documents, by the container that holds them. */
  readonly records: ReadonlyMap<string, ReadonlySet<string>>;
}

export class PathObservers {
  readonly #source: PathSource;
  readonly #observers = new Set<Observer>();
  #containers = new Set<string>();
  #records = new Map<string, Set<string>>();

  constructor(source: PathSource) {
    this.#source = source;
  }

  /** Calls back after each commit that changed something at or below the path, until it is disposed of. */
  observe(path: Path, callback: PathCallback, rootType: ContainerType = "map"): Disposable {
    const observer: Observer = {
      path,
      rootType,
      callback,
      way: new Set(),
      end: undefined,
      below: new Map(),
      isFull: false,
    };
    findEnd(observer, this.#source);
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** A container changed, or may have. Reads nothing. */
  onContainer(id: ContainerId): void {
    if (this.#observers.size > 0) this.#containers.add(idKey(id));
  }

  /** A document changed. Reads nothing. */
  onRecord(container: ContainerId, id: string): void {
    if (this.#observers.size === 0) return;
    const key = idKey(container);
    const known = this.#records.get(key);
    if (known === undefined) this.#records.set(key, new Set([id]));
    else known.add(id);
  }

  /** Calls back for all that was told since the last flush. */
  flush(): void {
    if (this.#containers.size === 0 && this.#records.size === 0) return;
    const changes: Changes = { containers: this.#containers, records: this.#records };
    this.#containers = new Set();
    this.#records = new Map();
    const calls = [...this.#observers].map((observer) => ({ observer, paths: this.#changedPaths(observer, changes) }));
    for (const { observer, paths } of calls) {
      if (paths.length > 0 && this.#observers.has(observer)) observer.callback(paths);
    }
  }

  #changedPaths(observer: Observer, changes: Changes): Path[] {
    const paths: Path[] = [];
    if (touches(observer.way, changes)) {
      const before = observer.end;
      findEnd(observer, this.#source);
      // Of a value there is no telling: the container that holds it changed.
      if (before !== observer.end || observer.end === undefined) paths.push(observer.path);
    }
    for (const key of changes.containers) follow(observer, key);
    for (const [key, { path }] of observer.below) {
      const isWhole = changes.containers.has(key);
      if (isWhole && !paths.includes(path)) paths.push(path);
      for (const id of changes.records.get(key) ?? []) paths.push([...path, id]);
    }
    // Whatever changed may be below.
    if (paths.length === 0 && observer.isFull) paths.push(observer.path);
    return paths;
  }
}

function touches(way: ReadonlySet<string>, { containers, records }: Changes): boolean {
  for (const key of way) if (containers.has(key) || records.has(key)) return true;
  return false;
}

/** Finds what leads to the path and what is there; what is below is followed anew when something else is there. */
function findEnd(observer: Observer, source: PathSource): void {
  const resolved = resolvePath(source, observer.path, observer.rootType);
  const way = resolved.ok ? resolved.value.passed : wayOf(observer, source);
  observer.way = new Set(way.flatMap(keysOf));
  const held = resolved.ok ? heldAt(resolved.value.spot) : undefined;
  const end = held && keyOf(held);
  if (end === observer.end && end !== undefined) return;
  observer.end = end;
  observer.below.clear();
  observer.isFull = false;
  if (held === undefined) return;
  observer.below.set(keyOf(held), { held, path: observer.path, children: [] });
  follow(observer, keyOf(held));
}

/** As far as the path leads. */
function wayOf({ path, rootType }: Observer, source: PathSource): Held[] {
  for (let length = path.length - 1; length > 0; length--) {
    const resolved = resolvePath(source, path.slice(0, length), rootType);
    if (!resolved.ok) continue;
    const { spot, passed } = resolved.value;
    const held = kindAt(spot) === "record" ? undefined : heldAt(spot);
    return held === undefined ? [...passed] : [...passed, held];
  }
  return [];
}

/** Looks again into a container that is followed: takes in what is below it now, and lets go of what is no longer. */
function follow(observer: Observer, start: string): void {
  const open = [start];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const followed = observer.below.get(key);
    if (followed === undefined) continue;
    const children = childrenOf(followed.held);
    const keys = children.map(({ held }) => keyOf(held));
    const present = new Set(keys);
    drop(
      observer,
      followed.children.filter((child) => !present.has(child)),
    );
    followed.children = keys;
    for (const [i, { held, segments }] of children.entries()) {
      const child = keys[i] as string;
      const path = [...followed.path, ...segments];
      const known = observer.below.get(child);
      if (known !== undefined && isSamePath(known.path, path)) continue;
      if (known === undefined && observer.below.size >= OBSERVED_CONTAINERS_MAX) {
        observer.isFull = true;
        continue;
      }
      observer.below.set(child, { held, path, children: known?.children ?? [] });
      open.push(child);
    }
  }
}

function drop(observer: Observer, keys: readonly string[]): void {
  const open = [...keys];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    open.push(...(observer.below.get(key)?.children ?? []));
    observer.below.delete(key);
  }
}

/** A tree's and a graph's contents lie in a map of their own, whose change is a change on the way as well. */
function keysOf(held: Held): string[] {
  if (held.type !== "tree" && held.type !== "graph" && held.type !== "remove-wins-graph") return [keyOf(held)];
  return [keyOf(held), idKey(held.handle.contents.target.id)];
}

function keyOf(held: Held): string {
  return idKey(held.handle.target.id);
}

function isSamePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((segment, i) => segment === b[i]);
}
