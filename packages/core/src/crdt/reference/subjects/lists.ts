/** The list of values, for the checks of histories. Its meaning is checked beside it; here, that it joins. */
import type { Subject } from "./subject.ts";

const FIELD = "list";

export const listSubject: Subject = {
  name: "list",
  operations: [
    (tx, index) => {
      const list = tx.field("list", FIELD);
      list.insert(index % (list.length + 1), index);
      return undefined;
    },
    (tx, index) => {
      const list = tx.field("list", FIELD);
      if (list.length > 1) list.move(0, list.length - 1);
      else list.push(index);
      return undefined;
    },
    (tx, index) => {
      const list = tx.field("list", FIELD);
      if (list.length > 1) list.delete(0);
      else if (list.length === 1) list.set(0, `v${index}`);
      return undefined;
    },
  ],
  show: (document) => document.field("list", FIELD).toArray(),
  model: undefined,
  lattice: undefined,
};
