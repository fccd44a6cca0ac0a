/**
 * The pages of one container, ascending, each parsed when it is asked for.
 *
 * Invariant: page `n` holds the keys whose hash is at least its first key's and, but for keys of equal hash, below that
 * of the next page. Refused, with a failure that names the place: pages that do not keep to it or are malformed.
 */
import { type ActorId, actorId, type ContainerId, idToText, StoreFailure } from "../../base/index.ts";
import type { ContainerType } from "../container-type.ts";
import { hashBytes } from "../key-hash.ts";
import type { Intern } from "../origin.ts";
import type { CellRow } from "./cells-page.ts";
import type { MapPage } from "./map-page.ts";
import { compareHashes } from "./order.ts";
import { decodePageBody, type PageBody, type PageHeader } from "./page.ts";

/** A page that is handed on as it came. */
export interface UntouchedPage {
  readonly bytes: Uint8Array;
  readonly firstHash: number;
}

export class PageList {
  readonly type: ContainerType;
  readonly id: ContainerId;
  readonly #bytes: Uint8Array[] = [];
  readonly #firstHashes: number[] = [];

  constructor({ type, id }: PageHeader) {
    this.type = type;
    this.id = id;
  }

  get count(): number {
    return this.#bytes.length;
  }

  /** Adds the next page; false when it belongs before one that is there. */
  add(header: PageHeader, bytes: Uint8Array): boolean {
    const last = this.#firstHashes.at(-1);
    if (last !== undefined && compareHashes(last, header.firstHash) > 0) return false;
    this.#bytes.push(bytes);
    this.#firstHashes.push(header.firstHash);
    return true;
  }

  /** The numbers, from the first up to the second, of the pages that may hold keys of this hash. */
  covering(hash: number): readonly [from: number, to: number] {
    const to = this.#countUpTo(hash, 0);
    const below = this.#countUpTo(hash, 1);
    // The last page that begins below the hash may end with it.
    return [Math.max(0, below - 1), to];
  }

  /** Those whose number is not among these. */
  except(numbers: ReadonlySet<number>): UntouchedPage[] {
    const pages: UntouchedPage[] = [];
    for (const [number, bytes] of this.#bytes.entries()) {
      if (!numbers.has(number)) pages.push({ bytes, firstHash: this.#firstHashes[number] as number });
    }
    return pages;
  }

  parseMap(number: number, intern: Intern): { readonly map: MapPage; readonly hashes: Int32Array } {
    const body = this.#parse(number, intern);
    if (body.kind !== "map") throw this.#damaged(number);
    this.#checkEnd(number, body.hashes.at(-1) as number);
    return body;
  }

  /** The rows of a page, of a type that is no map. */
  parseRows(number: number): readonly CellRow[] {
    const body = this.#parse(number, copyActor);
    if (body.kind !== "cells") throw this.#damaged(number);
    const last = body.rows.at(-1);
    if (last !== undefined) this.#checkEnd(number, hashBytes(last[0]));
    return body.rows;
  }

  #parse(number: number, intern: Intern): PageBody {
    const body = decodePageBody(this.#bytes[number] as Uint8Array, intern);
    if (body === undefined) throw this.#damaged(number);
    return body;
  }

  /** Otherwise a key would be looked for in the page that follows. */
  #checkEnd(number: number, lastHash: number): void {
    const next = this.#firstHashes[number + 1];
    if (next !== undefined && compareHashes(lastHash, next) > 0) throw this.#damaged(number);
  }

  #damaged(number: number): StoreFailure {
    const place = `page ${number} of the ${this.type} ${idToText(this.id)}`;
    return new StoreFailure("STORE_CORRUPT", `${place} is malformed: take the state from a backup or a peer`);
  }

  /** How many begin with a hash below `hash + 1 - strict`. */
  #countUpTo(hash: number, strict: 0 | 1): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareHashes(this.#firstHashes[middle] as number, hash) <= -strict) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Rows hold no actors: nothing to share. */
function copyActor(actor: Uint8Array): ActorId {
  return actorId(actor.slice());
}
