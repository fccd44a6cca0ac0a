/**
 * The world that a guest sees, call by call: the clock, the randomness and the deadline of the call under way, and its
 * host operations. Between calls, and while the application is loaded, there is no state.
 *
 * What an operation throws takes one of two ways. A fault of the application's becomes an error in the guest. All else
 * is thrown right through the guest's frames, which leaves its memory in disorder: the reset repairs that.
 */
import { createPrng, type Prng, StoreFailure } from "@dunlin/core/base";
import { CallAbort, GuestFault } from "./call.ts";
import type { Frame } from "./frame.ts";
import type { HostValue } from "./host-state.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import type { GuestWorld } from "./quickjs/imports.ts";
import type { Machine, Pointer } from "./quickjs/machine.ts";

/** The engine's ways into the guest: addresses of functions, the same in every instance of an image. */
export interface Entry {
  readonly describe: Pointer;
  readonly invoke: Pointer;
  readonly fail: Pointer;
  readonly parse: Pointer;
  readonly toBigInt: Pointer;
}

export interface Deadline {
  readonly atMs: number;
  readonly monotonicMs: () => number;
}

/** A failure of the host on its way through the guest. */
export class HostThrow {
  readonly thrown: unknown;
  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}

const NO_DEADLINE: Deadline = { atMs: Number.POSITIVE_INFINITY, monotonicMs: () => 0 };
const RANDOM_OPERATION = OPERATIONS.findIndex(({ name }) => name === "random");

export class Guest implements GuestWorld {
  #machine: Machine | undefined;
  #entry: Entry | undefined;
  #frame: Frame | undefined;
  #nowMs = 0;
  #deadline: Deadline = NO_DEADLINE;
  #idlePrng: Prng = createPrng(0);

  /** Sets which instance the operations belong to. */
  attach(machine: Machine, entry: Entry): void {
    this.#machine = machine;
    this.#entry = entry;
  }

  /** Runs guest code under a deadline, with the state and time of a call when there is one. */
  run<T>(deadline: Deadline, call: { readonly frame: Frame; readonly nowMs: number } | undefined, code: () => T): T {
    this.#deadline = deadline;
    this.#frame = call?.frame;
    this.#nowMs = call?.nowMs ?? 0;
    try {
      return code();
    } finally {
      this.#deadline = NO_DEADLINE;
      this.#frame = undefined;
    }
  }

  clockMs(): number {
    return this.#nowMs;
  }

  randomByte(): number {
    return (this.#frame?.prng() ?? this.#idlePrng).below(256);
  }

  poll(): void {
    if (this.#deadline.monotonicMs() >= this.#deadline.atMs) {
      throw new CallAbort("TIME_LIMIT", "the call ran longer than it may");
    }
  }

  hostCall(argc: number, argv: Pointer): Pointer {
    const machine = this.#machine;
    const entry = this.#entry;
    if (machine === undefined || entry === undefined) return 0;
    const index = argc > 0 ? machine.readNumber(machine.argument(argv, 0)) : -1;
    try {
      return this.#toGuest(machine, entry, this.#operate(index, argc - 1, argv + 4));
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown instanceof CallAbort ? thrown : new HostThrow(thrown);
      machine.call(entry.fail, machine.newString(thrown.code), machine.newString(thrown.message));
      return 0;
    }
  }

  #operate(index: number, argc: number, argv: Pointer): HostValue | undefined {
    const operation: Operation | undefined = OPERATIONS[index];
    if (operation === undefined) throw new GuestFault("ARGUMENT_INVALID", "no such operation");
    const frame = this.#frame;
    if (frame === undefined) {
      if (index === RANDOM_OPERATION) return this.#idlePrng.unit();
      throw new GuestFault(
        "STATE_UNAVAILABLE",
        "there is no state while an application is loaded: only in its methods",
      );
    }
    if (operation.writes && !frame.mayWrite) {
      throw new CallAbort("METHOD_KIND", `a query cannot write: ${operation.name}`);
    }
    frame.enter(argc, argv);
    return operation.run(frame) ?? undefined;
  }

  #toGuest(machine: Machine, entry: Entry, value: HostValue | undefined): Pointer {
    if (typeof value === "bigint")
      return this.#made(machine, machine.call(entry.toBigInt, machine.newString(`${value}`)));
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return machine.newLeaf(value);
    if (isMixed(value)) return machine.newArray(value, (item) => this.#toGuest(machine, entry, item));
    return this.#made(machine, machine.call(entry.parse, machine.newString(JSON.stringify(value, refuseNested))));
  }

  #made(machine: Machine, value: Pointer): Pointer {
    if (machine.exceptionOf(value) === undefined) return value;
    throw new CallAbort("MEMORY_LIMIT", "a value of the state does not fit into the application's memory");
  }
}

/** A list of set elements, of which some have no JSON form. */
function isMixed(value: object): value is readonly HostValue[] {
  return Array.isArray(value) && value.some((item) => typeof item === "bigint" || item instanceof Uint8Array);
}

function refuseNested(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint" && !(value instanceof Uint8Array)) return value;
  throw new GuestFault("VALUE_UNSUPPORTED", "the value holds a bigint or bytes inside, which applications cannot read");
}

/** Something that the application did wrong, and may know: a coded error, but never a failure of the store. */
function isFault(thrown: unknown): thrown is Error & { readonly code: string } {
  if (!(thrown instanceof Error) || thrown instanceof StoreFailure) return false;
  return "code" in thrown && typeof thrown.code === "string";
}
