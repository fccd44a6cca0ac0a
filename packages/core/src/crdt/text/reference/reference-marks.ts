/** What marks mean, element by element over the whole tree of a text, deleted elements too: for tests. */
import { compareBytes } from "../../../base/index.ts";
import type { MarkCell } from "../../cells/mark.ts";
import type { Origin } from "../../origin.ts";
import { storedToValue } from "../../stored.ts";
import type { Anchor } from "../anchor.ts";
import { id, ReferenceText } from "./reference-text.ts";

export interface MarkOperation {
  readonly mark: MarkCell;
  readonly origin: Origin;
  /** Within its delta. */
  readonly number: number;
}

export class ReferenceMarks {
  readonly #text = new ReferenceText();
  readonly #operations: MarkOperation[] = [];

  applyText(join: Uint8Array, actor: Uint8Array): void {
    this.#text.apply(join, actor);
  }

  add(operation: MarkOperation): void {
    this.#operations.push(operation);
  }

  /** Each visible unit with its marks. */
  show(): string[] {
    const order = this.#text.order();
    const place = (anchor: Anchor): number => {
      if (anchor.at === "start") return -1;
      if (anchor.at === "end") return order.length;
      return order.indexOf(id(anchor.counter, anchor.actor)) + (anchor.at === "before" ? -0.5 : 0.5);
    };
    const ranges = [...this.#operations].sort(compareOperations).map(({ mark }) => ({
      mark,
      from: place(mark.from),
      to: place(mark.to),
    }));
    return order.flatMap((key, at) => {
      const unit = this.#text.unitOf(key);
      if (unit === undefined) return [];
      const held = new Map<string, MarkCell>();
      for (const { mark, from, to } of ranges) if (from < at && at < to) held.set(mark.name, mark);
      const shown = [...held.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap(({ name, value }) => {
          return value === undefined ? [] : [`${name},${String(storedToValue(value))}`];
        });
      return [`${unit}|${shown.join(";")}`];
    });
  }
}

function compareOperations(a: MarkOperation, b: MarkOperation): number {
  return a.origin.stamp - b.origin.stamp || compareBytes(a.origin.actor, b.origin.actor) || a.number - b.number;
}
