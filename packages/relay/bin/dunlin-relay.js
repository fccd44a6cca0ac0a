#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/main.js", import.meta.url);
const ensure = new URL("../../../tools/ensure.mjs", import.meta.url);

// In a clone that is not built yet, build it first. What is installed from a registry comes built.
if (!existsSync(main) && existsSync(ensure)) {
  const { ensureBuilt, ensureInstalled } = await import(ensure.href);
  ensureInstalled();
  ensureBuilt(["packages/relay"]);
}
await import(main.href);
