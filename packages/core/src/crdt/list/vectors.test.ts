import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ActorId, actorId, bytesToHex, hexToBytes, must, Reader, type Stamp, Writer } from "../../base/index.ts";
import * as mark from "../cells/mark.ts";
import * as listJoins from "../joins/list-joins.ts";
import * as marksJoins from "../joins/marks-joins.ts";
import { actorOf, originOf } from "../reference/draw.ts";
import { decodeAnchor, encodeAnchor } from "../text/anchor.ts";
import { decodeBlock, decodeJoin, encodeFragment } from "../text/codec.ts";
import { Fragment } from "../text/fragment.ts";
import { TextState } from "../text/text-state.ts";
import { decodeItemBlock, encodeItemBlock } from "./item-block.ts";
import { ListState } from "./list-state.ts";

interface Vector {
  readonly format: string;
  readonly bytes: string;
}

const url = new URL("../../../../../fixtures/vectors/sequences/valid.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { readonly vectors: readonly Vector[] };
const intern = (bytes: Uint8Array): ActorId => actorId(bytes.slice());

/** Decodes and encodes again; undefined when refused. */
const RECODERS: { readonly [format: string]: (bytes: Uint8Array) => Uint8Array | undefined } = {
  "text join": (bytes) => {
    const fragment = new Fragment();
    return decodeJoin(bytes, fragment) ? encodeFragment(fragment, 0) : undefined;
  },
  "text block": (bytes) => {
    const fragment = new Fragment();
    return decodeBlock(bytes, 0, fragment) ? encodeFragment(fragment, 0) : undefined;
  },
  anchor: (bytes) => {
    const anchor = decodeAnchor(bytes);
    return anchor && encodeAnchor(anchor);
  },
  "item block": (bytes) => {
    const block = decodeItemBlock(bytes, actorOf(1), 0, intern);
    return block && encodeItemBlock(block);
  },
  "list joins": (bytes) => recoded(bytes, (reader) => listJoins.read(reader, intern, { joins: 0 }), listJoins.write),
  "marks joins": (bytes) => recoded(bytes, (reader) => marksJoins.read(reader, { joins: 0 }), marksJoins.write),
  mark: (bytes) => recoded(bytes, mark.decode, mark.encode),
};

function recoded<T>(
  bytes: Uint8Array,
  read: (reader: Reader) => T,
  write: (writer: Writer, value: T) => void,
): Uint8Array | undefined {
  const reader = new Reader(bytes);
  const value = read(reader);
  if (!reader.finish()) return undefined;
  const writer = new Writer();
  write(writer, value);
  return writer.toBytes();
}

/** What the code makes today of edits that reach every part of each format. */
function made(): Vector[] {
  const vectors: Vector[] = [];
  const add = (format: string, bytes: Uint8Array) => vectors.push({ format, bytes: bytesToHex(bytes) });
  const text = new TextState();
  text.insert(actorOf(2), 0, "żó");
  text.takeJoin();
  text.insert(actorOf(1), 1, "ab");
  text.delete(actorOf(1), 0, 2);
  add("text join", must(text.takeJoin(), "edited"));
  for (const { bytes } of text.takeDirty()) add("text block", bytes);
  const [from, to] = [text.anchorAt(1, "before"), text.anchorAt(1, "after")];
  for (const anchor of [{ at: "start" } as const, { at: "end" } as const, from, to])
    add("anchor", encodeAnchor(anchor));
  const cell = { name: "bold", from, to, value: true };
  const writer = new Writer();
  mark.encode(writer, cell);
  add("mark", writer.toBytes());
  writer.reset();
  marksJoins.write(writer, [cell, { ...cell, value: undefined }]);
  add("marks joins", writer.toBytes());
  for (const joins of listEdits()) {
    writer.reset();
    listJoins.write(writer, joins.joins);
    add("list joins", writer.toBytes());
    for (const bytes of joins.items) add("item block", bytes);
  }
  return vectors;
}

function listEdits(): { joins: listJoins.ListJoins; items: Uint8Array[] }[] {
  const list = new ListState();
  const step = (actor: number) => ({
    joins: must(list.takeJoins(actorOf(actor)), "edited"),
    items: list.takeDirty().flatMap(({ family, bytes }) => (family === "items" ? [bytes] : [])),
  });
  list.insert(originOf(1, 1), 0, ["a", 2, null, true]);
  const first = step(1);
  list.move(originOf(2, 2), 3, 0);
  list.set(originOf(2, 2), 1, "A");
  list.delete(2, 1);
  return [first, step(2)];
}

describe("the vectors of sequences", () => {
  it("are what the code makes", () => {
    expect(vectors).toEqual(made());
  });

  it.each(vectors)("decode and encode to themselves: $format", ({ format, bytes }) => {
    const recode = must(RECODERS[format], "a known format");
    expect(bytesToHex(must(recode(must(hexToBytes(bytes), "hexadecimal")), "accepted"))).toBe(bytes);
  });

  it("are of every format, and keys of marks ascend with their stamps", () => {
    expect(new Set(vectors.map(({ format }) => format)).size).toBe(Object.keys(RECODERS).length);
    const keys = [1, 255, 2 ** 32 - 1, 2 ** 32, 2 ** 52].map((stamp) => mark.markKey(stamp as Stamp, actorOf(1), 0));
    expect([...keys].sort()).toEqual(keys);
  });
});
