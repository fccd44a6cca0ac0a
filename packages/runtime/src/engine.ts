/**
 * The engine of one application: it serves the calls of every context that runs it, one at a time, synchronously.
 *
 * Every call starts from the same memory: the image taken after the application's top level has run. So nothing that
 * a call leaves behind can be seen by another, and nothing that it breaks stays broken. A call that ends in an error
 * has no events; undoing what it wrote is the caller's part.
 *
 * Time: the engine polls the clock only now and then, and not within a built-in function, so one call of `indexOf` can
 * run for minutes. Whoever owns the thread must be ready to terminate it.
 *
 * See `quickjs/imports.ts` for all that a guest can reach, and `quickjs/image.ts` for the reset.
 */
import { type Json, jsonToValue, must, ok, type Result } from "@dunlin/core/base";
import {
  CallAbort,
  type CallError,
  type CallErrorCode,
  type CallOutcome,
  type CallRequest,
  type MethodKind,
  MIGRATION,
} from "./call.ts";
import { type Description, parseDescription } from "./description.ts";
import { Frame } from "./frame.ts";
import { type Entry, Guest, HostThrow } from "./guest.ts";
import { guestError } from "./guest-error.ts";
import { ARGS_CHARS_MAX, BUNDLE_BYTES_MAX, CALL_FUEL_DEFAULT, LOAD_TIME_LIMIT_MS, OUTPUT_BYTES_MAX } from "./limits.ts";
import { OPERATION_NAMES } from "./operations/index.ts";
import type { Image } from "./quickjs/image.ts";
import { Machine, type Pointer, type Scratch } from "./quickjs/machine.ts";
import { quickjsModule } from "./quickjs/module.ts";
import { PRELUDE_FILE, PRELUDE_SOURCE } from "./quickjs/prelude.ts";
import { createSourceMap, type SourceMap } from "./source-map.ts";
import type { StateRoot } from "./state-root.ts";

/** The part of a bundle that runs. */
export interface EngineSource {
  readonly code: string;
  readonly sourceMap: string;
}

export interface EngineOptions {
  /** The JavaScript engine's module; compiled from its package when not given. */
  readonly module?: WebAssembly.Module;
  /** A clock for the time limit of loading. */
  readonly monotonicMs?: () => number;
}

export interface Engine {
  readonly description: Description;
  /** Runs one method, a mutation on a transaction. Throws only what the host state threw for its caller: a `Miss`, or a failure of the host. */
  call(request: CallRequest, root: StateRoot): CallOutcome;
}

export interface LoadError extends Omit<CallError, "code"> {
  readonly code: CallErrorCode | "APPLICATION_INVALID";
}

/** The file that the guest's stacks name the bundle by. */
const BUNDLE_FILE = "app.js";

/** Runs an application's top level and takes the image that every call starts from. */
export async function createEngine(
  source: EngineSource,
  options: EngineOptions = {},
): Promise<Result<Engine, LoadError>> {
  const module = options.module ?? (await quickjsModule());
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const guest = new Guest();
  const machine = Machine.create(module, guest);
  const sourceMap = createSourceMap(source.sourceMap);
  try {
    const entry = enterPrelude(machine);
    guest.attach(machine, entry);
    const deadline = { atMs: monotonicMs() + LOAD_TIME_LIMIT_MS, monotonicMs };
    const loaded = guest.run(deadline, undefined, () => loadApplication(machine, entry, source, sourceMap));
    if (!loaded.ok) return loaded;
    const image = machine.takeImage();
    return ok(new Sandbox({ module, guest, sourceMap, entry, image, scratch: machine.scratch }, loaded.value, machine));
  } catch (thrown) {
    return { ok: false, error: abortError(thrown, machine) };
  }
}

function enterPrelude(machine: Machine): Entry {
  const make = machine.evaluate(PRELUDE_SOURCE, PRELUDE_FILE);
  const made = machine.call(make, machine.newHostFunction(), machine.newString(OPERATION_NAMES));
  const entry = (name: string): Pointer => must(machine.property(made, name), `the prelude gives ${name}`);
  return {
    describe: entry("describe"),
    invoke: entry("invoke"),
    fail: entry("fail"),
    decode: entry("decode"),
  };
}

function loadApplication(
  machine: Machine,
  entry: Entry,
  source: EngineSource,
  sourceMap: SourceMap,
): Result<Description, LoadError> {
  for (const run of [() => machine.evaluate(source.code, BUNDLE_FILE), () => machine.call(entry.describe)]) {
    const result = run();
    const thrown = machine.exceptionOf(result);
    if (thrown !== undefined) return { ok: false, error: guestError(machine, thrown, sourceMap, BUNDLE_FILE) };
    if (!machine.isString(result)) continue;
    const description = parseDescription(machine.readString(result, BUNDLE_BYTES_MAX) ?? "");
    if (description.ok) return description;
    return { ok: false, error: { code: "APPLICATION_INVALID", message: description.error.message, stack: [] } };
  }
  return {
    ok: false,
    error: { code: "APPLICATION_INVALID", message: "the application has no description", stack: [] },
  };
}

interface Parts {
  readonly module: WebAssembly.Module;
  readonly guest: Guest;
  readonly sourceMap: SourceMap;
  readonly entry: Entry;
  readonly image: Image;
  readonly scratch: Scratch;
}

class Sandbox implements Engine {
  readonly description: Description;
  readonly #parts: Parts;
  readonly #queries: ReadonlySet<string>;
  readonly #declared: Pick<Description, "state" | "local"> & { readonly mutations: ReadonlySet<string> };
  /** Undefined when the last instance is not to be used again. */
  #machine: Machine | undefined;

