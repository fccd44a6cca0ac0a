import { utf8, utf8ToString } from "@dunlin/core/base";
import { expect, it } from "vitest";
import { type Candidate, checkSuccession } from "./succession.ts";

const candidates: Readonly<Record<string, Candidate>> = {
  ann: { kind: "guest", signer: "did:key:ann", version: undefined },
  ben: { kind: "guest", signer: "did:key:ben", version: undefined },
  nobody: { kind: "guest", signer: undefined, version: undefined },
  script: { kind: "bundle", signer: undefined, version: "1" },
};
const installed = (id: Uint8Array): Candidate | undefined => candidates[utf8ToString(id) ?? ""];

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
