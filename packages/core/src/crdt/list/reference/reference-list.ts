/**
 * The same list by definition, for tests: it remembers every join, and computes what shows from all of them each time.
 * It shares the order of positions with the reference of the text, and nothing with the real list.
 */
import { compareBytes, Writer } from "../../../base/index.ts";
import { type Content, writeContent } from "../../content.ts";
import type { ListJoins, Target } from "../../joins/list-joins.ts";
import type { Origin } from "../../origin.ts";
import { id, ReferenceText } from "../../text/reference/reference-text.ts";

interface Written {
  readonly origin: Origin;
  readonly content: Content;
}

interface Given {
  readonly origin: Origin;
  readonly counter: number;
}

export class ReferenceList {
  readonly #positions = new ReferenceText();
  readonly #values = new Map<string, Written[]>();
  readonly #moves = new Map<string, Given[]>();
  readonly #deleted = new Set<string>();

  apply(joins: ListJoins, origin: Origin): void {
    const name = (target: Target): string => id(target.counter, target.actor ?? origin.actor);
    if (joins.positions.length > 0) this.#positions.apply(joins.positions, origin.actor);
    for (const { counter, content } of joins.births) add(this.#values, id(counter, origin.actor), { origin, content });
    for (const { target, content } of joins.sets) add(this.#values, name(target), { origin, content });
    for (const { target, counter } of joins.moves) add(this.#moves, name(target), { origin, counter });
    for (const { target, length } of joins.deletes) {
      for (let i = 0; i < length; i++) this.#deleted.add(name({ ...target, counter: target.counter + i }));
    }
  }

  toArray(): Content[] {
    const elementByPosition = new Map<string, string>();
    for (const [element, moves] of this.#moves) {
      const { origin, counter } = [...moves].sort(compareGiven).at(-1) as Given;
      elementByPosition.set(id(counter, origin.actor), element);
    }
    const shown: Content[] = [];
    for (const position of this.#positions.order()) {
      const element = elementByPosition.get(position) ?? (this.#moves.has(position) ? undefined : position);
      const values = element === undefined || this.#deleted.has(element) ? undefined : this.#values.get(element);
      if (values !== undefined) shown.push([...values].sort(compareWritten).at(-1)?.content);
    }
    return shown;
  }
}

function compareGiven(a: Given, b: Given): number {
  return a.origin.stamp - b.origin.stamp || compareBytes(a.origin.actor, b.origin.actor) || a.counter - b.counter;
}

function compareWritten(a: Written, b: Written): number {
  const byOrigin = a.origin.stamp - b.origin.stamp || compareBytes(a.origin.actor, b.origin.actor);
  return byOrigin || compareBytes(bytesOf(a.content), bytesOf(b.content));
}

function bytesOf(content: Content): Uint8Array {
  const writer = new Writer();
  writeContent(writer, content);
  return writer.toBytes();
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}
