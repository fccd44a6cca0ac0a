import { utf8, utf8ToString } from "@dunlin/core/base";
import type { Application } from "@dunlin/runtime";
import { expect, it } from "vitest";
import { checkSuccession } from "./succession.ts";

const MODULE = { name: "p", package: "p", version: "1", module: new Uint8Array(0), abi: undefined };
const guest = (signer: string | undefined): Application => ({ kind: "guest", guest: { ...MODULE, signer } });
const ABI = { schema_version: "wasm-abi/1", types: {}, methods: [], events: [], state: [] } as const;

const applications: Readonly<Record<string, Application>> = {
  ann: guest("did:key:ann"),
  ben: guest("did:key:ben"),
  nobody: guest(undefined),
  script: { kind: "bundle", bundle: { name: "s", version: "1", code: "", sourceMap: "", abi: ABI } },
};
const installed = (id: Uint8Array): Application | undefined => applications[utf8ToString(id) ?? ""];

it.each([
  ["ann", "ok"],
  ["ann ann", "ok"],
  ["nobody ann", "ok"],
  ["nobody nobody", "ok"],
  ["script script", "ok"],
  ["ann ben", "MPK_UPGRADE_REFUSED"],
  ["ann nobody", "MPK_UPGRADE_REFUSED"],
  ["ann ben script", "MPK_UPGRADE_REFUSED"],
  ["ann script", "MPK_UPGRADE_REFUSED"],
  ["nobody script", "UPGRADE_REFUSED"],
  ["script ann", "UPGRADE_REFUSED"],
  // What never ran says nothing of what comes after it; what is not installed here neither.
  ["ann ben ann", "ok"],
  ["ann ben ben", "MPK_UPGRADE_REFUSED"],
  ["ann missing ben", "MPK_UPGRADE_REFUSED"],
  ["missing ben", "ok"],
  ["ann ben missing", "ok"],
])("of %s the last: %s", (names, expected) => {
  const checked = checkSuccession(installed, names.split(" ").map(utf8));
  expect(checked.ok ? "ok" : checked.error.code).toBe(expected);
});
