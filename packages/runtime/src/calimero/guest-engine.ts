/**
 * Runs the methods of one Calimero application: a module that keeps its state itself, through `storage_*`.
 *
 * A method is an export without parameters and results. It finds its arguments by `input`, returns by `value_return`,
 * and hands over a root and an artifact by `commit`. What comes of a call is data: whoever called decides what of it
 * takes effect. A call that failed has asked for nothing.
 *
 * Same request and same storage, same outcome, down to the instruction at which fuel runs out: time and randomness come
 * from the request, and what differs between machines is not there for a call that must be repeatable.
 */
import { EMPTY_BYTES, err, ok, type Result } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import type { CallError } from "../call.ts";
import { type BlobChanges, CallBlobs } from "../call-blobs.ts";
import type { ModuleErrorCode } from "../fuel/errors.ts";
import { type MeteredModule, meterModule, START_EXPORT } from "../fuel/meter.ts";
import { unsupported } from "../fuel/module.ts";
import type { HostStep } from "../recording/recording.ts";
import { GuestMemory } from "../wasm/guest-memory.ts";
import { GuestInstance, type Image } from "../wasm/instance.ts";
import { BlobHandles } from "./blob-handles.ts";
import { type GuestRequest, HostCall, type LocalWorld, type Requests } from "./host-call.ts";
import { type CurrentCall, resolveImports } from "./imports.ts";
import { GUEST_LIMITS_DEFAULT, type GuestLimits, METHOD_NAME_BYTES_MAX } from "./limits.ts";
import { type GuestReader, type GuestWrite, Overlay } from "./overlay.ts";
import { failureOfThrown, guestFailure, invalidMemoryAccess, returnedError } from "./trap.ts";

export interface GuestOutcome
  extends Pick<Requests, "events" | "crossCalls" | "contextChanges" | "proposals" | "logs"> {
  readonly ok: true;
  readonly returned: Uint8Array | undefined;
  /** What `commit` was given; undefined when it was not called. */
  readonly committed: Requests["committed"];
  readonly writes: readonly GuestWrite[];
  readonly privateWrites: readonly GuestWrite[];
  readonly blobs: BlobChanges;
  /** The call looked at what lies on this machine alone, so it cannot be repeated elsewhere. */
  readonly usedLocal: boolean;
  /** The work that the call did, of its own and of the host's. */
  readonly fuel: number;
}

export type GuestResult =
  | GuestOutcome
  | { readonly ok: false; readonly error: CallError; readonly logs: readonly string[]; readonly fuel: number };

export interface GuestHost {
  readonly storage: GuestReader;
  /** Absent for a call that must come out the same on every machine. */
  readonly local?: LocalWorld;
  /** Told of every host function that has run. */
  readonly observe?: (step: HostStep) => void;
}

export interface GuestEngine {
  /** The methods that can be called, by name; those of the ABI itself are not among them. */
  readonly methods: readonly string[];
  /** Whether artifacts can be applied. */
  readonly hasSync: boolean;
  /** Without `commit`, what a call wrote counts when the call succeeds. */
  readonly commits: boolean;
  readonly metered: MeteredModule;
  /** Throws what the host threw for its caller: a `BlobMiss`, or a failure of the store. */
  call(request: GuestRequest, host: GuestHost, limits?: GuestLimits): GuestResult;
}

export const SYNC_METHOD = "__calimero_sync_next";
const NO_BLOBS: BlobChanges = { written: [], announced: [] };
const REGISTER_MERGE = "__calimero_register_merge";
/** Exports that only the host calls. */
const RESERVED = /^(__calimero_|__wasm_call_|_start$|_initialize$)/;

/** Meters and compiles a module; refuses what an application may not be. */
export function createGuestEngine(bytes: Uint8Array, crypto: Pick<Crypto, "sha256" | "verify">): Result<GuestEngine> {
  const metered = meterModule(bytes);
  if (!metered.ok) return metered;
  if (!metered.value.memories.includes("memory")) return unsupported("no exported memory named memory");
  const bind = resolveImports(metered.value.imports);
  if (!bind.ok) return bind;
  const engine = new Engine(metered.value, bind.value, crypto);
  const failure = engine.start();
  return failure === undefined ? ok(engine) : err<ModuleErrorCode>("MODULE_MALFORMED", failure);
}

class Engine implements GuestEngine {
  readonly methods: readonly string[];
  readonly hasSync: boolean;
  readonly commits: boolean;
  readonly metered: MeteredModule;
  readonly #module: WebAssembly.Module;
  readonly #bind: (current: CurrentCall) => Readonly<Record<string, WebAssembly.ImportFunction>>;
  readonly #crypto: Pick<Crypto, "sha256" | "verify">;
  readonly #current: CurrentCall = { call: undefined };
  #image: Image | undefined;
  #instance: GuestInstance | undefined;

