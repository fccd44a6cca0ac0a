export { checkTextJoin, type TextApplied, type TextBlock, TextState } from "./text-state.ts";
