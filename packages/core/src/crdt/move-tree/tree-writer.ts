/**
 * Writing to a movable tree. Of several moves of one node in a transaction the last alone counts and is recorded: all
 * have one stamp, so two places written by one transaction would be equally late.
 */
import { assert, bytesToBase58, must, Writer } from "../../base/index.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import { CellLog } from "../handles/cell-log.ts";
import type { WriterHost, Writers } from "../handles/handles.ts";
import { sha256 } from "../hash.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { WriteRefused } from "../refusal.ts";
import { NODE_ID_BYTES_MAX } from "./limits.ts";
import { isNodeId, type PlaceCell, parsePlaceKey, placeKey, TREE_ROOT, TREE_TRASH } from "./place.ts";
import { positionBetween } from "./position.ts";
import type { TreeContainer } from "./tree-container.ts";
import type { TreeJoin } from "./tree-joins.ts";
import { indexAmong } from "./tree-node.ts";
import { type NodePlace, TreeView } from "./tree-view.ts";

export interface CreateOptions {
  /** Among the children of the parent; the end without it. */
  readonly index?: number;
  /** An id of one's own: created twice at the same time it is one node. Derived from the transaction without it. */
  readonly id?: string;
}

interface Change {
  readonly slot: number;
  readonly base: PlaceCell | undefined;
}

const DERIVED_BYTES = 16;

export class TreeWriter extends TreeView<Writers> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<PlaceCell>;
  /** By place, also those that were given up again. */
  readonly #changes = new Map<string, Change>();
  /** The place of each node that was moved. */
  readonly #keysByNode = new Map<string, string>();
  #idPrefix: string | undefined;
  #created = 0;

  constructor(host: WriterHost, target: TreeContainer) {
    super(host, target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** A new node below a parent, which is a node or `TREE_ROOT`; gives its id. */
  create(parent: string, options: CreateOptions = {}): string {
    const id = options.id ?? this.#deriveId();
    checkId(id);
    if (this.target.tree().find(id) !== undefined) {
      throw new WriteRefused("NODE_EXISTS", "a node of this id is in the tree or in the trash: move it");
    }
    this.#checkParent(parent);
    this.#place(id, parent, options.index);
    return id;
  }

  /** Puts a node, and all that is below it, elsewhere; also one out of the trash. The index is that without the node. */
  move(node: string, parent: string, index?: number): void {
    if (!this.has(node) && !this.isRemoved(node)) throw missing(node);
    this.#checkParent(parent);
    if (parent === node || this.isDescendant(parent, node)) {
      throw new WriteRefused("NODE_CYCLE", "a node cannot be moved below itself");
    }
    this.#place(node, parent, index);
  }

  /** Moves a node, and all that is below it, to the trash. Whether it was in the tree. */
  remove(node: string): boolean {
    if (!this.has(node)) return false;
    this.#place(node, TREE_TRASH, undefined);
    return true;
  }

  /** Puts a node, which may be a new one, where it was once, as `placeOf` said: in the tree, or in the trash. */
  putBack(node: string, { parent, position }: Pick<NodePlace, "parent" | "position">): void {
    checkId(node);
    if (parent !== TREE_TRASH && !this.isRemoved(parent)) this.#checkParent(parent);
    if (parent === node || this.isDescendant(parent, node)) {
      throw new WriteRefused("NODE_CYCLE", "a node cannot be moved below itself");
    }
    this.#placeAt(node, parent, position);
  }

  joins(): ContainerJoins | undefined {
    const joins: TreeJoin[] = [];
    for (const [key, { slot, base }] of this.#changes) {
      const cell = this.target.at(slot);
      if (cell !== undefined && cell !== base) joins.push({ ...parsePlaceKey(key), position: cell.content });
    }
    if (joins.length === 0) return undefined;
    return { type: "tree", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
    this.#changes.clear();
    this.#keysByNode.clear();
    this.#host.discard("map", this.contentsId);
  }

  #place(node: string, parent: string, index: number | undefined): void {
    this.#host.assertOpen();
    this.#placeAt(node, parent, this.#positionAt(node, parent, index));
  }

  #placeAt(node: string, parent: string, content: string): void {
    this.#host.assertOpen();
    if (!this.#keysByNode.has(node)) this.#host.observer?.onPlacing(this, node);
    const { stamp, actor } = this.#host.origin;
    const key = placeKey(node, parent);
    const given = this.#keysByNode.get(node);
    const { slot } = this.#change(key);
    this.target.put(slot, { content, stamp, actor });
    this.#keysByNode.set(node, key);
    if (given === undefined || given === key) return;
    const { slot: givenUp, base } = this.#change(given);
    this.target.put(givenUp, base);
  }

  #change(key: string): Change {
    const known = this.#changes.get(key);
    if (known !== undefined) return known;
    const found = this.target.find(key);
    const base = found === NO_SLOT ? undefined : this.target.at(found);
    assert(base === undefined || base.stamp < this.#host.origin.stamp, "a transaction's stamp is above all it can see");
    this.#host.record(this);
    const change: Change = { base, slot: this.#log.record(key, found) };
    this.#changes.set(key, change);
    return change;
  }

  #positionAt(node: string, parent: string, index: number | undefined): string {
    const siblings = this.#siblingsOf(node, parent);
    const at = index ?? siblings.length;
    if (!Number.isInteger(at) || at < 0 || at > siblings.length) {
      throw new WriteRefused("TREE_OUT_OF_RANGE", "the index must lie within the children of the parent");
    }
    const left = siblings.keyAt(at - 1);
    let right = siblings.keyAt(at);
    // Between two that sort alike, which a forger made, there is no room: the node goes behind all of them.
    for (let i = at + 1; right !== undefined && right === left; i++) right = siblings.keyAt(i);
    const position = positionBetween(left, right);
    if (position !== undefined) return position;
    throw new WriteRefused("TREE_PLACE_FULL", "too many nodes were put between these two: put it beside them");
  }

  /** The sort keys of the children of a parent, without the node itself. */
  #siblingsOf(node: string, parent: string): { length: number; keyAt(index: number): string | undefined } {
    const index = this.target.tree();
    const above = must(index.find(parent), "a parent was checked");
    const self = index.find(node);
    const { children } = above;
    const own = self?.shown?.parent === above ? indexAmong(children, self) : children.length;
    return {
      length: children.length - (own < children.length ? 1 : 0),
      keyAt: (at) => children[at < own ? at : at + 1]?.sortKey,
    };
  }

  #checkParent(parent: string): void {
    if (parent !== TREE_ROOT && !this.has(parent)) throw missing(parent);
  }

  /** A hash for the transaction and a number: the same when it runs again, and nobody else's. */
  #deriveId(): string {
    const { stamp, actor } = this.#host.origin;
    this.#idPrefix ??= bytesToBase58(
      sha256(new Writer().string("dunlin/node/1").varint(stamp).raw(actor).view()).subarray(0, DERIVED_BYTES),
    );
    return `${this.#idPrefix}.${(this.#created++).toString(36)}`;
  }
}

function checkId(id: string): void {
  if (typeof id !== "string" || !id.isWellFormed() || !isNodeId(id)) {
    const message = `a node's id is well-formed text of 1 to ${NODE_ID_BYTES_MAX} bytes of UTF-8, without U+0000`;
    throw new WriteRefused("KEY_INVALID", message);
  }
}

function missing(node: string): WriteRefused {
  return new WriteRefused("NODE_MISSING", `node ${node} is not in the tree`);
}
