/** The type of a multi-value register: one cell, under an empty key. */
import { seenBelow } from "../cells/by-actor.ts";
import * as multiRegister from "../cells/multi-register.ts";
import { createMultiValue } from "../cells/multi-value.ts";
import { CellContainer } from "../containers/cell-container.ts";
import { MultiRegisterView, MultiRegisterWriter } from "../handles/multi-register.ts";
import { type MultiRegisterJoins, read, write } from "../joins/multi-register-joins.ts";
import { type ContainerDefinition, prepareCells } from "./definition.ts";

export interface MultiRegisterType {
  container: CellContainer<multiRegister.MultiRegisterCell>;
  view: MultiRegisterView;
  writer: MultiRegisterWriter;
  joins: MultiRegisterJoins;
}

export const multiRegisterType: ContainerDefinition<"multi-register"> = {
  open: (host, id) => new CellContainer(host, multiRegister, "multi-register", id),
  view: (_host, container) => new MultiRegisterView(container),
  writer: (host, container) => new MultiRegisterWriter(host, container),
  write,
  read,
  prepare: (container, { content, seen }, origin) => {
    const past = seenBelow(seen, origin);
    const cell = createMultiValue(origin, content, past);
    const voidCount = seen.length - past.length;
    if (cell.length === 0) return () => voidCount;
    return prepareCells(container, [multiRegister.REGISTER_KEY], [cell], voidCount);
  },
};
