import { createPrng } from "@dunlin/core/base";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { typedClientSource } from "./typed-client.ts";

const ABI = {
  schema_version: "wasm-abi/1",
  types: {
    Item: {
      kind: "record",
      fields: [
        { name: "id", type: { kind: "u64" } },
        { name: "size", type: { kind: "bigint" }, nullable: true },
      ],
    },
    "not a name": { kind: "string" },
    Promise: { kind: "string" },
  },
  methods: [
    { name: "all", kind: "query", params: [], returns: { kind: "list", items: { $ref: "Item" } } },
    {
      name: "find",
      kind: "query",
      params: [{ name: "with-dash", type: { kind: "bytes" } }],
      returns: { $ref: "Item" },
      returns_nullable: true,
    },
    {
      name: "put",
      kind: "mutation",
      params: [{ name: "by", type: { kind: "map", key: { kind: "string" }, value: {} } }],
    },
    { name: "lost", kind: "query", params: [], returns: { $ref: "Nowhere" } },
  ],
  events: [{ name: "Put", payload: { $ref: "Item" } }, { name: "Gone" }],
  state: [],
};

describe("the source of a typed client", () => {
  it("says what the interface says", () => {
    const source = typedClientSource("kv-store", ABI);
    for (const line of [
      "export type Item = { readonly id: number; readonly size?: bigint | null };",
      "readonly all: (options?: ExecuteOptions) => Promise<readonly (Item)[]>;",
      'readonly find: (args: { readonly "with-dash": Uint8Array }, options?: ExecuteOptions) => Promise<Item | null>;',
      "readonly put: (args: { readonly by: { readonly [key: string]: unknown } }, options?: ExecuteOptions) => Promise<unknown>;",
      "readonly lost: (options?: ExecuteOptions) => Promise<unknown>;",
      "export interface KvStoreEvents {",
      "readonly Put: Item;",
      "readonly Gone: unknown;",
      "export function connectKvStore(node: NodeClient, contextId: string): KvStore {",
      'put: (args, options) => node.call(contextId, "put", args, options),',
    ]) {
      expect(source).toContain(line);
    }
    expect(source).not.toMatch(/not a name|type Promise|[pP]resence/);
    const present = typedClientSource("kv-store", { ...ABI, presence: { $ref: "Item" } });
    for (const line of [
      'import type { ExecuteOptions, NodeClient, PresenceOptions, PresentMember } from "@dunlin/client";',
      "readonly set: (data: KvStoreShown, options?: PresenceOptions) => Promise<void>;",
      "export type KvStoreShown = Item;",
      "set: (data, options) => node.presence.set(contextId, data, options),",
    ]) {
      expect(present).toContain(line);
    }
  });

  it("is TypeScript whatever a foreign interface says", async () => {
    const prng = createPrng(20_261_130);
    const strings = [
      "a",
      "",
      "__proto__",
      "constructor",
      '"; }',
      "*/",
      "`x`",
      "1",
      "kind",
      "record",
      "list",
      "default",
    ];
    const draw = (depth: number): unknown => {
      const kind = prng.below(depth > 5 ? 3 : 6);
      if (kind === 0) return prng.pick(strings);
      if (kind === 1) return prng.below(3);
      if (kind === 2) return null;
      if (kind === 3) return Array.from({ length: prng.below(3) }, () => draw(depth + 1));
      const keys = ["name", "kind", "items", "fields", "type", "params", "returns", "$ref", "key", "value", "payload"];
      return Object.fromEntries(Array.from({ length: prng.below(5) }, () => [prng.pick(keys), draw(depth + 1)]));
    };
    const list = (): unknown => Array.from({ length: 4 }, () => draw(0));
    for (let round = 0; round < 100; round++) {
      const types = Object.fromEntries(Array.from({ length: 3 }, () => [prng.pick(strings), draw(0)]));
      const source = typedClientSource(prng.pick(strings), { types, methods: list(), events: list() });
      await expect(transform(source, { loader: "ts" })).resolves.toBeDefined();
    }
    expect(typedClientSource("x", null)).toContain("export interface X {");
    let deep: unknown = { kind: "string" };
    for (let i = 0; i < 10_000; i++) deep = { kind: "list", items: deep };
    const methods = [{ name: "deep", params: [], returns: deep }];
    expect(typedClientSource("x", { methods })).toContain("unknown");
  });
});
