/** Registers, input and output, logs, events, cross-calls, panics, and the commit. */
import { utf8ToString } from "@dunlin/core/base";
import type { Slice } from "../../wasm/guest-memory.ts";
import type { HostCall } from "../host-call.ts";
import { act, type HostFunction, host } from "../host-function.ts";
import { GUEST_TEXT_BYTES_MAX } from "../limits.ts";
import { HostTrap, invalidMemoryAccess } from "../trap.ts";

const ID_BYTES = 32;
const lossy = new TextDecoder();

export const SYSTEM_FUNCTIONS: readonly HostFunction[] = [
  act("panic", ["location"], (call, location) => panic(call, "explicit panic", location)),
  act("panic_utf8", ["buffer", "location"], (call, message, location) =>
    panic(call, shortText(call, message), location),
  ),
  host("register_len", ["number"], "i64", (call, register) => call.registers.length(register)),
  host("read_register", ["number", "buffer"], "i32", (call, register, into) => {
    const bytes = call.registers.get(register);
    if (bytes.length !== into.length) return false;
    call.work(bytes.length);
    call.memory.write(into, bytes);
    return true;
  }),
  act("context_id", ["number"], (call, register) => call.give(register, call.request.context)),
  act("executor_id", ["number"], (call, register) => call.give(register, call.request.executor)),
  act("input", ["number"], (call, register) => call.give(register, call.request.input)),
  act("value_return", ["returned"], (call, { isError, value }) => {
    if (value.length > call.limits.returnBytesMax) throw tooLong("ValueLengthOverflow", "value length overflow");
    call.requests.returned = { isError, value: call.bytes(value) };
  }),
  act("log_utf8", ["buffer"], (call, line) => log(call, line, (slice) => call.text(slice))),
  host("js_std_d_print", ["number", "raw"], "i32", (call, _context, line) => {
    log(call, line, (slice) => lossy.decode(call.bytes(slice)));
    return 0;
  }),
  act("emit", ["event"], (call, event) => emit(call, event, undefined)),
  act("emit_with_handler", ["event", "optional"], (call, event, handler) => {
    const { eventKindBytesMax } = call.limits;
    const name = handler && handler.length <= eventKindBytesMax ? utf8ToString(call.bytes(handler)) : undefined;
    emit(call, event, name);
  }),
  act("xcall", ["crossCall"], (call, { context, method, params }) => {
    const { crossCallsMax, crossCallFunctionBytesMax, crossCallParamsBytesMax } = call.limits;
    const { crossCalls } = call.requests;
    if (crossCalls.length >= crossCallsMax) throw tooLong("XCallsOverflow", "xcalls overflow");
    if (method.length > crossCallFunctionBytesMax) {
      throw tooLong("XCallFunctionSizeOverflow", "xcall function size overflow");
    }
    if (params.length > crossCallParamsBytesMax) throw tooLong("XCallParamsSizeOverflow", "xcall params size overflow");
    const target = call.fixed(context, ID_BYTES);
    crossCalls.push({ context: target, method: call.text(method), params: call.bytes(params) });
  }),
  act("commit", ["buffer", "buffer"], (call, root, artifact) => {
    if (call.requests.committed !== undefined) invalidMemoryAccess();
    if (artifact.length > call.limits.artifactBytesMax) throw tooLong("ValueLengthOverflow", "value length overflow");
    call.requests.committed = { root: call.fixed(root, ID_BYTES), artifact: call.bytes(artifact) };
  }),
];

function tooLong(type: ConstructorParameters<typeof HostTrap>[0], message: string): HostTrap {
  return new HostTrap(type, message);
}

function log(call: HostCall, line: Slice, read: (line: Slice) => string): void {
  const { logs } = call.requests;
  if (logs.length >= call.limits.logsMax) throw tooLong("LogsOverflow", "logs overflow");
  if (line.length > call.limits.logBytesMax) throw tooLong("LogLengthOverflow", "log size overflow");
  logs.push(read(line));
}

function emit(call: HostCall, { kind, data }: { kind: Slice; data: Slice }, handler: string | undefined): void {
  const { eventsMax, eventKindBytesMax, eventDataBytesMax } = call.limits;
  const { events } = call.requests;
  if (kind.length > eventKindBytesMax) throw tooLong("EventKindSizeOverflow", "event kind size overflow");
  if (data.length > eventDataBytesMax) throw tooLong("EventDataSizeOverflow", "event data size overflow");
  if (events.length >= eventsMax) throw tooLong("EventsOverflow", "events overflow");
  events.push({ kind: call.text(kind), data: call.bytes(data), handler });
}

function panic(call: HostCall, message: string, location: { file: Slice; line: number; column: number }): never {
  const file = shortText(call, location.file);
  throw new HostTrap("Panic", `guest panicked: ${message} at ${file}:${location.line}:${location.column}`);
}

/** A guest's own words for its end: cut, and whatever is no text is replaced. */
function shortText(call: HostCall, { at, length }: Slice): string {
  return lossy.decode(call.bytes({ at, length: Math.min(length, GUEST_TEXT_BYTES_MAX) }));
}