  constructor(
    metered: MeteredModule,
    bind: (current: CurrentCall) => Readonly<Record<string, WebAssembly.ImportFunction>>,
    crypto: Pick<Crypto, "sha256" | "verify">,
  ) {
    this.metered = metered;
    this.#module = new WebAssembly.Module(metered.bytes);
    this.#bind = bind;
    this.#crypto = crypto;
    this.methods = [...metered.functions.keys()].filter((name) => this.#isMethod(name) && !RESERVED.test(name));
    this.hasSync = this.#isMethod(SYNC_METHOD);
    this.commits = metered.imports.some(({ name }) => name === "commit" || name === "flush_delta");
  }

  call(request: GuestRequest, host: GuestHost, limits: GuestLimits = GUEST_LIMITS_DEFAULT): GuestResult {
    const refused = this.#refusal(request.method);
    if (refused) return { ok: false, error: refused, logs: [], fuel: 0 };
    const instance = this.#ready();
    const storage = new Overlay(host.storage);
    const local = host.local && {
      world: host.local,
      privateStorage: new Overlay(host.local.privateStorage),
      blobs: new BlobHandles(new CallBlobs(host.local.blobs, this.#crypto), limits),
    };
    const memory = new GuestMemory(instance.memory, invalidMemoryAccess);
    const call = new HostCall({ request, limits, crypto: this.#crypto, memory, storage, local, observe: host.observe });
    const error = this.#run(instance, call, request.method, limits);
    const { returned, committed, ...asked } = call.requests;
    const { logs } = asked;
    const fuel = Math.min(Number(limits.fuel), Number(limits.fuel - instance.fuelLeft)) + call.worked;
    if (error) return { ok: false, error, logs, fuel };
    if (returned?.isError) return { ok: false, error: returnedError(returned.value), logs, fuel };
    const { usedLocal } = call;
    return {
      ok: true,
      returned: returned?.value,
      committed,
      writes: storage.writes(),
      privateWrites: local?.privateStorage.writes() ?? [],
      blobs: local?.blobs.blobs.changes ?? NO_BLOBS,
      usedLocal,
      fuel,
      ...asked,
    };
  }

  /** Makes the first instance; the reason when there can be none, such as a data segment outside of the memory. */
  start(): string | undefined {
    try {
      this.#ready();
      return undefined;
    } catch (thrown) {
      if (thrown instanceof WebAssembly.RuntimeError) return `the module cannot be instantiated: ${thrown.message}`;
      throw thrown;
    }
  }

  #run(instance: GuestInstance, call: HostCall, method: string, limits: GuestLimits): CallError | undefined {
    this.#current.call = call;
    try {
      instance.run(method, limits.fuel, limits.stackBytes);
      return undefined;
    } catch (thrown) {
      return failureOfThrown(thrown, { fuel: instance.fuelLeft < 0n, stack: instance.stackLeft < 0n });
    } finally {
      this.#current.call = undefined;
    }
  }

  #isMethod(name: string): boolean {
    const type = this.metered.functions.get(name);
    return type?.params.length === 0 && type.results.length === 0;
  }

  #refusal(method: string): CallError | undefined {
    const refuse = (message: string, type: string): CallError => guestFailure("METHOD_NOT_FOUND", message, type);
    if (method === "") return refuse("method name is empty", "EmptyMethodName");
    if (method.length > METHOD_NAME_BYTES_MAX) {
      const message = `method name of ${method.length} characters, of at most ${METHOD_NAME_BYTES_MAX}`;
      return refuse(message, "MethodNameTooLong");
    }
    const position = method.search(/[^A-Za-z0-9_]/);
    if (position >= 0) {
      return refuse(`method name has an invalid character at position ${position}`, "InvalidMethodNameCharacter");
    }
    if (!this.metered.functions.has(method)) return refuse(`method "${method}" not found`, "MethodNotFound");
    if (this.#isMethod(method)) return undefined;
    const message = `method "${method}" has invalid signature: expected no arguments and no return value`;
    return refuse(message, "InvalidSignature");
  }

  /** An instance as it was after it was made and its merge functions were registered. */
  #ready(): GuestInstance {
    const instance = this.#instance;
    if (instance && this.#image && this.metered.isReusable && instance.reset(this.#image)) return instance;
    this.#instance = undefined;
    const fresh = this.#instantiate();
    this.#image ??= fresh.takeImage();
    this.#instance = fresh;
    return fresh;
  }

  #instantiate(): GuestInstance {
    const fresh = this.#started();
    // A module whose registration fails starts from what it had before, as it does on the original host.
    const failed = this.#isMethod(REGISTER_MERGE) && this.#prepare(fresh, REGISTER_MERGE);
    return failed ? this.#started() : fresh;
  }

  #started(): GuestInstance {
    const fresh = new GuestInstance(this.#module, this.metered, this.#bind(this.#current));
    const failed = this.metered.hasStart ? this.#prepare(fresh, START_EXPORT) : undefined;
    if (failed) throw new WebAssembly.RuntimeError(failed.message);
    return fresh;
  }

  /**
   * Runs what comes before any call: nothing is there to be read, and what it asks for is dropped. Under the default
   * limits, whatever the call's: the image that it leaves is that of every call.
   */
  #prepare(instance: GuestInstance, name: string): CallError | undefined {
    const nothing = new Uint8Array(32);
    const request = { method: "", input: EMPTY_BYTES, context: nothing, executor: nothing, timeNs: 0n, seed: nothing };
    const memory = new GuestMemory(instance.memory, invalidMemoryAccess);
    const storage = new Overlay({ get: () => undefined });
    const [limits, crypto] = [GUEST_LIMITS_DEFAULT, this.#crypto];
    const call = new HostCall({ request, limits, crypto, memory, storage, local: undefined });
    return this.#run(instance, call, name, limits);
  }
}
