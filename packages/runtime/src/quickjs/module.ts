/** The JavaScript engine's own WebAssembly module: compiled once in a process, and passed to workers as it is. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

let compiled: Promise<WebAssembly.Module> | undefined;

export function quickjsModule(): Promise<WebAssembly.Module> {
  compiled ??= readFile(createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm")).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  return compiled;
}
