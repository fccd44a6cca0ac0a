/** The host operations, one table: what the guest calls by place, and the engine runs. */
import { CallAbort, GuestFault } from "../call.ts";
import type { Frame } from "../frame.ts";
import { EVENT_DATA_BYTES_MAX, EVENTS_MAX, LOG_BYTES_MAX, LOGS_MAX, NAME_CHARS_MAX } from "../limits.ts";
import { BLOB_OPERATIONS } from "./blobs.ts";
import { ENTRY_OPERATIONS } from "./entries.ts";
import { GRAPH_OPERATIONS } from "./graphs.ts";
import { LIST_OPERATIONS } from "./lists.ts";
import { MAP_OPERATIONS } from "./maps.ts";
import { type Operation, reads, writes } from "./operation.ts";
import { RECORD_OPERATIONS } from "./records.ts";
import { REGISTER_OPERATIONS } from "./registers.ts";
import { TEXT_OPERATIONS } from "./texts.ts";
import { TREE_OPERATIONS } from "./trees.ts";
import { WORLD_OPERATIONS } from "./world.ts";

const log: Operation["run"] = (frame) => {
  const { logsMax = LOGS_MAX, logBytesMax = LOG_BYTES_MAX } = frame.request.limits ?? {};
  if (frame.logs.length >= logsMax) throw new CallAbort("LIMIT_EXCEEDED", `a call logs at most ${logsMax} lines`);
  frame.logs.push(frame.string(0, logBytesMax));
  return undefined;
};

export const OPERATIONS: readonly Operation[] = [
  ...MAP_OPERATIONS,
  ...REGISTER_OPERATIONS,
  ...TEXT_OPERATIONS,
  ...LIST_OPERATIONS,
  ...ENTRY_OPERATIONS,
  ...TREE_OPERATIONS,
  ...GRAPH_OPERATIONS,
  ...RECORD_OPERATIONS,
  ...WORLD_OPERATIONS,
  ...BLOB_OPERATIONS,
  { ...writes("emit", emit), isPure: true },
  { ...reads("log", log), isPure: true },
  { ...reads("random", (f) => f.random()), isPure: true },
  reads("members", (f) => f.request.members().map(({ publicKey, role }) => [publicKey, role])),
];

/** What the guest's prelude names its operations by. */
export const OPERATION_NAMES: string = OPERATIONS.map(({ name }) => name).join(" ");

function emit(frame: Frame): void {
  const { eventsMax = EVENTS_MAX, eventDataBytesMax = EVENT_DATA_BYTES_MAX } = frame.request.limits ?? {};
  if (frame.events.length >= eventsMax)
    throw new CallAbort("LIMIT_EXCEEDED", `a call emits at most ${eventsMax} events`);
  const kind = frame.string(0, NAME_CHARS_MAX);
  const data = frame.string(1, eventDataBytesMax);
  const handler = frame.optionalString(2, NAME_CHARS_MAX);
  if (handler !== undefined && !frame.handlers.has(handler)) {
    throw new GuestFault("HANDLER_UNKNOWN", `the handler ${handler} is no mutation of this application`);
  }
  frame.events.push(handler === undefined ? { kind, data } : { kind, data, handler });
}
