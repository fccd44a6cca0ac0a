/**
 * What a document keeps in memory of one container, whatever its type, and what a container asks of its document.
 *
 * A changed cell is *dirty* until the caller takes it for the store, and *unhashed* until the root is next asked for;
 * the two marks live apart because roots and flushes do.
 */
import type { ContainerId, ReadView, WriteOperation } from "../../base/index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { Intern } from "../origin.ts";
import type { PageList } from "../pages/page-list.ts";
import type { Derivation } from "../records/derivation.ts";
import type { RecordCache } from "../records/record-cache.ts";

/** Where cells come from that are not in memory. A read may throw `Miss`; the document is then as it was. */
export interface CellSource extends ReadView {
  /** The pages of the container whose cells begin with this prefix, of a source that holds pages. */
  pagesOf?(prefix: Uint8Array): PageList | undefined;
}

/** A changed cell, as the write that the store takes: a batch of thousands holds them as they are. */
export type DirtyCell = Extract<WriteOperation, { readonly kind: "put" }>;

/** Asked for by containers, kept by the document. */
export interface ContainerHost {
  /** Checks what is read one by one against the hash tree, as far as that is in memory. */
  readonly source: CellSource;
  /** The same without the check: for cells that may have changed since the last root and left memory again. */
  readonly unchecked: CellSource;
  readonly intern: Intern;
  /** False until the first root: before that nobody keeps count of what is unhashed. */
  readonly tracksHashes: boolean;
  readonly recordCache: RecordCache;
  readonly derivation: Derivation | undefined;
  /** A container has its first dirty or unhashed cell. */
  changed(container: Container): void;
}

export interface Container {
  readonly id: ContainerId;
  readonly prefix: Uint8Array;
  /** The field name of a root container, once it is known by it. */
  fieldName: string | undefined;
  /** That of the open transaction, once it has asked for one. */
  writer: ContainerWriter | undefined;
  /** True once the document has let go of it: a view that outlives its container is a bug. */
  released: boolean;
  /** Whether somebody keeps a part of it in memory. */
  readonly isPinned?: boolean;
  isEmpty(): boolean;
  /** Takes the dirty cells, encoded, `table` before the key of each. The source has them before the next read. */
  takeDirty(into: DirtyCell[], table: Uint8Array): void;
  /** Takes the unhashed cells, encoded. */
  takeUnhashed(visit: (key: Uint8Array, value: Uint8Array) => void): void;
  /** Visits the dirty cells without taking them. */
  visitDirty(visit: (key: Uint8Array, value: Uint8Array) => void): void;
  /** Whether the source and the hash tree have everything that is in memory. */
  isClean(): boolean;
  /** Called when the document lets go of it. */
  forget?(): void;
}

/** The part of every writer that the transaction drives. */
export interface ContainerWriter {
  readonly target: Container;
  /** Whether it has recorded a change in its transaction, also one that was undone. The transaction sets it. */
  isTouched: boolean;
  /** The joins that bring another replica to the present state; undefined when nothing changed in the end. */
  joins(): ContainerJoins | undefined;
  /** Marks the changed cells as dirty. */
  commit(): void;
  /** Puts back what was there before the transaction. */
  undo(): void;
}
