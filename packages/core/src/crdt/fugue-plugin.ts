/** The Fugue text as the document's plug-in. */
import { checkTextJoin, TextState } from "./text/index.ts";
import type { TextPlugin } from "./text-plugin.ts";

export const textPlugin: TextPlugin = {
  load: (blocks) => TextState.load(blocks),
  checkJoin: checkTextJoin,
};
