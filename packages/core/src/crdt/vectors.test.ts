import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ActorId, actorId, bytesToHex, hexToBytes, must, publicKey, stamp } from "../base/index.ts";
import { Document } from "./document.ts";
import { textPlugin } from "./fugue-plugin.ts";
import { decodeJoins, encodeJoins } from "./joins/joins.ts";
import { MemorySource } from "./reference/memory-source.ts";

interface Vector {
  readonly name: string;
  readonly deltas: readonly {
    readonly stamp: number;
    readonly actor: string;
    readonly member: string;
    readonly joins: string;
  }[];
  readonly cells: readonly { readonly key: string; readonly value: string }[];
  readonly root: string;
}

const file = new URL("../../../../fixtures/vectors/cells/valid.json", import.meta.url);
const { types } = JSON.parse(readFileSync(file, "utf8")) as { readonly types: readonly Vector[] };
const fromHex = (hex: string): Uint8Array => must(hexToBytes(hex), "hexadecimal");
const intern = (bytes: Uint8Array): ActorId => actorId(bytes.slice());

describe("joins and cells of the vectors", () => {
  it.each(types)("are those of $name", ({ deltas, cells, root }) => {
    const source = new MemorySource();
    const document = new Document(source, textPlugin);
    for (const delta of deltas) {
      const joins = fromHex(delta.joins);
      expect(bytesToHex(encodeJoins(must(decodeJoins(joins, intern), "a blob of joins")))).toBe(delta.joins);
      const [actor, member] = [actorId(fromHex(delta.actor)), publicKey(fromHex(delta.member))];
      expect(document.apply(joins, { stamp: stamp(delta.stamp), actor, member })).toEqual({
        ok: true,
        value: { void: 0 },
      });
    }
    source.put(document.takeDirty());
    expect(source.entries().map(([key, value]) => ({ key: bytesToHex(key), value: bytesToHex(value) }))).toEqual(cells);
    expect(bytesToHex(document.root())).toBe(root);
  });
});
