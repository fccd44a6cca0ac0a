/**
 * Which missing deltas one peer is asked for by id. A delta that a peer was asked for and did not bring is asked of it
 * again later and later, so parents that an author made up cost a few requests and not one a second for ever.
 */
import { type DeltaId, idKey } from "../base/index.ts";
import { BACKOFF_MAX_MS, FRONTIER_ASKED_MAX } from "./limits.ts";

const AGAIN_FIRST_MS = 1_000;

interface Asked {
  readonly times: number;
  readonly againMs: number;
}

export class FrontierBudget {
  /** From the one asked for longest ago to the latest. */
  readonly #askedByKey = new Map<string, Asked>();

  /** Those of `ids` that may be asked for now. */
  due(ids: readonly DeltaId[], nowMs: number): DeltaId[] {
    return ids.filter((id) => (this.#askedByKey.get(idKey(id))?.againMs ?? nowMs) <= nowMs);
  }

  /** They are asked for. */
  note(ids: readonly DeltaId[], nowMs: number): void {
    for (const id of ids) {
      const key = idKey(id);
      const times = (this.#askedByKey.get(key)?.times ?? 0) + 1;
      this.#askedByKey.delete(key);
      const againMs = nowMs + Math.min(BACKOFF_MAX_MS, AGAIN_FIRST_MS * 2 ** Math.min(times, 16));
      this.#askedByKey.set(key, { times, againMs });
    }
    for (const oldest of this.#askedByKey.keys()) {
      if (this.#askedByKey.size <= FRONTIER_ASKED_MAX) break;
      this.#askedByKey.delete(oldest);
    }
  }
}
