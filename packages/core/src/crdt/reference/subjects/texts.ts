/** Text, for the checks of histories. Its meaning is checked beside it, against its own reference; here, that it joins. */
import type { Subject } from "./subject.ts";

export const textSubject: Subject = {
  name: "text",
  operations: [
    (tx, index) => {
      const text = tx.field("text", "text");
      text.insert(index % (text.length + 1), `${index}${index}`);
      return undefined;
    },
    (tx) => {
      const text = tx.field("text", "text");
      if (text.length > 1) text.delete(text.length >> 1, 1);
      return undefined;
    },
  ],
  show: (document) => document.field("text", "text").toString(),
  model: undefined,
  lattice: undefined,
};
