/**
 * The same text, element by element, for tests: a map of elements and an in-order walk, nothing else.
 *
 * It shares the join codec with the real one and no more: order, equivocation and missing origins are its own.
 */
import { compareBytes, idKey } from "../../../base/index.ts";
import { decodeJoin } from "../codec.ts";
import { Fragment, RUN_STRIDE } from "../fragment.ts";

interface Node {
  readonly counter: number;
  readonly actor: Uint8Array;
  readonly origin: string;
  readonly originCounter: number;
  readonly originActor: Uint8Array;
  readonly side: number;
  readonly unit: number;
}

const NOBODY = new Uint8Array(0);
const ROOT = "0/";
const names = new WeakMap<Uint8Array, string>();

export class ReferenceText {
  readonly #nodes = new Map<string, Node>();
  readonly #deleted = new Set<string>();

  apply(join: Uint8Array, actor: Uint8Array): void {
    const fragment = new Fragment();
    if (!decodeJoin(join, fragment)) throw new Error("the join does not decode");
    const gone = this.#delete(fragment, actor);
    let contentAt = 0;
    for (let at = 0; at < fragment.runCount * RUN_STRIDE; at += RUN_STRIDE) {
      const [start = 0, length = 0, originCounter = 0, originNumber = 0, firstSide = 0] = fragment.runs.subarray(at);
      const actors = [NOBODY, actor, ...fragment.dictionary];
      let originActor = actors[originNumber + 1] as Uint8Array;
      let origin = originCounter;
      let side = firstSide;
      for (let counter = start; counter < start + length; counter++) {
        const unit = gone.has(id(counter, actor)) ? 0 : (fragment.content[contentAt++] as number);
        this.#add({ counter, actor, origin: id(origin, originActor), originCounter: origin, originActor, side, unit });
        originActor = actor;
        origin = counter;
        side = 0;
      }
    }
  }

  toString(): string {
    const shown = this.order().filter((key) => !this.#deleted.has(key));
    return shown.map((key) => String.fromCharCode((this.#nodes.get(key) as Node).unit)).join("");
  }

  /** The ids of all elements that hang in the tree, deleted ones too, in their order. */
  order(): string[] {
    const children = new Map<string, Node[]>();
    for (const node of this.#nodes.values()) {
      const key = `${node.origin}:${node.side}`;
      children.set(key, [...(children.get(key) ?? []), node]);
    }
    for (const siblings of children.values()) {
      siblings.sort((a, b) => a.counter - b.counter || compareBytes(a.actor, b.actor));
    }
    const keys: string[] = [];
    const stack: (string | Node)[] = [...(children.get(`${ROOT}:0`) ?? [])].reverse().map(keyOf);
    while (stack.length > 0) {
      const top = stack.pop() as string | Node;
      if (typeof top !== "string") {
        keys.push(keyOf(top));
        continue;
      }
      stack.push(...[...(children.get(`${top}:0`) ?? [])].reverse().map(keyOf));
      stack.push(this.#nodes.get(top) as Node);
      stack.push(...[...(children.get(`${top}:1`) ?? [])].reverse().map(keyOf));
    }
    return keys;
  }

  #delete(fragment: Fragment, actor: Uint8Array): Set<string> {
    const { deleted, deletedCount, foreign, dictionary } = fragment;
    const gone = new Set<string>();
    const drop = (owner: Uint8Array, start: number, end: number): void => {
      for (let counter = start; counter < end; counter++) gone.add(id(counter, owner));
    };
    for (let i = 0; i < deletedCount * 2; i += 2) drop(actor, deleted[i] as number, deleted[i + 1] as number);
    for (let i = 0; i < foreign.length; i += 3) {
      drop(dictionary[(foreign[i] as number) - 1] as Uint8Array, foreign[i + 1] as number, foreign[i + 2] as number);
    }
    for (const key of gone) this.#deleted.add(key);
    return gone;
  }

  #add(node: Node): void {
    const key = keyOf(node);
    const known = this.#nodes.get(key);
    if (known === undefined || compareVersions(node, known, this.#deleted.has(key)) < 0) this.#nodes.set(key, node);
  }
}

function compareVersions(a: Node, b: Node, isDeleted: boolean): number {
  return (
    a.originCounter - b.originCounter ||
    compareBytes(a.originActor, b.originActor) ||
    a.side - b.side ||
    (isDeleted ? 0 : a.unit - b.unit)
  );
}

function keyOf(node: Node): string {
  return id(node.counter, node.actor);
}

/** The id of an element as one string. */
export function id(counter: number, actor: Uint8Array): string {
  let name = names.get(actor);
  if (name === undefined) {
    name = idKey(actor);
    names.set(actor, name);
  }
  return `${counter}/${name}`;
}
