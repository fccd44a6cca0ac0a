/**
 * Anchors: places in a text or list that name an element and one of its sides instead of an index, so they keep their
 * meaning through every edit, one's own, concurrent or yet to come.
 *
 * An anchor before an element moves with what follows it, one after an element with what precedes it. When the element
 * is deleted its place in the order stays, and the anchor stands where it was.
 *
 *   kind (1): 0 start | 1 end | 2 before | 3 after     and for 2 and 3:   counter (varint, above 0) | actor (16)
 *
 * Refuses: another kind, a counter outside its range, bytes left over.
 */
import { ACTOR_BYTES, type ActorId, actorId, Reader, Writer } from "../../base/index.ts";
import { COUNTER_MAX } from "./limits.ts";

/** The id of an element: the actor that inserted it, and its Lamport counter. */
export interface ElementId {
  readonly actor: ActorId;
  readonly counter: number;
}

export type Anchor =
  | { readonly at: "start" }
  | { readonly at: "end" }
  | { readonly at: "before" | "after"; readonly actor: ActorId; readonly counter: number };

/** Which neighbour a place belongs to: the element before it or the one after it. */
export type AnchorSide = "before" | "after";

const KINDS = ["start", "end", "before", "after"] as const;

export function encodeAnchor(anchor: Anchor): Uint8Array {
  const writer = new Writer(ACTOR_BYTES + 8);
  writeAnchor(writer, anchor);
  return writer.toBytes();
}

/** Undefined when the bytes are not the encoding of an anchor. */
export function decodeAnchor(bytes: Uint8Array): Anchor | undefined {
  const reader = new Reader(bytes);
  const anchor = readAnchor(reader);
  return reader.finish() ? anchor : undefined;
}

export function writeAnchor(writer: Writer, anchor: Anchor): void {
  writer.u8(KINDS.indexOf(anchor.at));
  if (anchor.at === "before" || anchor.at === "after") writer.varint(anchor.counter).raw(anchor.actor);
}

/** The reader fails on anything but the encoding of an anchor. */
export function readAnchor(reader: Reader): Anchor {
  const at = KINDS[reader.u8()];
  if (at === "start") return { at };
  if (at === "end") return { at };
  const counter = reader.varint();
  const actor = reader.raw(ACTOR_BYTES);
  if (at === undefined || counter < 1 || counter > COUNTER_MAX) reader.fail();
  if (at === undefined || reader.failed) return { at: "start" };
  return { at, actor: actorId(actor.slice()), counter };
}
