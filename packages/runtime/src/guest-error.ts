/** What a guest threw, as a call's error: its kind by the engine's own errors, its stack in the author's files. */
import type { CallError, CallErrorCode, StackFrame } from "./call.ts";
import { ERROR_TEXT_BYTES_MAX, STACK_FRAMES_MAX } from "./limits.ts";
import type { Machine, Pointer } from "./quickjs/machine.ts";
import type { SourceMap } from "./source-map.ts";

/** `    at name (file:line:column)` */
const FRAME = /^\s*at (.*?) ?\(?([^()\s]+):(\d+):(\d+)\)?$/;
/** Sources that are not the author's. */
const FOREIGN_SOURCE = /^dunlin:/;

export function guestError(machine: Machine, thrown: Pointer, sourceMap: SourceMap, file: string): CallError {
  if (!machine.isError(thrown)) {
    const value = machine.readPrimitive(thrown, ERROR_TEXT_BYTES_MAX);
    const message = value === undefined ? "the application threw something that is no Error" : String(value);
    return { code: "APPLICATION_ERROR", message, stack: [] };
  }
  const read = (name: string): string | undefined => machine.readProperty(thrown, name, ERROR_TEXT_BYTES_MAX);
  const name = read("name") ?? "Error";
  const message = read("message") ?? "(a message that is no short text)";
  const code = codeOf(name, message);
  const applicationCode = read("code");
  const stack = authorFrames(read("stack") ?? "", sourceMap, file);
  const shown = name === "Error" || name === "" ? message : `${name}: ${message}`;
  return { code, message: shown, stack, ...(applicationCode === undefined ? {} : { applicationCode }) };
}

function codeOf(name: string, message: string): CallErrorCode {
  if (name === "InternalError" && message === "out of memory") return "MEMORY_LIMIT";
  if (name === "RangeError" && message === "Maximum call stack size exceeded") return "STACK_LIMIT";
  return "APPLICATION_ERROR";
}

function authorFrames(stack: string, sourceMap: SourceMap, file: string): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const text of stack.split("\n")) {
    const match = FRAME.exec(text);
    if (match === null || match[2] !== file || frames.length >= STACK_FRAMES_MAX) continue;
    const origin = sourceMap.locate(Number(match[3]), Number(match[4]));
    if (origin !== undefined && !FOREIGN_SOURCE.test(origin.file)) frames.push({ name: match[1] ?? "", ...origin });
  }
  return frames;
}
