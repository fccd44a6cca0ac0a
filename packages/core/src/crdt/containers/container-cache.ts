/**
 * The containers of a document that are in memory, and which of them have cells that the store or the hash tree lack.
 */
import { type ActorId, actorId, bytesEqual, type ContainerId, idKey, StoreFailure, utf8 } from "../../base/index.ts";
import { fieldContainerId } from "../cell-key.ts";
import { CONTAINER_TYPES, type ContainerType } from "../container-type.ts";
import type { ContainerJoins, ContainerName } from "../joins/joins.ts";
import { FIELD_NAME_BYTES_MAX } from "../limits.ts";
import { nestedIn } from "../nested-containers.ts";
import { type Origin, ZERO_ACTOR } from "../origin.ts";
import type { Derivation } from "../records/derivation.ts";
import { RecordCache } from "../records/record-cache.ts";
import { WriteRefused } from "../refusal.ts";
import { originOf } from "../reissue/branch-actor.ts";
import type { StoredHashes } from "../tree/build-tree.ts";
import type { HashTree } from "../tree/hash-tree.ts";
import type { PartByType } from "../types/container-types.ts";
import { DEFINITIONS } from "../types/definitions.ts";
import type { CellSource, Container, ContainerHost } from "./container.ts";

export type Containers = PartByType<"container">;

export interface DocumentOptions {
  /** Told of every change. */
  readonly derivation?: Derivation | undefined;
  /** What the store has of the hash tree; without it the first root reads every cell. */
  readonly hashes?: StoredHashes | undefined;
  /** Of records that could be loaded again, an estimate. */
  readonly recordCacheBytes?: number | undefined;
}

type ById = { readonly [T in ContainerType]: Map<string, Containers[T]> };

/** Sharing actors saves memory and compares; beyond this many the table starts anew, and equality goes by bytes. */
const INTERNED_ACTORS_MAX = 65_536;

export class ContainerCache implements ContainerHost {
  readonly source: CellSource;
  readonly unchecked: CellSource;
  tracksHashes = false;
  /** Once the root was asked for. */
  tree: HashTree | undefined;
  readonly recordCache: RecordCache;
  readonly derivation: Derivation | undefined;
  /** Containers with dirty or unhashed cells. */
  readonly touched: Set<Container> = new Set();
  readonly #byId: ById = createMaps();
  readonly #byField: ById = createMaps();
  #lastActor: ActorId = ZERO_ACTOR;
  readonly #actors = new Map<string, ActorId>();

  constructor(source: CellSource, options: DocumentOptions) {
    this.source = {
      get: (key) => this.#checked(key),
      range: (options) => source.range(options),
      pagesOf: (prefix) => source.pagesOf?.(prefix),
    };
    this.unchecked = source;
    this.recordCache = new RecordCache(options.recordCacheBytes);
    this.derivation = options.derivation;
  }

  /** The root container of a field. */
  field<T extends ContainerType>(type: T, name: string): Containers[T] {
    const known = this.#byField[type].get(name);
    if (known !== undefined) return known;
    if (!name.isWellFormed()) throw new WriteRefused("KEY_INVALID", "the name of a field is well-formed text");
    if (name.length > FIELD_NAME_BYTES_MAX || utf8(name).length > FIELD_NAME_BYTES_MAX) {
      throw new WriteRefused("KEY_TOO_LONG", `the name of a field has at most ${FIELD_NAME_BYTES_MAX} bytes of UTF-8`);
    }
    const container = this.open(type, fieldContainerId(type, name));
    container.fieldName = name;
    this.#byField[type].set(name, container);
    return container;
  }

  /** By the name that joins have for it. */
  named<T extends ContainerType>(type: T, name: ContainerName): Containers[T] {
    return typeof name === "string" ? this.field(type, name) : this.open(type, name);
  }

  open<T extends ContainerType>(type: T, id: ContainerId): Containers[T] {
    const key = idKey(id);
    const known = this.#byId[type].get(key);
    if (known !== undefined) return known;
    const container = DEFINITIONS[type].open(this, id);
    this.#byId[type].set(key, container);
    return container;
  }

  /** A container that the document has in memory already. */
  peek<T extends ContainerType>(type: T, id: ContainerId): Containers[T] | undefined {
    return this.#byId[type].get(idKey(id));
  }

  readonly intern = (actor: Uint8Array): ActorId => {
    // Mostly the actor is the one before: that of the caller's origins, or of the neighbour of a stored cell.
    if (actor !== this.#lastActor && !bytesEqual(actor, this.#lastActor)) this.#lastActor = this.#lookUp(actor);
    return this.#lastActor;
  };

  /** A cell as the source has it, which is what was hashed: one that changed since the last root is in memory. */
  #checked(key: Uint8Array): Uint8Array | undefined {
    const value = this.unchecked.get(key);
    if (value === undefined || this.tree === undefined || this.tree.agrees(key, value)) return value;
    throw new StoreFailure("STORE_CORRUPT", "a stored cell is not the one that was hashed: restore a backup");
  }

  #lookUp(actor: Uint8Array): ActorId {
    const key = idKey(actor);
    const known = this.#actors.get(key);
    if (known !== undefined) return known;
    if (this.#actors.size >= INTERNED_ACTORS_MAX) this.#actors.clear();
    const copy = actorId(actor.slice());
    this.#actors.set(key, copy);
    return copy;
  }

  /** Tells what derives from the state which containers have changed; records tell of themselves, one by one. */
  tell(changed: readonly ContainerJoins[], origin: Origin): void {
    if (this.derivation === undefined) return;
    for (const joins of changed) {
      if (joins.type === "records") continue;
      const { id } = this.named(joins.type, joins.name);
      this.derivation.onContainer(id, joins.type, nestedIn(id, joins, originOf(joins, origin).actor));
    }
  }

  changed(container: Container): void {
    this.touched.add(container);
  }

  /** Lets go of every container: the source holds another state from now on. */
  reset(): void {
    for (const type of CONTAINER_TYPES) {
      releaseAll(this.#byId[type]);
      this.#byField[type].clear();
    }
    this.touched.clear();
  }

  /** Lets go of every container that holds nothing which the source and the hash tree lack. */
  release(): void {
    for (const type of CONTAINER_TYPES) {
      releaseClean(this.#byId[type]);
      for (const [name, container] of this.#byField[type]) if (container.released) this.#byField[type].delete(name);
    }
  }
}

function releaseAll(containers: Map<string, Container>): void {
  for (const container of containers.values()) {
    container.released = true;
    container.forget?.();
  }
  containers.clear();
}

function releaseClean(containers: Map<string, Container>): void {
  for (const [key, container] of containers) {
    if (!container.isClean() || container.isPinned === true) continue;
    container.released = true;
    container.forget?.();
    containers.delete(key);
  }
}

function createMaps(): ById {
  return Object.fromEntries(CONTAINER_TYPES.map((type) => [type, new Map()])) as unknown as ById;
}
