/**
 * One call under way: what it was given, what it has emitted, and the arguments of the host operation it is in.
 *
 * Everything that the guest passes is checked here. A handle is a number that this call was given, for a container of
 * the type that the operation needs; 1 to n are the fields, which are looked up at their first use.
 */
import { createPrng, type Prng } from "@dunlin/core/base";
import { CallAbort, type CallEvent, type CallRequest, GuestFault } from "./call.ts";
import type { ContainerType, HostHandle, HostState, HostValue } from "./host-state.ts";
import { HANDLES_MAX, HOST_STRING_BYTES_MAX, KEY_BYTES_MAX } from "./limits.ts";
import type { Machine, Pointer } from "./quickjs/machine.ts";

export interface StateField {
  readonly name: string;
  readonly type: ContainerType;
}

/** By the code that the guest names a type with; 0 is none. */
const TYPE_BY_CODE: readonly (ContainerType | undefined)[] = [undefined, "register", "map", "counter", "set", "text"];

const FORM_PLAIN = 0;
const FORM_JSON = 1;
const FORM_BIGINT = 2;
const FORM_BYTES = 3;
/** A bigint's decimal digits; the parse is quadratic. */
const BIGINT_CHARS_MAX = 1024;

interface Opened {
  readonly type: ContainerType;
  handle: HostHandle | undefined;
}

export class Frame {
  readonly machine: Machine;
  readonly host: HostState;
  readonly mayWrite: boolean;
  readonly handlers: ReadonlySet<string>;
  readonly events: CallEvent[] = [];
  readonly logs: string[] = [];
  readonly #fields: readonly StateField[];
  readonly #opened: Opened[] = [];
  readonly #seed: number;
  #prng: Prng | undefined;
  #argc = 0;
  #argv: Pointer = 0;

  constructor(
    machine: Machine,
    host: HostState,
    request: CallRequest,
    declared: { readonly state: readonly StateField[]; readonly mutations: ReadonlySet<string> },
  ) {
    this.machine = machine;
    this.host = host;
    this.mayWrite = declared.mutations.has(request.method);
    this.handlers = declared.mutations;
    this.#fields = declared.state;
    this.#seed = request.seed;
    for (const field of declared.state) this.#opened.push({ type: field.type, handle: undefined });
  }

  /** Turns to the arguments of the next host operation. */
  enter(argc: number, argv: Pointer): void {
    this.#argc = argc;
    this.#argv = argv;
  }

  /** A number in [0, 1) of 53 bits. */
  random(): number {
    const prng = this.prng();
    return (prng.u32() * 2 ** 21 + (prng.u32() >>> 11)) / 2 ** 53;
  }

  prng(): Prng {
    this.#prng ??= createPrng(this.#seed);
    return this.#prng;
  }

  #argument(index: number): Pointer {
    if (index >= this.#argc) throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is missing`);
    return this.machine.argument(this.#argv, index);
  }

  /** The host's handle of the container that argument `index` names. */
  handle(index: number, type: ContainerType): HostHandle {
    const place = this.number(index) - 1;
    const opened = this.#opened[place];
    if (opened === undefined) throw new GuestFault("HANDLE_INVALID", "a container of another call");
    if (opened.type !== type) throw new GuestFault("HANDLE_INVALID", `a ${opened.type} is no ${type}`);
    opened.handle ??= this.host.field(opened.type, (this.#fields[place] as StateField).name);
    return opened.handle;
  }

  /** The guest's handle of a container that the host has opened. */
  open(type: ContainerType, handle: HostHandle): number {
    if (this.#opened.length >= HANDLES_MAX) {
      throw new CallAbort("LIMIT_EXCEEDED", `a call opens at most ${HANDLES_MAX} containers`);
    }
    this.#opened.push({ type, handle });
    return this.#opened.length;
  }

  type(index: number): ContainerType {
    const type = TYPE_BY_CODE[this.number(index)];
    if (type === undefined) throw new GuestFault("ARGUMENT_INVALID", "no such container type");
    return type;
  }

  /** A safe integer. */
  number(index: number): number {
    const value = this.machine.readNumber(this.#argument(index));
    if (!Number.isSafeInteger(value)) throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no integer`);
    return value;
  }

  string(index: number, maxBytes: number = HOST_STRING_BYTES_MAX): string {
    const value = this.#argument(index);
    if (!this.machine.isString(value)) {
      throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no string`);
    }
    return this.#bounded(this.machine.readString(value, maxBytes), maxBytes);
  }

  optionalString(index: number, maxBytes: number): string | undefined {
    const absent = index >= this.#argc || this.machine.isUndefined(this.#argument(index));
    return absent ? undefined : this.string(index, maxBytes);
  }

  key(index: number): string {
    return this.string(index, KEY_BYTES_MAX);
  }

  /** The value at `index`, in the form that the next argument tells. */
  value(index: number): HostValue {
    switch (this.number(index + 1)) {
      case FORM_PLAIN:
        return this.#plain(index);
      case FORM_JSON:
        return parseJson(this.string(index));
      case FORM_BIGINT:
        return parseBigInt(this.string(index, BIGINT_CHARS_MAX));
      case FORM_BYTES:
        return this.#bounded(
          this.machine.readBytes(this.#argument(index), HOST_STRING_BYTES_MAX),
          HOST_STRING_BYTES_MAX,
        );
      default:
        throw new GuestFault("ARGUMENT_INVALID", "no such form of a value");
    }
  }

  #plain(index: number): HostValue {
    const value = this.machine.readPrimitive(this.#argument(index), HOST_STRING_BYTES_MAX);
    if (value === undefined) throw new GuestFault("VALUE_INVALID", "not a value that state can hold, or too long");
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new GuestFault("VALUE_INVALID", `${value} is not a value that state can hold`);
    }
    return value;
  }

  #bounded<T>(value: T | undefined, maxBytes: number): T {
    if (value === undefined) throw new GuestFault("LIMIT_EXCEEDED", `longer than ${maxBytes} bytes`);
    return value;
  }
}

function parseJson(text: string): HostValue {
  try {
    return JSON.parse(text) as HostValue;
  } catch {
    throw new GuestFault("VALUE_INVALID", "not JSON");
  }
}

function parseBigInt(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new GuestFault("VALUE_INVALID", "not an integer");
  return BigInt(text);
}
