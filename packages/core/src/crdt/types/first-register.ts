/** The type of a first-writer register: one cell, under an empty key. */
import * as firstRegister from "../cells/first-register.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { FirstRegisterView, FirstRegisterWriter } from "../handles/first-register.ts";
import { type FirstRegisterJoins, read, write } from "../joins/first-register-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface FirstRegisterType {
  container: CellContainer<firstRegister.FirstRegisterCell>;
  view: FirstRegisterView;
  writer: FirstRegisterWriter;
  joins: FirstRegisterJoins;
}

export const firstRegisterType: ContainerDefinition<"first-register"> = {
  open: (host, id) => new CellContainer(host, firstRegister, "first-register", id),
  view: (_host, container) => new FirstRegisterView(container),
  writer: (host, container) => new FirstRegisterWriter(host, container),
  write,
  read,
  prepare: (container, { content }, { stamp, actor }) =>
    prepareCells(container, [firstRegister.REGISTER_KEY], [{ content, stamp, actor }]),
};
