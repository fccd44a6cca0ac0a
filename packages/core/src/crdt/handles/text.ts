/** Text: a sequence of UTF-16 units that many edit at once. Positions and counts are in UTF-16 units. */

import type { ContainerWriter } from "../containers/container.ts";
import type { TextContainer } from "../containers/text-container.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { WriteRefused } from "../refusal.ts";
import type { WriterHost } from "./handles.ts";

export class TextView {
  readonly target: TextContainer;

  constructor(target: TextContainer) {
    this.target = target;
  }

  get length(): number {
    return this.target.state().length;
  }

  toString(): string {
    return this.target.state().toString();
  }

  slice(from: number, to: number): string {
    return this.target.state().slice(from, to);
  }
}

export class TextWriter extends TextView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  /** Whether the edits of this transaction are in the sequence. */
  #isEdited = false;
  #joins: Uint8Array | undefined;

  constructor(host: WriterHost, target: TextContainer) {
    super(target);
    this.#host = host;
  }

  insert(position: number, text: string): void {
    if (!isWithin(position, this.length) || typeof text !== "string") throw outOfRange();
    if (text.length === 0) return;
    this.#touch();
    this.target.state().insert(this.#host.origin.actor, position, text);
  }

  delete(position: number, count: number): void {
    if (!isWithin(position, this.length) || !isWithin(count, this.length - position)) throw outOfRange();
    if (count === 0) return;
    this.#touch();
    this.target.state().delete(this.#host.origin.actor, position, count);
  }

  joins(): ContainerJoins | undefined {
    if (!this.#isEdited) return undefined;
    this.#joins ??= this.target.state().takeJoin();
    if (this.#joins === undefined) return undefined;
    return { type: "text", name: this.target.fieldName ?? this.target.id, joins: this.#joins };
  }

  commit(): void {
    if (this.#isEdited) this.target.mark();
  }

  undo(): void {
    if (this.#isEdited) this.target.drop();
    this.#isEdited = false;
    this.#joins = undefined;
  }

  #touch(): void {
    this.#host.assertOpen();
    if (this.#isEdited) return;
    this.#host.record(this);
    this.target.keep();
    this.#isEdited = true;
  }
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function outOfRange(): WriteRefused {
  return new WriteRefused("TEXT_OUT_OF_RANGE", "position and count must lie within the text");
}
