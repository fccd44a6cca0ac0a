/** The type of the marks of a text: a cell for each, by stamp, actor and number. */
import * as mark from "../cells/mark.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { MarksView, MarksWriter } from "../handles/marks.ts";
import { type MarksJoins, read, write } from "../joins/marks-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface MarksType {
  container: CellContainer<mark.MarkCell>;
  view: MarksView;
  writer: MarksWriter;
  joins: MarksJoins;
}

export const marksType: ContainerDefinition<"marks"> = {
  open: (host, id) => new CellContainer(host, mark, "marks", id),
  view: (_host, container) => new MarksView(container),
  writer: (host, container) => new MarksWriter(host, container),
  write,
  read: (reader, _intern, budget) => read(reader, budget),
  prepare: (container, joins, { stamp, actor }) => {
    const keys = joins.map((_, number) => mark.markKey(stamp, actor, number));
    return prepareCells(container, keys, joins);
  },
};
