/**
 * What ends a call from within a host function: the errors of the Calimero host by their names, which applications and
 * their authors know, each under one of our codes.
 */
import { utf8ToString } from "@dunlin/core/base";
import type { CallError, CallErrorCode } from "../call.ts";

export type HostErrorType =
  | "InvalidRegisterId"
  | "InvalidMemoryAccess"
  | "Panic"
  | "BadUTF8"
  | "KeyLengthOverflow"
  | "ValueLengthOverflow"
  | "LogLengthOverflow"
  | "LogsOverflow"
  | "EventsOverflow"
  | "EventKindSizeOverflow"
  | "EventDataSizeOverflow"
  | "XCallsOverflow"
  | "XCallFunctionSizeOverflow"
  | "XCallParamsSizeOverflow"
  | "BlobsNotSupported"
  | "InvalidBlobHandle"
  | "TooManyBlobHandles"
  | "BlobBufferTooLarge"
  | "BlobWriteTooLarge"
  | "BlobContextMismatch"
  | "Ed25519IncorrectPublicKey"
  | "AliasAlreadyExists"
  | "AliasTooLong"
  | "DeserializationError"
  | "OutOfFuel"
  | "NotRepeatable";

const CODES: Partial<Record<HostErrorType, CallErrorCode>> = {
  Panic: "APPLICATION_ERROR",
  KeyLengthOverflow: "LIMIT_EXCEEDED",
  ValueLengthOverflow: "LIMIT_EXCEEDED",
  LogLengthOverflow: "LIMIT_EXCEEDED",
  LogsOverflow: "LIMIT_EXCEEDED",
  EventsOverflow: "LIMIT_EXCEEDED",
  EventKindSizeOverflow: "LIMIT_EXCEEDED",
  EventDataSizeOverflow: "LIMIT_EXCEEDED",
  XCallsOverflow: "LIMIT_EXCEEDED",
  XCallFunctionSizeOverflow: "LIMIT_EXCEEDED",
  XCallParamsSizeOverflow: "LIMIT_EXCEEDED",
  TooManyBlobHandles: "LIMIT_EXCEEDED",
  BlobBufferTooLarge: "LIMIT_EXCEEDED",
  BlobWriteTooLarge: "LIMIT_EXCEEDED",
  OutOfFuel: "FUEL_LIMIT",
};

/** Thrown by a host function; it ends the call, and nothing of it stays. */
export class HostTrap extends Error {
  override readonly name = "HostTrap";
  readonly type: HostErrorType;

  constructor(type: HostErrorType, message: string) {
    super(message);
    this.type = type;
  }

  get error(): CallError {
    return guestFailure(CODES[this.type] ?? "GUEST_TRAP", this.message, this.type);
  }
}

export function invalidMemoryAccess(): never {
  throw new HostTrap("InvalidMemoryAccess", "invalid memory access");
}

export function guestFailure(code: CallErrorCode, message: string, applicationCode?: string): CallError {
  return { code, message, stack: [], ...(applicationCode === undefined ? {} : { applicationCode }) };
}

/** What a method returned as its error: text when it is JSON or text, else its length. */
export function returnedError(bytes: Uint8Array): CallError {
  const text = utf8ToString(bytes);
  const shown = text === undefined ? `${bytes.length} bytes that are no text` : readable(text);
  return guestFailure("APPLICATION_ERROR", `the method returned an error: ${shown}`, "ExecutionError");
}

function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}

const TRAPS: readonly (readonly [words: RegExp, type: string])[] = [
  [/unreachable/, "Unreachable"],
  [/memory access out of bounds|memory index is out of range/, "MemoryOutOfBounds"],
  [/table (index is )?out of bounds|table index is out of bounds/, "TableAccessOutOfBounds"],
  [/null function|indirect call to null/, "IndirectCallToNull"],
  [/signature mismatch/, "BadSignature"],
  [/divide by zero|remainder by zero|unrepresentable|float unrepresentable/, "IllegalArithmetic"],
];

/** The failure that a thrown value stands for; throws on what is no guest's doing. */
export function failureOfThrown(
  thrown: unknown,
  spent: { readonly fuel: boolean; readonly stack: boolean },
): CallError {
  if (thrown instanceof HostTrap) return thrown.error;
  if (thrown instanceof RangeError && /call stack/.test(thrown.message)) {
    return guestFailure("STACK_LIMIT", "stack overflow", "StackOverflow");
  }
  if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
  if (spent.fuel) return guestFailure("FUEL_LIMIT", "the call did more work than it may", "OutOfFuel");
  if (spent.stack) return guestFailure("STACK_LIMIT", "the call nests deeper than it may", "StackOverflow");
  const type = TRAPS.find(([words]) => words.test(thrown.message))?.[1] ?? "Indeterminate";
  return guestFailure("GUEST_TRAP", `the application trapped: ${thrown.message}`, type);
}
