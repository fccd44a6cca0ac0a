/** The container of a text: blocks by actor and number. */
import { type Entry, err } from "../../base/index.ts";
import { parseTextBlockKey, textBlockKey } from "../cell-key.ts";
import type { TextBlock, TextPlugin, TextSequence } from "../text-plugin.ts";
import type { BlockContainer, BlockKind } from "./block-container.ts";

export type TextContainer = BlockContainer<TextSequence>;

export function textKind(plugin: TextPlugin): BlockKind<TextSequence> {
  return {
    load: (entries) => {
      const blocks: TextBlock[] = [];
      for (const [key, bytes] of entries) {
        const place = parseTextBlockKey(key);
        if (place === undefined) return err("text/malformed", "a stored text block has no place");
        blocks.push({ ...place, bytes });
      }
      return plugin.load(blocks);
    },
    takeDirty: (text) =>
      [...text.takeDirty()].map((block): Entry => [textBlockKey(block.actor, block.block), block.bytes]),
    isEmpty: (text) => text.length === 0,
  };
}
