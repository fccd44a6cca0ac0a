/** The type of a list: blocks of its positions and its items, loaded as one. */
import { BlockContainer } from "../containers/block-container.ts";
import { type ListContainer, listKind } from "../containers/list-container.ts";
import type { Views } from "../handles/handles.ts";
import { ListView, ListWriter } from "../handles/list.ts";
import { type ListJoins, read, write } from "../joins/list-joins.ts";
import type { ContainerDefinition } from "./definition.ts";

export interface ListType {
  container: ListContainer;
  view: ListView<Views>;
  writer: ListWriter;
  joins: ListJoins;
}

export const listType: ContainerDefinition<"list"> = {
  open: (host, id) => new BlockContainer(host, listKind, "list", id),
  view: (host, container) => new ListView(host, container),
  writer: (host, container) => new ListWriter(host, container),
  write,
  read,
  prepare: (container, joins, origin) => {
    const list = container.state();
    return () => {
      list.apply(joins, origin);
      container.mark(joins, origin);
      return 0;
    };
  },
};
