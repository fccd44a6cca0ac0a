/** The type of user entries: a cell for each member, which that member alone writes. */
import { idKey } from "../../base/index.ts";
import * as userEntry from "../cells/user-entry.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { UserEntriesView, UserEntriesWriter } from "../handles/user-entries.ts";
import { read, type UserEntriesJoins, write } from "../joins/user-entries-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface UserEntriesType {
  container: CellContainer<userEntry.UserEntryCell>;
  view: UserEntriesView;
  writer: UserEntriesWriter;
  joins: UserEntriesJoins;
}

export const userEntriesType: ContainerDefinition<"user-entries"> = {
  open: (host, id) => new CellContainer(host, userEntry, "user-entries", id),
  view: (_host, container) => new UserEntriesView(container),
  writer: (host, container) => new UserEntriesWriter(host, container),
  write,
  read,
  prepare: (container, { content }, { stamp, actor, member }) =>
    prepareCells(container, [idKey(member)], [{ content, stamp, actor }]),
};
