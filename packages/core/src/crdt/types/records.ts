/** The type of records: a cell for each document of a collection. */
import type { Views } from "../handles/handles.ts";
import { joinsToRecords } from "../records/apply-records.ts";
import * as record from "../records/record-cell.ts";
import { RecordsView, RecordsWriter } from "../records/records.ts";
import { RecordsContainer } from "../records/records-container.ts";
import { type RecordsJoins, read, write } from "../records/records-joins.ts";
import { type ContainerDefinition, entryKey } from "./definition.ts";

export interface RecordsType {
  container: RecordsContainer;
  view: RecordsView<Views>;
  writer: RecordsWriter;
  joins: RecordsJoins;
}

export const recordsType: ContainerDefinition<"records"> = {
  open: (host, id) => new RecordsContainer(host, id),
  view: (host, container) => new RecordsView(host, container),
  writer: (host, container) => new RecordsWriter(host, container),
  write,
  read,
  prepare: (container, joins, origin) => {
    for (const id of joins.ids) container.find(id);
    const { cells, void: voidCount } = joinsToRecords(joins, origin);
    return () => {
      for (const [place, cell] of cells.entries()) {
        if (cell !== undefined) container.join(joins.ids[place] as string, cell);
      }
      return voidCount;
    };
  },
  entryKeys: ({ ids }) => ids.map((id) => entryKey(record, id)),
};
