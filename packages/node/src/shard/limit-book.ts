/**
 * The limits of each context on this node: what the configuration says for all, over it what it says for one, over it
 * what was set for that one while a node ran, which is kept in the store beside the directory's rows:
 *
 *   zero 32 ‖ 'l' ‖ context 32   ->   u8 1 ‖ varint n, n times: name (string) ‖ value (varint), ascending by name
 */
import {
  type ApiErrorCode,
  CONTEXT_LIMIT_NAMES,
  type ContextLimits,
  type LimitsConfig,
  limitProblem,
  type SetContextLimitsRequest,
} from "@dunlin/api";
import {
  type ContextId,
  concatBytes,
  err,
  ID_BYTES,
  idToText,
  type KeyValueStore,
  ok,
  Reader,
  type Result,
  StoreFailure,
  Writer,
} from "@dunlin/core/base";
import { GUEST_LIMIT_BOUNDS, type GuestLimitChanges } from "@dunlin/runtime";

const PREFIX = concatBytes(new Uint8Array(ID_BYTES), Uint8Array.of("l".charCodeAt(0)));
const NAME_BYTES_MAX = 64;

export class LimitBook {
  readonly #store: KeyValueStore;
  readonly #config: LimitsConfig;
  readonly #own = new Map<string, ContextLimits>();
  readonly #effective = new Map<string, ContextLimits>();

  constructor(store: KeyValueStore, config: LimitsConfig) {
    this.#store = store;
    this.#config = config;
  }

  /** What holds for a context. Throws a `StoreFailure` when its row is damaged. */
  of(context: ContextId): ContextLimits {
    const id = idToText(context);
    const known = this.#effective.get(id);
    if (known) return known;
    const { callTimeMs: _, contexts = {}, ...forAll } = this.#config;
    const limits = { ...forAll, ...contexts[id], ...this.own(context) };
    this.#effective.set(id, limits);
    return limits;
  }

  /** What was set for the context while a node ran. */
  own(context: ContextId): ContextLimits {
    const id = idToText(context);
    const known = this.#own.get(id);
    if (known) return known;
    const row = this.#store.get(limitsKey(context));
    const own = row ? decodeLimits(row) : {};
    if (!own) throw new StoreFailure("STORE_CORRUPT", `the row of the limits of context ${id} does not decode`);
    this.#own.set(id, own);
    return own;
  }

  /** All of the changes, or none. */
  async set(context: ContextId, changes: SetContextLimitsRequest["changes"]): Promise<Result<null>> {
    const own: Record<string, number> = { ...this.own(context) };
    for (const [name, value] of Object.entries(changes)) {
      const problem = value === null ? knownLimit(name) : limitProblem(name, value);
      if (problem !== undefined) return err<ApiErrorCode>("PARAMS_INVALID", problem);
      if (value === null) delete own[name];
      else if (value !== undefined) own[name] = value;
    }
    await this.#store.commit([{ kind: "put", key: limitsKey(context), value: encodeLimits(own) }]);
    this.#own.set(idToText(context), own);
    this.#effective.delete(idToText(context));
    return ok(null);
  }

  /** Of a context that is here no more. */
  async forget(context: ContextId): Promise<void> {
    this.#own.delete(idToText(context));
    this.#effective.delete(idToText(context));
    await this.#store.commit([{ kind: "delete", key: limitsKey(context) }]);
  }
}

export function limitsKey(context: Uint8Array): Uint8Array {
  return concatBytes(PREFIX, context);
}

/** Those of a call of a WebAssembly application. */
export function guestChanges({ guestFuel, ...limits }: ContextLimits): GuestLimitChanges {
  const named = Object.entries(limits).filter(([name]) => Object.hasOwn(GUEST_LIMIT_BOUNDS, name));
  return { ...Object.fromEntries(named), ...(guestFuel === undefined ? {} : { fuel: guestFuel }) };
}

export function encodeLimits(limits: ContextLimits): Uint8Array {
  const entries = Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1));
  const writer = new Writer(64).u8(1).varint(entries.length);
  for (const [name, value] of entries) writer.string(name).varint(value);
  return writer.toBytes();
}

/** Undefined for a row that this version did not write. */
export function decodeLimits(bytes: Uint8Array): ContextLimits | undefined {
  const reader = new Reader(bytes);
  if (reader.u8() !== 1) return undefined;
  const limits: Record<string, number> = {};
  let last = "";
  for (let rest = reader.count(CONTEXT_LIMIT_NAMES.length, 2); rest > 0 && !reader.failed; rest--) {
    const name = reader.string(NAME_BYTES_MAX);
    const value = reader.varint();
    if (name <= last || limitProblem(name, value) !== undefined) return undefined;
    limits[name] = value;
    last = name;
  }
  return reader.finish() ? limits : undefined;
}

function knownLimit(name: string): string | undefined {
  return CONTEXT_LIMIT_NAMES.some((known) => known === name) ? undefined : limitProblem(name, 0);
}
