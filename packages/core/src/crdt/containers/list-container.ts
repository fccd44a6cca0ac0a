/** The container of a list: its positions as those of a text, and its items, each by actor and number. */
import { concatBytes, type Entry, err } from "../../base/index.ts";
import { parseTextBlockKey, textBlockKey } from "../cell-key.ts";
import type { ListJoins } from "../joins/list-joins.ts";
import { type ListBlock, ListState } from "../list/list-state.ts";
import type { BlockContainer, BlockKind } from "./block-container.ts";

export type ListContainer = BlockContainer<ListState, ListJoins>;

/** The first byte of an entry key. */
const FAMILIES = ["positions", "items"] as const;

export const listKind: BlockKind<ListState, ListJoins> = {
  load: (entries, intern) => {
    const blocks: ListBlock[] = [];
    for (const [key, bytes] of entries) {
      const family = FAMILIES[key[0] ?? FAMILIES.length];
      const place = parseTextBlockKey(key.subarray(1));
      if (family === undefined || place === undefined) return err("list/malformed", "a stored block has no place");
      blocks.push({ family, ...place, bytes });
    }
    return ListState.load(blocks, intern);
  },
  takeDirty: (list) => list.takeDirty().map((block): Entry => [blockKey(block), block.bytes]),
  isEmpty: (list) => list.length === 0,
  repeat: (list, joins, origin) => list.apply(joins, origin),
};

function blockKey({ family, actor, block }: ListBlock): Uint8Array {
  return concatBytes(Uint8Array.of(FAMILIES.indexOf(family)), textBlockKey(actor, block));
}
