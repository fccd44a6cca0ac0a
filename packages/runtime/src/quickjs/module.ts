/**
 * The JavaScript engine's own WebAssembly module, metered like an application's: its interrupt handler is no fuel, since
 * its built-in functions never poll it, and one `indexOf` of two long strings runs for minutes.
 *
 * Pinned by its hash, because what a call costs is a property of these bytes: another build would count otherwise.
 * Metered and compiled once in a process, and passed to workers as it is.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { assert, bytesToHex } from "@dunlin/core/base";
import { sha256 } from "@dunlin/core/crypto";
import { meterModule } from "../fuel/meter.ts";
import { ENGINE_PAGES_MAX } from "../limits.ts";

/** Of `quickjs.wasm` in quickjs-wasi 3.6.2. */
const ENGINE_SHA256 = "d4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9";

let compiled: Promise<WebAssembly.Module> | undefined;

export function quickjsModule(): Promise<WebAssembly.Module> {
  compiled ??= load();
  return compiled;
}

async function load(): Promise<WebAssembly.Module> {
  const bytes = await readFile(createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm"));
  assert(bytesToHex(sha256(bytes)) === ENGINE_SHA256, "quickjs.wasm is the build that this version is made for");
  const metered = meterModule(bytes, { memoryPagesMax: ENGINE_PAGES_MAX, charge: "visit" });
  assert(metered.ok && metered.value.isReusable, "the JavaScript engine can be metered and reset");
  return WebAssembly.compile(metered.value.bytes);
}
