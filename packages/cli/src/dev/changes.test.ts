import type { Abi } from "@dunlin/runtime";
import { expect, it } from "vitest";
import { changesOf } from "./changes.ts";

function abi(
  methods: Record<string, "query" | "mutation">,
  events: string[],
  state: Record<string, "map" | "text">,
): Abi {
  return {
    schema_version: "wasm-abi/1",
    types: {},
    methods: Object.entries(methods).map(([name, kind]) => ({ name, kind, params: [] })),
    events: events.map((name) => ({ name })),
    state: Object.entries(state).map(([name, type]) => ({ name, type })),
  };
}

it("says what came, what went and what is another now", () => {
  const before = abi({ get: "query", put: "mutation", old: "query" }, ["Put"], { entries: "map", notes: "text" });
  const after = abi({ get: "mutation", put: "mutation", more: "query" }, ["Put", "Got"], {
    entries: "text",
    more: "map",
  });
  expect(changesOf(before, after)).toEqual([
    "+ query more",
    "+ event Got",
    "- query old",
    "~ mutation get, was query",
    "~ field entries: text, was map: it begins empty",
    "+ field more: map",
    "- field notes: kept, and not shown",
  ]);
  expect([changesOf(before, before), changesOf(undefined, after)]).toEqual([[], []]);
});
