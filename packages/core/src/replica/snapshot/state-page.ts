/** Pages of the state that this replica's checkpoint has, by their hashes, as others are served them. */
import {
  bytesEqual,
  type ContextId,
  type Entry,
  ID_BYTES,
  idKey,
  type KeyValueStore,
  runLoaded,
} from "../../base/index.ts";
import { ALL_CELLS, encodeStatePage, statePageHash } from "../../crdt/index.ts";
import { baseView } from "../checkpoint/derive.ts";
import type { BaseRow } from "../checkpoint/rows.ts";

export interface PagesHost {
  readonly ports: { readonly store: KeyValueStore };
  readonly context: ContextId;
}

export class ServedPages {
  readonly base: BaseRow;
  readonly #host: PagesHost;
  readonly #indexByHash = new Map<string, number>();

  constructor(host: PagesHost, base: BaseRow) {
    this.#host = host;
    this.base = base;
    for (const index of base.starts.keys()) this.#indexByHash.set(idKey(hashAt(base.hashes, index)), index);
  }

  /** The page; undefined when this state has none of that hash, or what is stored of it is damaged or another's by now. */
  async load(hash: Uint8Array): Promise<Uint8Array | undefined> {
    return runLoaded(this.#host.ports.store, () => this.#read(hash));
  }

  #read(hash: Uint8Array): Uint8Array | undefined {
    const index = this.#indexByHash.get(idKey(hash));
    const gte = index === undefined ? undefined : this.base.starts[index];
    if (index === undefined || gte === undefined) return undefined;
    const { ports, context } = this.#host;
    const lt = this.base.starts[index + 1] ?? ALL_CELLS.lt;
    const rows = Array.from(baseView(ports.store, context).range({ gte, lt }), ([key, value]): Entry => [key, value]);
    const page = encodeStatePage(rows);
    return bytesEqual(statePageHash(page), hash) ? page : undefined;
  }
}

export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * ID_BYTES, (index + 1) * ID_BYTES);
}

/** One after the other. */
export function eachHash(hashes: Uint8Array): Uint8Array[] {
  return Array.from({ length: hashes.length / ID_BYTES }, (_, index) => hashAt(hashes, index));
}
