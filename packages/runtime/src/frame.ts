/**
 * One call under way: what it was given, what it has emitted, and the arguments of the host operation it is in.
 *
 * Everything that the guest passes is checked here. A handle is a number that this call was given, for a container of
 * the type that the operation needs; 1 to n are the fields, those of this node after the others, which are looked up at
 * their first use. What an operation
 * costs is charged to the fuel of the call: by what it was given, what it walks and what it answers, never by what
 * happened to be in memory, so that the same call costs the same everywhere.
 */
import { assert, createPrng, type Json, jsonToValue, must, type Prng, type Value } from "@dunlin/core/base";
import type { CrossCall } from "./calimero/host-call.ts";
import { CallAbort, type CallEvent, type CallRequest, GuestFault } from "./call.ts";
import type { CallEffects, CallWorld } from "./call-world.ts";
import {
  CHARS_PER_FUEL,
  HANDLES_MAX,
  HOST_STRING_BYTES_MAX,
  ITEM_FUEL,
  KEY_BYTES_MAX,
  OPERATION_FUEL,
} from "./limits.ts";
import type { Operation } from "./operations/operation.ts";
import type { Machine, Pointer } from "./quickjs/machine.ts";
import { shownBytes, shownText } from "./recording/shown.ts";
import type { TapedOperation } from "./recording/tape.ts";
import { type ContainerType, type ContainerWriter, type StateRoot, TYPE_BY_CODE, type View } from "./state-root.ts";

export interface StateField {
  readonly name: string;
  readonly type: ContainerType;
  /** Whether it refers to blobs, which are then kept. */
  readonly holdsBlobs?: boolean;
}

/** How a value crosses: as itself, when it is primitive or bytes, or as JSON in the form of core's `json.ts`. */
const FORM_PLAIN = 0;
const FORM_JSON = 1;

interface DeclaredFields {
  readonly state: readonly StateField[];
  readonly local: readonly StateField[];
}

interface Opened {
  readonly type: ContainerType;
  view: View | undefined;
}

export class Frame {
  readonly machine: Machine;
  readonly request: CallRequest;
  readonly mayWrite: boolean;
  readonly handlers: ReadonlySet<string>;
  readonly events: CallEvent[] = [];
  readonly logs: string[] = [];
  /** What it has asked for so far. */
  readonly effects: { presence: CallEffects["presence"]; readonly crossCalls: CrossCall[] } = {
    presence: undefined,
    crossCalls: [],
  };
  readonly #root: StateRoot;
  readonly #declared: DeclaredFields;
  readonly #opened: Opened[] = [];
  #prng: Prng | undefined;
  #argc = 0;
  #argv: Pointer = 0;

  constructor(
    machine: Machine,
    root: StateRoot,
    request: CallRequest,
    declared: DeclaredFields & { readonly mutations: ReadonlySet<string> },
  ) {
    this.machine = machine;
    this.request = request;
    this.mayWrite = declared.mutations.has(request.method) || request.kind === "migration";
    this.handlers = declared.mutations;
    this.#root = root;
    this.#declared = declared;
    for (const { type } of declared.state) this.#opened.push({ type, view: undefined });
    for (const { type } of declared.local) this.#opened.push({ type, view: undefined });
  }

  /** Turns to the arguments of the next host operation, and charges for it. */
  enter(argc: number, argv: Pointer): void {
    this.#argc = argc;
    this.#argv = argv;
    this.machine.spend(OPERATION_FUEL);
  }

  /** Charges for so many items that an operation walks. */
  walk(items: number): void {
    this.machine.spend(items * ITEM_FUEL);
  }

  /** Charges for so many characters or bytes that cross. */
  carry(length: number): void {
    this.machine.spend(Math.ceil(length / CHARS_PER_FUEL));
  }

