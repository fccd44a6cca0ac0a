/**
 * What a type of container registers of itself: how one is opened, seen and written, and how joins of it are written,
 * read and joined. Each type has a file beside this one.
 *
 * Joining goes in two steps: `prepare` reads everything that is read (which may throw `Miss`), and gives the step that
 * joins, which cannot fail.
 */
import { type ContainerId, type Reader, Writer } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerHost } from "../containers/container.ts";
import type { Containers } from "../containers/container-cache.ts";
import type { HandleHost, Views, WriterHost, Writers } from "../handles/handles.ts";
import type { Intern, Origin } from "../origin.ts";
import type { JoinBudget } from "../records/fields/field-kind.ts";
import type { PartByType } from "./container-types.ts";

/** The second step; gives the number of joins that were void. */
export type JoinStep = () => number;

export interface ContainerDefinition<T extends ContainerType> {
  open(host: ContainerHost, id: ContainerId): Containers[T];
  view(host: HandleHost<Views>, container: Containers[T]): Views[T];
  writer(host: WriterHost, container: Containers[T]): Writers[T];
  write(writer: Writer, joins: PartByType<"joins">[T]): void;
  read(reader: Reader, intern: Intern, budget: JoinBudget): PartByType<"joins">[T];
  prepare(container: Containers[T], joins: PartByType<"joins">[T], origin: Origin): JoinStep;
  /** The entry keys of the cells that joins name, of a type whose containers may be large. */
  entryKeys?(joins: PartByType<"joins">[T]): Uint8Array[];
}

export function prepareCells<C>(
  container: CellContainer<C>,
  keys: readonly string[],
  cells: readonly C[],
  voidCount = 0,
): JoinStep {
  container.loadKeys(keys);
  return () => {
    for (let i = 0; i < keys.length; i++) container.join(keys[i] as string, cells[i] as C);
    return voidCount;
  };
}

export function entryKey(kind: { writeKey(writer: Writer, key: string): void }, key: string): Uint8Array {
  const writer = new Writer(64);
  kind.writeKey(writer, key);
  return writer.toBytes();
}
