/**
 * Running what the ledger holds: takes what is due, runs it in calls of the replica, and notes what became of it. What
 * a handler wrote and that it is done are one commit.
 */
import { type Clock, type DeltaId, ok, type Result, type WriteOperation } from "../../base/index.ts";
import type { Cause, Order } from "../../dag/index.ts";
import type { CallReceipt, RunCall } from "../call.ts";
import type { Ledger, LedgerCounts } from "./ledger.ts";
import type { HandlerPolicy } from "./policy.ts";
import type { OpenEntry } from "./row.ts";

/** What handlers ask of their replica. */
export interface HandlersHost {
  readonly clock: Clock;
  readonly idOf: (order: Order) => DeltaId;
  /** `isTold`: its delta is there though the run wrote nothing. */
  readonly call: <T>(run: RunCall<T>, cause: Cause, isTold: boolean) => Promise<Result<CallReceipt<T>>>;
  /** Commits rows of the ledger that no delta brings. */
  readonly mark: (rows: readonly WriteOperation[]) => void;
  /** Resolves once all that was marked is flushed, or the replica is closed. */
  readonly settled: () => Promise<void>;
  readonly isClosed: () => boolean;
}

export class Handlers {
  readonly #ledger: Ledger;
  readonly #host: HandlersHost;

  constructor(ledger: Ledger, host: HandlersHost) {
    this.#ledger = ledger;
    this.#host = host;
  }

  get counts(): LedgerCounts {
    return this.#ledger.counts;
  }

  /** What is open, dead or not, oldest first. */
  entries(): OpenEntry[] {
    return this.#ledger.entries();
  }

  /** When the next entry is due; undefined when none waits. */
  get nextDueMs(): number | undefined {
    return this.#ledger.nextDueMs;
  }

  /** Entries that are due, each of which is then run, skipped or put off. */
  takeDue(): OpenEntry[] {
    return this.#ledger.takeDue(this.#host.clock.now());
  }

  /**
   * Runs the handler of an entry that was taken. Of a run that fails the ledger knows when to try again. By the policy
   * `one` others wait to hear that it was done, so they are told also of a run that wrote nothing.
   */
  async run<T>(
    entry: OpenEntry,
    run: RunCall<T>,
    policy: HandlerPolicy = "receivers",
  ): Promise<Result<CallReceipt<T>>> {
    const { order, event, payload } = entry;
    const cause = { delta: this.#host.idOf(order), event, handler: payload.handler };
    const begun = this.#ledger.begin(entry, this.#host.clock.now());
    if (begun.length > 0) {
      this.#host.mark(begun);
      await this.#host.settled();
    }
    const receipt = await this.#host.call(run, cause, policy === "one");
    // Of a closed replica nothing more is written: the entry is open when it is opened again.
    if (this.#host.isClosed()) return receipt;
    if (!receipt.ok) this.#host.mark(this.#ledger.fail(entry, receipt.error.code, this.#host.clock.now()));
    else if (!receipt.value.delta) this.#host.mark(this.#ledger.done(entry));
    return receipt;
  }

  /** The entry need not run on this node. */
  skip(entry: OpenEntry): void {
    this.#host.mark(this.#ledger.done(entry));
  }

  /** Another node is to run the entry, or what it needs is not here: it is looked at again then. */
  defer(entry: OpenEntry, dueMs: number): void {
    this.#ledger.defer(entry, dueMs);
  }

  /** The delta that told the event of an entry. */
  deltaOf({ order }: Pick<OpenEntry, "order">): DeltaId {
    return this.#host.idOf(order);
  }

  /** Makes a dead entry due again, from its first attempt. */
  replay(entry: Pick<OpenEntry, "order" | "event">): Result<null> {
    return this.#mark(this.#ledger.replay(entry));
  }

  /** Gives up a dead entry for good. */
  drop(entry: Pick<OpenEntry, "order" | "event">): Result<null> {
    return this.#mark(this.#ledger.drop(entry));
  }

  #mark(rows: Result<readonly WriteOperation[]>): Result<null> {
    if (!rows.ok) return rows;
    this.#host.mark(rows.value);
    return ok(null);
  }
}
