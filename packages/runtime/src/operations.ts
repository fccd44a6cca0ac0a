/**
 * The host operations, one table: what the guest calls by place, and the engine runs. An operation that writes is
 * refused in a query before its arguments are looked at.
 */
import { CallAbort, GuestFault } from "./call.ts";
import type { Frame } from "./frame.ts";
import type { HostValue } from "./host-state.ts";
import { EVENT_DATA_BYTES_MAX, EVENTS_MAX, LOG_BYTES_MAX, LOGS_MAX, NAME_CHARS_MAX } from "./limits.ts";

export interface Operation {
  readonly name: string;
  readonly writes: boolean;
  readonly run: (frame: Frame) => HostValue | undefined;
}

function reads(name: string, run: Operation["run"]): Operation {
  return { name, writes: false, run };
}

function acts(name: string, writes: boolean, act: (frame: Frame) => void): Operation {
  const run = (frame: Frame): undefined => {
    act(frame);
  };
  return { name, writes, run };
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: "child",
    writes: true,
    run: (f) => {
      const type = f.type(2);
      return f.open(type, f.host.child(f.handle(0, "map"), f.key(1), type));
    },
  },
  reads("peek", (f) => {
    const type = f.type(2);
    const child = f.host.peek(f.handle(0, "map"), f.key(1), type);
    return child === undefined ? 0 : f.open(type, child);
  }),
  reads("registerGet", (f) => f.host.registerGet(f.handle(0, "register"))),
  acts("registerSet", true, (f) => f.host.registerSet(f.handle(0, "register"), f.value(1))),
  reads("mapGet", (f) => f.host.mapGet(f.handle(0, "map"), f.key(1))),
  acts("mapSet", true, (f) => f.host.mapSet(f.handle(0, "map"), f.key(1), f.value(2))),
  acts("mapDelete", true, (f) => f.host.mapDelete(f.handle(0, "map"), f.key(1))),
  reads("mapHas", (f) => f.host.mapHas(f.handle(0, "map"), f.key(1))),
  reads("mapKeys", (f) => f.host.mapKeys(f.handle(0, "map"))),
  reads("mapSize", (f) => f.host.mapSize(f.handle(0, "map"))),
  acts("counterAdd", true, (f) => f.host.counterAdd(f.handle(0, "counter"), f.number(1))),
  reads("counterValue", (f) => f.host.counterValue(f.handle(0, "counter"))),
  acts("setAdd", true, (f) => f.host.setAdd(f.handle(0, "set"), f.value(1))),
  acts("setRemove", true, (f) => f.host.setRemove(f.handle(0, "set"), f.value(1))),
  reads("setHas", (f) => f.host.setHas(f.handle(0, "set"), f.value(1))),
  reads("setValues", (f) => f.host.setValues(f.handle(0, "set"))),
  reads("setSize", (f) => f.host.setSize(f.handle(0, "set"))),
  acts("textInsert", true, (f) => f.host.textInsert(f.handle(0, "text"), f.number(1), f.string(2))),
  acts("textDelete", true, (f) => f.host.textDelete(f.handle(0, "text"), f.number(1), f.number(2))),
  reads("textLength", (f) => f.host.textLength(f.handle(0, "text"))),
  reads("textSlice", (f) => f.host.textSlice(f.handle(0, "text"), f.number(1), f.number(2))),
  reads("textToString", (f) => f.host.textToString(f.handle(0, "text"))),
  acts("emit", true, emit),
  acts("log", false, log),
  reads("random", (f) => f.random()),
];

/** What the guest's prelude names its operations by. */
export const OPERATION_NAMES: string = OPERATIONS.map(({ name }) => name).join(" ");

function emit(frame: Frame): void {
  if (frame.events.length >= EVENTS_MAX)
    throw new CallAbort("LIMIT_EXCEEDED", `a call emits at most ${EVENTS_MAX} events`);
  const kind = frame.string(0, NAME_CHARS_MAX);
  const data = frame.string(1, EVENT_DATA_BYTES_MAX);
  const handler = frame.optionalString(2, NAME_CHARS_MAX);
  if (handler !== undefined && !frame.handlers.has(handler)) {
    throw new GuestFault("HANDLER_UNKNOWN", `the handler ${handler} is no mutation of this application`);
  }
  frame.events.push(handler === undefined ? { kind, data } : { kind, data, handler });
}

function log(frame: Frame): void {
  if (frame.logs.length >= LOGS_MAX) throw new CallAbort("LIMIT_EXCEEDED", `a call logs at most ${LOGS_MAX} lines`);
  frame.logs.push(frame.string(0, LOG_BYTES_MAX));
}
