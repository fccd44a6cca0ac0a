/** The type of a last-writer register: one cell, under an empty key. */

import * as register from "../cells/register.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { RegisterView, RegisterWriter } from "../handles/register.ts";
import { type RegisterJoins, read, write } from "../joins/register-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface RegisterType {
  container: CellContainer<register.RegisterCell>;
  view: RegisterView;
  writer: RegisterWriter;
  joins: RegisterJoins;
}

export const registerType: ContainerDefinition<"register"> = {
  open: (host, id) => new CellContainer(host, register, "register", id),
  view: (_host, container) => new RegisterView(container),
  writer: (host, container) => new RegisterWriter(host, container),
  write,
  read,
  prepare: (container, { content }, { stamp, actor }) =>
    prepareCells(container, [register.REGISTER_KEY], [{ content, stamp, actor }]),
};
