export { openChunkFiles } from "./chunk-files.ts";
