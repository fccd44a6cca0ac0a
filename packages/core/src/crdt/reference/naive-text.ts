/**
 * A text as slow and plain as can be, to test the document with: a tree of characters by left origin, siblings newest
 * first, rebuilt for every read (RGA, after Roh et al. 2011). One block per actor; a join is a list of operations.
 *
 *   block or join   count (varint) | count times: element
 *   element         counter (varint) | actor (16) | origin counter (varint) | origin actor (16) | unit (u16) | deleted (1)
 */
import {
  ACTOR_BYTES,
  bytesEqual,
  compareBytes,
  err,
  idKey,
  ok,
  Reader,
  type Result,
  Writer,
} from "../../base/index.ts";
import type { TextBlock, TextPlugin, TextSequence } from "../text-plugin.ts";

interface Element {
  readonly counter: number;
  readonly actor: Uint8Array;
  readonly originCounter: number;
  readonly originActor: Uint8Array;
  readonly unit: number;
  readonly isDeleted: boolean;
}

const NO_ACTOR = new Uint8Array(ACTOR_BYTES);
const BYTES_PER_ELEMENT_MIN = 2 * ACTOR_BYTES + 5;

export const naiveTextPlugin: TextPlugin = {
  load(blocks): Result<TextSequence> {
    const text = new NaiveText();
    for (const { bytes } of blocks) if (!text.merge(bytes)) return err("TEXT_MALFORMED", "a block is malformed");
    [...text.takeDirty()];
    return ok(text);
  },
  checkJoin: (join) => decode(join) !== undefined,
};

class NaiveText implements TextSequence {
  readonly #elements = new Map<string, Element>();
  readonly #dirtyActors = new Map<string, Uint8Array>();
  #pending: Element[] = [];

  get length(): number {
    return this.#visible().length;
  }

  toString(): string {
    return this.slice(0, this.length);
  }

  slice(from: number, to: number): string {
    return String.fromCharCode(
      ...this.#visible()
        .slice(from, to)
        .map((element) => element.unit),
    );
  }

  insert(actor: Uint8Array, position: number, text: string): void {
    let origin = position === 0 ? undefined : this.#visible()[position - 1];
    let counter = Math.max(0, ...[...this.#elements.values()].map((element) => element.counter));
    for (let i = 0; i < text.length; i++) {
      counter++;
      origin = this.#put({
        counter,
        actor,
        originCounter: origin?.counter ?? 0,
        originActor: origin?.actor ?? NO_ACTOR,
        unit: text.charCodeAt(i),
        isDeleted: false,
      });
      this.#pending.push(origin);
    }
  }

  delete(_actor: Uint8Array, position: number, count: number): void {
    for (const element of this.#visible().slice(position, position + count)) {
      this.#pending.push(this.#put({ ...element, isDeleted: true }));
    }
  }

  takeJoin(): Uint8Array | undefined {
    if (this.#pending.length === 0) return undefined;
    const join = encode(this.#pending);
    this.#pending = [];
    return join;
  }

  writeJoin(into: Writer): boolean {
    const join = this.takeJoin();
    if (join !== undefined) into.raw(join);
    return join !== undefined;
  }

  apply(join: Uint8Array, _actor: Uint8Array): Result<{ void: number }> {
    return this.merge(join) ? ok({ void: 0 }) : err("TEXT_MALFORMED", "a join is malformed");
  }

  takeDirty(): TextBlock[] {
    const blocks = [...this.#dirtyActors.values()].map((actor) => ({ actor, block: 0, bytes: this.#block(actor) }));
    this.#dirtyActors.clear();
    return blocks;
  }

  merge(bytes: Uint8Array): boolean {
    const elements = decode(bytes);
    for (const element of elements ?? []) this.#put(element);
    return elements !== undefined;
  }

  #put(element: Element): Element {
    const key = elementKey(element.counter, element.actor);
    const known = this.#elements.get(key);
    this.#elements.set(key, { ...element, isDeleted: element.isDeleted || known?.isDeleted === true });
    this.#dirtyActors.set(idKey(element.actor), element.actor);
    return element;
  }

  #block(actor: Uint8Array): Uint8Array {
    const own = [...this.#elements.values()].filter((element) => bytesEqual(element.actor, actor));
    return encode(own.sort((a, b) => a.counter - b.counter));
  }

  #visible(): Element[] {
    const children = new Map<string, Element[]>();
    for (const element of this.#elements.values()) {
      const parent = elementKey(element.originCounter, element.originActor);
      children.set(parent, [...(children.get(parent) ?? []), element]);
    }
    const visible: Element[] = [];
    const walk = (parent: string): void => {
      const siblings = children.get(parent) ?? [];
      siblings.sort((a, b) => b.counter - a.counter || compareBytes(b.actor, a.actor));
      for (const element of siblings) {
        if (!element.isDeleted) visible.push(element);
        walk(elementKey(element.counter, element.actor));
      }
    };
    walk(elementKey(0, NO_ACTOR));
    return visible;
  }
}

function elementKey(counter: number, actor: Uint8Array): string {
  return `${counter} ${idKey(actor)}`;
}

function encode(elements: readonly Element[]): Uint8Array {
  const writer = new Writer().varint(elements.length);
  for (const { counter, actor, originCounter, originActor, unit, isDeleted } of elements) {
    writer.varint(counter).raw(actor).varint(originCounter).raw(originActor).u16(unit);
    writer.u8(isDeleted ? 1 : 0);
  }
  return writer.toBytes();
}

function decode(bytes: Uint8Array): Element[] | undefined {
  const reader = new Reader(bytes);
  const count = reader.count(Number.MAX_SAFE_INTEGER, BYTES_PER_ELEMENT_MIN);
  const elements: Element[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const counter = reader.varint();
    const actor = reader.raw(ACTOR_BYTES).slice();
    const originCounter = reader.varint();
    const originActor = reader.raw(ACTOR_BYTES).slice();
    const unit = reader.u16();
    const deleted = reader.u8();
    if (deleted > 1 || originCounter >= counter) reader.fail();
    elements.push({ counter, actor, originCounter, originActor, unit, isDeleted: deleted === 1 });
  }
  return reader.finish() ? elements : undefined;
}
