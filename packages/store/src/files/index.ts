export { openChunkFiles, readChunkNow } from "./chunk-files.ts";
