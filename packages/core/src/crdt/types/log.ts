/** The type of a log: a cell for each entry, by stamp, actor and number. */
import * as logEntry from "../cells/log-entry.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { LogView, LogWriter } from "../handles/log.ts";
import { type LogJoins, read, write } from "../joins/log-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface LogType {
  container: CellContainer<logEntry.LogEntryCell>;
  view: LogView;
  writer: LogWriter;
  joins: LogJoins;
}

export const logType: ContainerDefinition<"log"> = {
  open: (host, id) => new CellContainer(host, logEntry, "log", id),
  view: (_host, container) => new LogView(container),
  writer: (host, container) => new LogWriter(host, container),
  write,
  read: (reader, _intern, budget) => read(reader, budget),
  prepare: (container, joins, { stamp, actor, member }) => {
    const keys = joins.map((_, number) => logEntry.logKey(stamp, actor, number));
    return prepareCells(
      container,
      keys,
      joins.map((bytes) => ({ member, bytes })),
    );
  },
};
