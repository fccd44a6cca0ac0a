/**
 * When the state is derived anew: a peer has another root of the same deltas. Whoever is damaged mends itself, and
 * whoever is not learns that it is not the one.
 *
 * A root is only said, and costs who says it nothing; so after each time the next waits, twice as long where nothing
 * was found. While it is on the replica tells no root.
 */
import { bytesEqual, type Failure, idToText, ok, type Result } from "../../base/index.ts";
import type { Committer } from "../committer.ts";
import type { ReplicaPorts } from "../ports.ts";
import { deriveAnew, type StartingPoint } from "./derive-anew.ts";
import { MEND_SPACING_MAX_MS, MEND_SPACING_MS } from "./limits.ts";
import type { RebaseHost } from "./rebase.ts";

/** Cells were wrong and are not any more; nothing was wrong here; or what the state is made of is damaged itself. */
export type MendOutcome = "mended" | "unchanged" | "failed";

/** What deriving anew changed. */
interface Mended {
  readonly cells: number;
  /** Whether the root is another than before: of cells in memory or pages of hashes that were not what is stored. */
  readonly isOther: boolean;
}

export interface MendingHost extends RebaseHost {
  readonly ports: RebaseHost["ports"] & Pick<ReplicaPorts, "clock" | "log">;
  readonly committer: RebaseHost["committer"] & Pick<Committer, "settled">;
  /** With no other work on checkpoints between. */
  readonly inTurn: <T>(work: () => Promise<Result<T>>) => Promise<Result<T>>;
  /** See `Compactor.isSettled`. */
  readonly isSettled: () => boolean;
  readonly start: () => StartingPoint;
}

export class Mending {
  readonly #host: MendingHost;
  #isAsked = false;
  #isOn = false;
  #nextMs = Number.NEGATIVE_INFINITY;
  #spacingMs = MEND_SPACING_MS;
  #verdict: string | undefined;

  constructor(host: MendingHost) {
    this.#host = host;
  }

  /** What came of it the last time, in words; undefined while the state was never derived anew. */
  get verdict(): string | undefined {
    return this.#verdict;
  }

  /** Whether the state is being derived: there is no root of it meanwhile. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Whether it may be tried again. */
  get isDue(): boolean {
    return !this.#isAsked && this.#host.ports.clock.now() >= this.#nextMs;
  }

  /** Derives the state anew; undefined when that is under way, was tried lately, or cannot be done. */
  ask(): Promise<MendOutcome> | undefined {
    const { ports, inTurn, derivation } = this.#host;
    const { clock, store } = ports;
    // What other openers of a store have in memory, and what derives from documents, would not follow.
    const isPossible = store.turns === undefined && derivation === undefined;
    if (!isPossible || !this.isDue) return undefined;
    this.#isAsked = true;
    return inTurn(() => this.#derive())
      .then(
        (done) => (done.ok ? this.#derived(done.value) : this.#failed(done.error)),
        (thrown) => this.#failed({ code: "STORE_CORRUPT", message: String(thrown) }),
      )
      .finally(() => {
        this.#isAsked = false;
        this.#nextMs = clock.now() + this.#spacingMs;
      });
  }

  async #derive(): Promise<Result<Mended>> {
    const { committer, isSettled, start } = this.#host;
    // On the way to another checkpoint the state is made anew in any case.
    if (!isSettled()) return ok({ cells: 0, isOther: false });
    const before = committer.flushed.root;
    this.#isOn = true;
    const derived = await committer
      .settled()
      .then(() => deriveAnew(this.#host, start()))
      .finally(() => {
        this.#isOn = false;
      });
    if (!derived.ok) return derived;
    const after = committer.flushed.root;
    const isOther = before !== undefined && after !== undefined && !bytesEqual(before, after);
    return ok({ cells: derived.value, isOther });
  }

  #derived({ cells, isOther }: Mended): MendOutcome {
    const context = idToText(this.#host.context);
    if (cells === 0 && !isOther) {
      this.#wait();
      this.#verdict = "derived anew from the log, the state here is what it was: the damage or the bug is elsewhere";
      this.#host.ports.log.log("error", "replica.state_unchanged", { context, nextMs: this.#spacingMs });
      return "unchanged";
    }
    this.#spacingMs = MEND_SPACING_MS;
    this.#verdict = `the state here was wrong and was derived anew from the log, ${cells} cells of it changed`;
    this.#host.ports.log.log("warn", "replica.state_mended", { context, cells });
    return "mended";
  }

  #failed({ code, message }: Failure): MendOutcome {
    this.#wait();
    this.#verdict = `the state here cannot be derived anew: ${message}`;
    this.#host.ports.log.log("error", "replica.state_not_mended", {
      context: idToText(this.#host.context),
      code,
      reason: message,
    });
    return "failed";
  }

  #wait(): void {
    this.#spacingMs = Math.min(2 * this.#spacingMs, MEND_SPACING_MAX_MS);
  }
}
