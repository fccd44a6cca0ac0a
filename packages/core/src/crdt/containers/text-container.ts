/** The container of a text: blocks by actor and number. */
import { assert, type Entry, err } from "../../base/index.ts";
import { parseTextBlockKey, textBlockKey } from "../cell-key.ts";
import type { TextJoins } from "../joins/text-joins.ts";
import { type TextBlock, TextState } from "../text/text-state.ts";
import type { BlockContainer, BlockKind } from "./block-container.ts";

export type TextContainer = BlockContainer<TextState, TextJoins>;

export const textKind: BlockKind<TextState, TextJoins> = {
  load: (entries) => {
    const blocks: TextBlock[] = [];
    for (const [key, bytes] of entries) {
      const place = parseTextBlockKey(key);
      if (place === undefined) return err("text/malformed", "a stored text block has no place");
      blocks.push({ ...place, bytes });
    }
    return TextState.load(blocks);
  },
  takeDirty: (text) => text.takeDirty().map((block): Entry => [textBlockKey(block.actor, block.block), block.bytes]),
  isEmpty: (text) => text.length === 0,
  repeat: (text, joins, { actor }) => assert(text.apply(joins, actor).ok, "a join that was accepted is accepted again"),
};
