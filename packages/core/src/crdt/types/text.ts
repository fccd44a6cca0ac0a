/** The type of a text: blocks of its sequence, loaded as one. */
import { must } from "../../base/index.ts";
import { BlockContainer } from "../containers/block-container.ts";
import { type TextContainer, textKind } from "../containers/text-container.ts";
import type { Views } from "../handles/handles.ts";
import { TextView, TextWriter } from "../handles/text.ts";
import { read, type TextJoins, write } from "../joins/text-joins.ts";
import type { ContainerDefinition } from "./definition.ts";

export interface TextType {
  container: TextContainer;
  view: TextView<Views>;
  writer: TextWriter;
  joins: TextJoins;
}

export const textType: ContainerDefinition<"text"> = {
  open: (host, id) => new BlockContainer(host, textKind, "text", id),
  view: (host, container) => new TextView(host, container),
  writer: (host, container) => new TextWriter(host, container),
  write,
  read,
  prepare: (container, joins, origin) => {
    const sequence = container.state();
    return () => {
      const applied = sequence.apply(joins, origin.actor);
      container.mark(joins, origin);
      return must(applied.ok ? applied : undefined, "a text join that was checked is accepted").value.void;
    };
  },
};