  constructor(parts: Parts, description: Description, machine: Machine) {
    this.#parts = parts;
    this.description = description;
    this.#queries = new Set(description.queries);
    this.#declared = { ...description, mutations: new Set(description.mutations) };
    this.#machine = machine;
  }

  call(request: CallRequest, root: StateRoot): CallOutcome {
    const refused = this.#check(request);
    if (refused !== undefined) return { ok: false, error: refused, fuel: 0 };
    const machine = this.#readyMachine();
    const fuel = request.fuel ?? CALL_FUEL_DEFAULT;
    machine.refuel(fuel);
    const frame = new Frame(machine, root, request, this.#declared);
    const { monotonicMs, timeLimitMs, nowMs } = request;
    const deadline = { atMs: monotonicMs() + timeLimitMs, monotonicMs };
    try {
      return this.#parts.guest.run(deadline, { frame, nowMs }, () => this.#invoke(machine, frame, request, fuel));
    } catch (thrown) {
      if (!(thrown instanceof CallAbort)) this.#machine = undefined;
      return { ok: false, error: abortError(thrown, machine), fuel: fuelOf(machine, fuel) };
    } finally {
      if (machine.memoryBytes > this.#parts.image.memoryBytes) this.#machine = undefined;
    }
  }

  #check({ method, kind, args }: CallRequest): CallError | undefined {
    const found = this.#kindOf(method);
    if (found === undefined || (found === "migration" && kind !== "migration"))
      return failure("METHOD_NOT_FOUND", `the application has no method ${method.slice(0, 100)}`);
    if (kind !== undefined && kind !== found) return failure("METHOD_KIND", `${method} is a ${found}, not a ${kind}`);
    if (args.length > ARGS_CHARS_MAX)
      return failure("ARGS_INVALID", `arguments longer than ${ARGS_CHARS_MAX} characters`);
    return args === "" ? undefined : checkArgs(args);
  }

  #kindOf(method: string): MethodKind | undefined {
    if (this.#queries.has(method)) return "query";
    if (this.#declared.mutations.has(method)) return "mutation";
    return method === MIGRATION && this.description.migrates ? "migration" : undefined;
  }

  #readyMachine(): Machine {
    const { module, guest, image, scratch, entry } = this.#parts;
    if (this.#machine === undefined) {
      this.#machine = Machine.fromImage(module, guest, image, scratch);
      guest.attach(this.#machine, entry);
    } else {
      this.#machine.reset(image);
    }
    return this.#machine;
  }

  #invoke(machine: Machine, frame: Frame, request: CallRequest, fuel: number): CallOutcome {
    const { method, args, caller, nowMs } = request;
    const failed = (error: CallError): CallOutcome => ({ ok: false, error, fuel: fuelOf(machine, fuel) });
    const result = machine.call(
      this.#parts.entry.invoke,
      machine.newString(method),
      machine.newString(args === "" ? "{}" : args),
      machine.newString(caller),
      machine.newNumber(nowMs),
    );
    const thrown = machine.exceptionOf(result);
    if (thrown !== undefined) return failed(guestError(machine, thrown, this.#parts.sourceMap, BUNDLE_FILE));
    const outputMax = Math.min(request.limits?.returnBytesMax ?? OUTPUT_BYTES_MAX, OUTPUT_BYTES_MAX);
    const output = machine.isString(result) ? machine.readString(result, outputMax) : null;
    if (output === undefined) return failed(failure("LIMIT_EXCEEDED", `the answer is longer than ${outputMax} bytes`));
    const { fuelLeft } = machine;
    if (fuelLeft < 0) return failed(failure("FUEL_LIMIT", "the call did more work than it may"));
    const { events, logs, effects } = frame;
    return { ok: true, output, events, logs, effects, fuel: fuel - fuelLeft };
  }
}

/** The error of a call that was ended from outside the guest; throws on what the host threw for its caller. */
function abortError(thrown: unknown, machine: Machine): CallError {
  if (thrown instanceof HostThrow) throw thrown.thrown;
  if (thrown instanceof CallAbort) return failure(thrown.code, thrown.message);
  if (machine.fuelLeft < 0) return failure("FUEL_LIMIT", "the call did more work than it may");
  if (machine.stackLeft < 0) return failure("STACK_LIMIT", "the call nests deeper than it may");
  if (thrown instanceof WebAssembly.RuntimeError)
    return failure("ENGINE_TRAP", `the engine trapped: ${thrown.message}`);
  if (thrown instanceof RangeError) return failure("STACK_LIMIT", "the call nests deeper than it may");
  throw thrown;
}

/** What of it is used: at most all, though a charge may go below nothing. */
function fuelOf(machine: Machine, fuel: number): number {
  return Math.min(fuel, fuel - machine.fuelLeft);
}

function failure(code: CallErrorCode, message: string): CallError {
  return { code, message, stack: [] };
}

function checkArgs(text: string): CallError | undefined {
  let args: Json;
  try {
    args = JSON.parse(text) as Json;
  } catch {
    return failure("ARGS_INVALID", "the arguments are not JSON");
  }
  if (typeof args !== "object" || args === null || Array.isArray(args))
    return failure("ARGS_INVALID", "the arguments are no JSON object");
  // Only a key that begins with $ can be a tag.
  if (!text.includes('"$') || jsonToValue(args) !== undefined) return undefined;
  return failure("ARGS_INVALID", "an object of one key that begins with $ says no bigint, bytes or object");
}
