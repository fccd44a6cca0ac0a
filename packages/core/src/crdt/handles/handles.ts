/**
 * Handles: typed access to the containers of a document. A *view* reads; a *writer*, which is a view too, belongs to a
 * transaction, sees its writes and records them. Each type has its pair in a file beside this one, in one shape.
 */
import type { ContainerId } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { Containers } from "../containers/container-cache.ts";
import type { EditObserver } from "../edit-observer.ts";
import type { Origin } from "../origin.ts";
import type { PartByType } from "../types/container-types.ts";

export type Views = PartByType<"view">;
export type Writers = PartByType<"writer">;

/** Gives the handle of a nested container: a view of a view's, a writer of a writer's. */
export interface HandleHost<H extends Views> {
  resolve<T extends ContainerType>(type: T, id: ContainerId): H[T];
  container<T extends ContainerType>(type: T, id: ContainerId): Containers[T];
}

/** What a writer asks of its transaction. */
export interface WriterHost extends HandleHost<Writers> {
  readonly origin: Origin;
  readonly observer: EditObserver | undefined;
  /** Every write begins with it: a cell that the transaction has written is written again without a record. */
  assertOpen(): void;
  /** Counts one changed cell, against the limit, before it is changed. */
  record(writer: ContainerWriter): void;
  /** Undoes all that this transaction did in a container and in those it created there. */
  discard(type: ContainerType, id: ContainerId): void;
}
