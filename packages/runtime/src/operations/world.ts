/** What lies beside the state: who is present, and calls of other contexts of this node. */
import {
  bytesToHex,
  idKeyToBytes,
  idToText,
  type Json,
  jsonToValue,
  textToId,
  utf8,
  utf8ToString,
  type Value,
} from "@dunlin/core/base";
import { CallAbort, GuestFault } from "../call.ts";
import type { CallPresent } from "../call-world.ts";
import type { Frame } from "../frame.ts";
import {
  CROSS_CALL_ARGS_BYTES_MAX,
  CROSS_CALL_DEPTH_MAX,
  CROSS_CALLS_MAX,
  KEY_BYTES_MAX,
  NAME_CHARS_MAX,
} from "../limits.ts";
import { type Operation, reads, writes } from "./operation.ts";

export const WORLD_OPERATIONS: readonly Operation[] = [
  reads("contextId", (f) => f.world.context),
  reads("calledFrom", (f) => f.world.via.at(-1)),

  writes("presenceSet", (f) => {
    const [data, ttlMs] = [utf8(f.string(0)), f.number(1)];
    const checked = f.world.presence.check(data, ttlMs);
    if (!checked.ok) throw new GuestFault(checked.error.code, checked.error.message);
    f.effects.presence = { data, ttlMs };
  }),
  writes("presenceClear", (f) => {
    f.effects.presence = null;
  }),
  reads("presenceList", (f) => {
    const present = f.world.presence.list();
    f.walk(present.length);
    return present.map(shownOf);
  }),

  writes("callContext", callContext),
];

/** Member, installation and data. What others show is foreign: null when no application can have said it. */
function shownOf({ member, actorKey, data }: CallPresent): Value {
  return [idToText(member), bytesToHex(idKeyToBytes(actorKey)), parse(utf8ToString(data)) ?? null];
}

function parse(text: string | undefined): Value | undefined {
  try {
    return text === undefined ? undefined : jsonToValue(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

function callContext(frame: Frame): void {
  const { crossCalls } = frame.effects;
  if (crossCalls.length >= CROSS_CALLS_MAX)
    throw new CallAbort("LIMIT_EXCEEDED", `a call calls other contexts at most ${CROSS_CALLS_MAX} times`);
  const name = frame.string(0, KEY_BYTES_MAX);
  const method = frame.string(1, NAME_CHARS_MAX);
  const params = utf8(frame.string(2, CROSS_CALL_ARGS_BYTES_MAX));
  const context = textToId(name);
  if (context === undefined) throw new GuestFault("CONTEXT_INVALID", "not the id of a context");
  const { context: self, via } = frame.world;
  if (name === self || via.includes(name))
    throw new GuestFault("CONTEXT_CYCLE", "a context whose call led to this one is not called again");
  if (via.length >= CROSS_CALL_DEPTH_MAX)
    throw new GuestFault(
      "CONTEXT_CALLS_TOO_DEEP",
      `${via.length} contexts' calls led to this one: it calls no further`,
    );
  crossCalls.push({ context, method, params });
}