  /** The operation under way, for the call's tape. Looking at its arguments costs the call nothing. */
  taped({ name, isPure = false }: Operation, run: () => Value | undefined): TapedOperation {
    const args = Array.from({ length: this.#argc }, (_, index) => this.#shown(index));
    const { machine } = this;
    return { name, args, isPure, run, charged: () => -machine.fuelLeft, charge: (fuel) => machine.spend(fuel) };
  }

  #shown(index: number): string {
    return this.machine.aside(() => {
      const at = this.#argument(index);
      if (this.machine.isUndefined(at)) return "undefined";
      const value = this.machine.readPrimitive(at, HOST_STRING_BYTES_MAX);
      if (typeof value === "string") return shownText(value);
      if (value !== undefined) return Object.is(value, -0) ? "-0" : String(value);
      const bytes = this.machine.readBytes(at, HOST_STRING_BYTES_MAX);
      return bytes ? shownBytes(bytes) : "something else";
    });
  }

  /** A number in [0, 1) of 53 bits. */
  random(): number {
    const prng = this.prng();
    return (prng.u32() * 2 ** 21 + (prng.u32() >>> 11)) / 2 ** 53;
  }

  prng(): Prng {
    this.#prng ??= createPrng(this.request.seed);
    return this.#prng;
  }

  #argument(index: number): Pointer {
    if (index >= this.#argc) throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is missing`);
    return this.machine.argument(this.#argv, index);
  }

  /** The container that argument `index` names, which must be of one of the types. */
  view<T extends ContainerType>(index: number, type: T, other: T = type): View<T> {
    const place = this.number(index) - 1;
    const opened = this.#opened[place];
    if (opened === undefined) throw new GuestFault("HANDLE_INVALID", "a container of another call");
    if (opened.type !== type && opened.type !== other) {
      throw new GuestFault("HANDLE_INVALID", `a ${opened.type} is no ${type}`);
    }
    opened.view ??= this.#field(place);
    return opened.view as View<T>;
  }

  #field(place: number): View {
    const { state, local } = this.#declared;
    const shared = state[place];
    if (shared !== undefined) return this.#root.field(shared.type, shared.name);
    const { type, name } = must(local[place - state.length], "what is opened later has its view");
    return this.world.localState().field(type, name);
  }

  /** What lies on this machine alone. */
  get world(): CallWorld {
    const { world } = this.request;
    if (world === undefined) throw new GuestFault("NOT_REPEATABLE", "a migration sees nothing of this node alone");
    return world;
  }

  /** The same, to write in: for operations that a query may not run. */
  writer<T extends ContainerType>(index: number, type: T, other: T = type): ContainerWriter<T> {
    assert(this.mayWrite && "origin" in this.#root, "a mutation runs in a transaction");
    return this.view(index, type, other) as unknown as ContainerWriter<T>;
  }

  /** The guest's handle of a container. */
  open(type: ContainerType, view: View): number {
    if (this.#opened.length >= HANDLES_MAX) {
      throw new CallAbort("LIMIT_EXCEEDED", `a call opens at most ${HANDLES_MAX} containers`);
    }
    this.#opened.push({ type, view });
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

  optionalNumber(index: number): number | undefined {
    return this.#isAbsent(index) ? undefined : this.number(index);
  }

  string(index: number, maxBytes: number = HOST_STRING_BYTES_MAX): string {
    const value = this.#argument(index);
    if (!this.machine.isString(value)) {
      throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no string`);
    }
    const text = this.#bounded(this.machine.readString(value, maxBytes), maxBytes);
    this.carry(text.length);
    return text;
  }

  optionalString(index: number, maxBytes: number): string | undefined {
    return this.#isAbsent(index) ? undefined : this.string(index, maxBytes);
  }

  /** One of these words. */
  word<W extends string>(index: number, words: readonly W[]): W {
    const text = this.string(index, KEY_BYTES_MAX);
    const word = words.find((one) => one === text);
    if (word === undefined)
      throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is none of ${words.join(", ")}`);
    return word;
  }

  /** A name within a container: of an entry, a node, a vertex, a document. */
  key(index: number): string {
    const key = this.string(index, KEY_BYTES_MAX);
    if (!key.isWellFormed()) throw new GuestFault("KEY_INVALID", "a key is well-formed text");
    return key;
  }

  optionalKey(index: number): string | undefined {
    return this.#isAbsent(index) ? undefined : this.key(index);
  }

  bytes(index: number, maxBytes: number = HOST_STRING_BYTES_MAX): Uint8Array {
    const bytes = this.#bounded(this.machine.readBytes(this.#argument(index), maxBytes), maxBytes);
    this.carry(bytes.length);
    return bytes;
  }

  /** The value at `index`, in the form that the next argument tells. */
  value(index: number): Value {
    switch (this.number(index + 1)) {
      case FORM_PLAIN:
        return this.#plain(index);
      case FORM_JSON:
        return parseValue(this.string(index));
      default:
        throw new GuestFault("ARGUMENT_INVALID", "no such form of a value");
    }
  }

  /** The values of the array at `index`, which crosses as JSON. */
  values(index: number): readonly Value[] {
    const values = parseValue(this.string(index));
    if (!Array.isArray(values)) throw new GuestFault("ARGUMENT_INVALID", `argument ${index} is no array`);
    return values;
  }

  #plain(index: number): Value {
    const at = this.#argument(index);
    const value = this.machine.readPrimitive(at, HOST_STRING_BYTES_MAX);
    if (typeof value === "string") this.carry(value.length);
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new GuestFault("VALUE_INVALID", `${value} is not a value that state can hold`);
    }
    if (value !== undefined) return value;
    const bytes = this.machine.readBytes(at, HOST_STRING_BYTES_MAX);
    if (bytes === undefined) throw new GuestFault("VALUE_INVALID", "not a value that state can hold, or too long");
    this.carry(bytes.length);
    return bytes;
  }

  #isAbsent(index: number): boolean {
    return index >= this.#argc || this.machine.isUndefined(this.#argument(index));
  }

  #bounded<T>(value: T | undefined, maxBytes: number): T {
    if (value === undefined)
      throw new GuestFault("LIMIT_EXCEEDED", `longer than ${maxBytes} bytes, or of another type`);
    return value;
  }
}

function parseValue(text: string): Value {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw new GuestFault("VALUE_INVALID", "not JSON");
  }
  const value = jsonToValue(json);
  if (value === undefined) throw new GuestFault("VALUE_INVALID", "an object of one key that begins with $ is no value");
  return value;
}
