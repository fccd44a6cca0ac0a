/** Entries that members own, and entries that never change. */
import { idToText, type PublicKey, publicKey, textToId } from "@dunlin/core/base";
import type { Value } from "@dunlin/core/crdt";
import { GuestFault } from "../call.ts";
import type { Frame } from "../frame.ts";
import { makes, type Operation, reads, writes } from "./operation.ts";

const ID_CHARS_MAX = 44;

export const ENTRY_OPERATIONS: readonly Operation[] = [
  reads("userGet", (f) => f.view(0, "user-entries").get(memberAt(f, 1))),
  writes("userSet", (f) => f.writer(0, "user-entries").set(f.value(1))),
  writes("userClear", (f) => f.writer(0, "user-entries").clear()),
  reads("userSize", (f) => f.view(0, "user-entries").size),
  reads("userAll", (f) => {
    const entries = f.view(0, "user-entries");
    f.walk(entries.size);
    return entries.all().map(([member, value]): Value => [idToText(member), value]);
  }),

  makes("frozenPut", (f) => idToText(f.writer(0, "frozen-entries").put(f.value(1)))),
  reads("frozenGet", (f) => f.view(0, "frozen-entries").get(idAt(f, 1))),
  reads("frozenHas", (f) => f.view(0, "frozen-entries").has(idAt(f, 1))),
  reads("frozenSize", (f) => f.view(0, "frozen-entries").size),
  reads("frozenEntries", (f) => {
    const entries = f.view(0, "frozen-entries");
    f.walk(entries.size);
    return entries.entries().map(([key, value]): Value => [idToText(key), value]);
  }),
];

function memberAt(frame: Frame, index: number): PublicKey {
  return publicKey(idAt(frame, index));
}

function idAt(frame: Frame, index: number): Uint8Array {
  const id = textToId(frame.string(index, ID_CHARS_MAX));
  if (id === undefined) throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no id in base58`);
  return id;
}
