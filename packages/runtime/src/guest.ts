/**
 * The world that a guest sees, call by call: the clock, the randomness and the deadline of the call under way, and its
 * host operations. Between calls, and while the application is loaded, there is no state.
 *
 * What an operation throws takes one of two ways. A fault of the application's becomes an error in the guest. All else
 * is thrown right through the guest's frames, which leaves its memory in disorder: the reset repairs that.
 */
import { createPrng, type Prng, StoreFailure, type Value, valueToJson } from "@dunlin/core/base";
import { CallAbort, GuestFault } from "./call.ts";
import type { Frame } from "./frame.ts";
import { OPERATIONS } from "./operations/index.ts";
import type { Operation } from "./operations/operation.ts";
import type { GuestWorld } from "./quickjs/imports.ts";
import type { Machine, Pointer } from "./quickjs/machine.ts";

/** The engine's ways into the guest: addresses of functions, the same in every instance of an image. */
export interface Entry {
  readonly describe: Pointer;
  readonly invoke: Pointer;
  readonly fail: Pointer;
  readonly decode: Pointer;
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

  #operate(index: number, argc: number, argv: Pointer): Value | undefined {
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
    const { around, tape } = frame.request;
    const run = (): Value | undefined =>
      (around ? around(operation.name, () => operation.run(frame)) : operation.run(frame)) ?? undefined;
    return tape ? tape.operate(frame.taped(operation, run)) : run();
  }

  /** Primitives and bytes cross as they are, all else as JSON, in the form of core's `json.ts`. */
  #toGuest(machine: Machine, entry: Entry, value: Value | undefined): Pointer {
    if (typeof value === "string" || value instanceof Uint8Array) this.#frame?.carry(value.length);
    if (!isComposite(value)) return machine.newLeaf(value);
    const text = JSON.stringify(valueToJson(value));
    this.#frame?.carry(text.length);
    const decoded = machine.call(entry.decode, machine.newString(text));
    if (machine.exceptionOf(decoded) === undefined) return decoded;
    throw new CallAbort("MEMORY_LIMIT", "a value of the state does not fit into the application's memory");
  }
}

type Leaf = undefined | null | boolean | number | string | Uint8Array;

function isComposite(value: Value | undefined): value is Exclude<Value, Leaf> {
  if (typeof value === "bigint") return true;
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/** Something that the application did wrong, and may know: a coded error, but never a failure of the store. */
function isFault(thrown: unknown): thrown is Error & { readonly code: string } {
  if (!(thrown instanceof Error) || thrown instanceof StoreFailure) return false;
  return "code" in thrown && typeof thrown.code === "string";
}
