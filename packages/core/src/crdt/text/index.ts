export { checkTextJoin, TextState } from "./text-state.ts";
