/** A call of an application's method, and what may come of it. */
import type { CallEffects, CallWorld } from "./call-world.ts";

import type { Tape } from "./recording/tape.ts";

/** A query reads; a mutation also writes and emits. A migration does as well, and only its host may ask for it. */
export type MethodKind = "query" | "mutation" | "migration";

/** The method that a migration is called as: no other method can have this name. */
export const MIGRATION = "$migrate";

/** A member as an application sees it. */
export interface CallMember {
  /** In base58. */
  readonly publicKey: string;
  readonly role: string;
}

export interface CallRequest {
  readonly method: string;
  /** A JSON object, in which bigints and bytes are as core's `json.ts` says; the empty string stands for `{}`. */
  readonly args: string;
  /** When given, a method of another kind is refused with `METHOD_KIND`. */
  readonly kind?: MethodKind;
  /** Who calls: the member's public key in base58. */
  readonly caller: string;
  /** The context's members with their roles, as far as this node knows. */
  readonly members: () => readonly CallMember[];
  /** What `Date` and `ctx.now` show. */
  readonly nowMs: number;
  /** What `Math.random` and `ctx.random` follow from: an integer in [0, 2^32). */
  readonly seed: number;
  readonly timeLimitMs: number;
  /** Work that the call may do, in functions entered and turns of loops within the engine; `CALL_FUEL_DEFAULT` when absent. */
  readonly fuel?: number;
  /** What it may emit, log and answer, where that is not the default; never more than a delta carries. */
  readonly limits?: CallLimits;
  /** A clock for the time limit alone; the guest never sees it. */
  readonly monotonicMs: () => number;
  /** Goes between the call and each of its operations: to record it, or to answer in its place. */
  readonly tape?: Tape;
  /** Runs each operation that the call asks of the host, by its name: for whoever times them. */
  readonly around?: <T>(operation: string, run: () => T) => T;
  /** What lies on this machine alone; absent where the call must come out the same elsewhere, as a migration does. */
  readonly world?: CallWorld;
}

export interface CallLimits {
  readonly eventsMax?: number;
  readonly eventDataBytesMax?: number;
  readonly logsMax?: number;
  readonly logBytesMax?: number;
  readonly returnBytesMax?: number;
}

export interface CallEvent {
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  /** A mutation that nodes run when they get the event. */
  readonly handler?: string;
}

export type CallOutcome =
  | {
      readonly ok: true;
      /** JSON; null when the method answers nothing. */
      readonly output: string | null;
      readonly events: readonly CallEvent[];
      readonly logs: readonly string[];
      readonly effects: CallEffects;
      /** The work that the call did: the same for the same call on the same state, on every machine. */
      readonly fuel: number;
    }
  | {
      readonly ok: false;
      readonly error: CallError;
      /** The work that it had done; 0 for a call that was refused before it began. */
      readonly fuel: number;
    };

export type CallSuccess = Extract<CallOutcome, { readonly ok: true }>;

export type CallErrorCode =
  /** The application has no method of that name. */
  | "METHOD_NOT_FOUND"
  /** A query tried to write or emit, or the method is not of the kind asked for. */
  | "METHOD_KIND"
  /** The arguments are no JSON object, or too long. */
  | "ARGS_INVALID"
  /** The application threw: see the message, its own code and the stack. */
  | "APPLICATION_ERROR"
  /** The call ran longer than it may. */
  | "TIME_LIMIT"
  /** The call needed more memory than it may. */
  | "MEMORY_LIMIT"
  /** The call nested deeper than it may. */
  | "STACK_LIMIT"
  /** Too many events, logs or containers, or one value or the answer too large. */
  | "LIMIT_EXCEEDED"
  /** The call did more work than it may, counted the same on every machine. */
  | "FUEL_LIMIT"
  /** A WebAssembly application trapped, or asked the host for what cannot be. */
  | "GUEST_TRAP"
  /** The JavaScript engine itself trapped: please report it. */
  | "ENGINE_TRAP";

export interface CallError {
  readonly code: CallErrorCode;
  readonly message: string;
  /** The `code` of what was thrown: the application's own, or that of an operation on its state. */
  readonly applicationCode?: string;
  /** Where in the author's files, innermost first. */
  readonly stack: readonly StackFrame[];
}

export interface StackFrame {
  readonly name: string;
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** Thrown through the guest to end its call at once: guest code can neither catch nor delay it. */
export class CallAbort {
  readonly code: CallErrorCode;
  readonly message: string;
  constructor(code: CallErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** Thrown by an operation for the application to see: it has done something wrong and may go on. */
export class GuestFault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
