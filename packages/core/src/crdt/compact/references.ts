/**
 * Which containers a cell holds: by a reference in a map's entry or a list's item, or as a document's child. A container
 * is let go of when the cell that held it says so: for a map's entry, when it holds nothing of that generation (of two
 * types of one generation the lesser stays readable); for a list's item and a document, when they are deleted.
 */
import {
  type ActorId,
  type ContainerId,
  concatBytes,
  containerId,
  idKey,
  idToText,
  must,
  utf8,
  utf8ToString,
} from "../../base/index.ts";
import {
  CELL_PREFIX_BYTES,
  cellPrefix,
  GENERATION_ZERO,
  type Generation,
  nestedContainerId,
  parseTextBlockKey,
  textBlockKey,
} from "../cell-key.ts";
import * as lastWriter from "../cells/last-writer.ts";
import { CONTAINER_TYPES, type ContainerType } from "../container-type.ts";
import { type Content, isReference } from "../content.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import type { ListJoins } from "../joins/list-joins.ts";
import { decodeItemBlock } from "../list/item-block.ts";
import { BLOCK_ITEMS, itemBlockIndex } from "../list/limits.ts";
import type { Origin } from "../origin.ts";
import { joinsToRecords } from "../records/apply-records.ts";
import { childContainerId, childTypes } from "../records/read-record.ts";
import * as record from "../records/record-cell.ts";
import { copyActor, decodeStored } from "./remains.ts";

export interface ContainerRef {
  readonly type: ContainerType;
  readonly id: ContainerId;
}

/** A container and the cell that was seen to hold it. */
export interface Holding extends ContainerRef {
  /** `idKey` of the holder's cell key. */
  readonly holder: string;
  readonly isHeldBy: (value: Uint8Array) => boolean;
}

/** Family byte of the cells of a list that say what stands at its positions. */
const ITEMS = 1;

/** What the joins of one container put somewhere; its own id is `id`. */
export function holdingsOfJoins(id: ContainerId, container: ContainerJoins, origin: Origin): Holding[] {
  switch (container.type) {
    case "map":
      return container.joins.keys.flatMap((key, i) => mapHoldings(id, key, container.joins.contents[i], true));
    case "records":
      return joinsToRecords(container.joins, origin).cells.flatMap((cell, i) => {
        return cell === undefined ? [] : recordHoldings(id, container.joins.ids[i] as string, cell);
      });
    case "list":
      return listJoinHoldings(id, container.joins, origin);
    default:
      return [];
  }
}

/** What a stored cell holds. */
export function holdingsOfCell(type: ContainerType, cellKey: Uint8Array, value: Uint8Array): Holding[] {
  const id = containerId(cellKey.slice(0, CELL_PREFIX_BYTES - 1));
  const entryKey = cellKey.subarray(CELL_PREFIX_BYTES);
  switch (type) {
    case "map":
      return mapHoldings(id, textOf(entryKey), decodeStored(lastWriter, value).content, false);
    case "records":
      return recordHoldings(id, textOf(entryKey), decodeStored(record, value));
    case "list":
      return entryKey[0] === ITEMS ? itemHoldings(id, entryKey, value) : [];
    default:
      return [];
  }
}

/** Containers that a container has by its type alone: a text's marks, what the nodes of a tree or a graph hold. */
export function partsOf({ type, id }: ContainerRef): ContainerRef[] {
  switch (type) {
    case "text":
      return [{ type: "marks", id: nestedContainerId(id, "", "marks", GENERATION_ZERO) }];
    case "tree":
    case "graph":
    case "remove-wins-graph":
      return [{ type: "map", id: contentsId(id) }];
    default:
      return [];
  }
}

/** Of what the nodes of a tree hold: a map, by node. */
export function contentsId(tree: ContainerId): ContainerId {
  return nestedContainerId(tree, "contents", "map", GENERATION_ZERO);
}

function mapHoldings(map: ContainerId, key: string, content: Content, isOnlyThat: boolean): Holding[] {
  if (!isReference(content)) return [];
  const { generation } = content;
  const holder = idKey(concatBytes(cellPrefix("map", map), utf8(key)));
  const isHeldBy = (value: Uint8Array): boolean => {
    const now = decodeStored(lastWriter, value).content;
    return isReference(now) && isSame(now.generation, generation);
  };
  // A cell says which type shows, and each that was put there in its generation may have cells.
  const types = isOnlyThat ? [content.type] : CONTAINER_TYPES;
  return types.map((type) => ({ holder, isHeldBy, type, id: nestedContainerId(map, key, type, generation) }));
}

function recordHoldings(collection: ContainerId, id: string, cell: record.RecordCell): Holding[] {
  const { generation } = cell;
  const holder = idKey(concatBytes(cellPrefix("records", collection), utf8(id)));
  const isHeldBy = (value: Uint8Array): boolean => {
    const now = decodeStored(record, value);
    return now.deleted === undefined && isSame(now.generation, generation);
  };
  return record.fieldsOf(cell).flatMap((field) => {
    if (field.kind !== "child") return [];
    return childTypes(cell, field.name).map((type): Holding => {
      return { holder, isHeldBy, type, id: childContainerId(collection, id, cell, type, field.name) };
    });
  });
}

function listJoinHoldings(list: ContainerId, joins: ListJoins, origin: Origin): Holding[] {
  const born = joins.births.flatMap(({ counter, content }) => itemHolding(list, origin.actor, counter, content));
  const set = joins.sets.flatMap(({ target, content }) => {
    return itemHolding(list, target.actor ?? origin.actor, target.counter, content);
  });
  return [...born, ...set];
}

function itemHoldings(list: ContainerId, entryKey: Uint8Array, value: Uint8Array): Holding[] {
  const place = must(parseTextBlockKey(entryKey.subarray(1)), "the key of a stored block names it");
  const actor = copyActor(place.actor);
  const index = place.block;
  const block = decodeItemBlock(value, actor, index, copyActor);
  if (block === undefined) return [];
  return Array.from({ length: BLOCK_ITEMS }, (_, slot) => slot).flatMap((slot) => {
    return itemHolding(list, actor, index * BLOCK_ITEMS + slot, block.values[slot]?.content);
  });
}

function itemHolding(list: ContainerId, actor: ActorId, counter: number, content: Content): Holding[] {
  if (!isReference(content)) return [];
  const index = itemBlockIndex(counter);
  const slot = counter % BLOCK_ITEMS;
  const entryKey = concatBytes(Uint8Array.of(ITEMS), textBlockKey(actor, index));
  const isHeldBy = (value: Uint8Array): boolean => {
    return decodeItemBlock(value, actor, index, copyActor)?.deleted[slot] !== true;
  };
  const { type } = content;
  const id = nestedContainerId(list, `${counter}/${idToText(actor)}`, type, GENERATION_ZERO);
  return [{ holder: idKey(concatBytes(cellPrefix("list", list), entryKey)), isHeldBy, type, id }];
}

function isSame(a: Generation, b: Generation): boolean {
  return record.comparePairs(a, b) === 0;
}

function textOf(bytes: Uint8Array): string {
  return must(utf8ToString(bytes), "the key of a stored cell is text");
}
