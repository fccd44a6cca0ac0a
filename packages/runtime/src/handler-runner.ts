/**
 * Runs the handlers of a context's events as its ledger says: after each commit, and when one that failed or waits is due
 * again. One pass at a time; each handler is a call of its own, and what it wrote is committed with the mark that it is
 * done.
 */
import { type Clock, idKey, type Log, type PublicKey, type Result } from "@dunlin/core/base";
import { HANDLER_STANDBY_MS, type HandlerPolicy, type Handlers, type OpenEntry, verdictOf } from "@dunlin/core/replica";
import { HANDLERS_AT_ONCE_MAX } from "./limits.ts";

export interface HandlerHost {
  readonly handlers: Handlers;
  readonly self: PublicKey;
  readonly clock: Clock;
  readonly log: Log;
  /** Members who may write, and those who are connected now. */
  readonly writers: () => readonly PublicKey[];
  readonly connected: () => readonly PublicKey[];
  /** What the application says of the handler; it may have to be loaded first. */
  readonly policyOf: (handler: string) => Promise<Result<HandlerPolicy>>;
  readonly run: (entry: OpenEntry, policy: HandlerPolicy) => Promise<Result<unknown>>;
}

export class HandlerRunner {
  readonly #host: HandlerHost;
  /** Since when others are waited for, by entry. */
  readonly #waitingSinceMs = new Map<string, number>();
  #running = false;
  #again = false;

  constructor(host: HandlerHost) {
    this.#host = host;
  }

  /** Runs what is due, if anything is; whatever comes due meanwhile is seen too. */
  wake(): void {
    const { handlers, clock } = this.#host;
    if (this.#running) {
      this.#again = true;
      return;
    }
    const due = handlers.nextDueMs;
    if (due === undefined) this.#waitingSinceMs.clear();
    if (due === undefined || due > clock.now()) return;
    this.#running = true;
    void this.#pass().finally(() => {
      this.#running = false;
      if (!this.#again) return;
      this.#again = false;
      this.wake();
    });
  }

  async #pass(): Promise<void> {
    const { handlers } = this.#host;
    for (let due = handlers.takeDue(); due.length > 0; due = handlers.takeDue()) {
      for (let at = 0; at < due.length; at += HANDLERS_AT_ONCE_MAX) {
        await Promise.all(due.slice(at, at + HANDLERS_AT_ONCE_MAX).map((entry) => this.#take(entry)));
      }
    }
  }

  async #take(entry: OpenEntry): Promise<void> {
    const { handlers, clock, log, self } = this.#host;
    const { handler } = entry.payload;
    const policy = await this.#host.policyOf(handler);
    if (!policy.ok) {
      log.log("warn", "handler.put_off", { handler, code: policy.error.code });
      return handlers.defer(entry, clock.now() + HANDLER_STANDBY_MS);
    }
    const live = new Set(this.#host.connected().map(idKey));
    const members = { self, writers: this.#host.writers(), isLive: (member: PublicKey) => live.has(idKey(member)) };
    const [name, now] = [`${entry.order} ${entry.event}`, clock.now()];
    const sinceMs = this.#waitingSinceMs.get(name) ?? now;
    const verdict = verdictOf(policy.value, entry, members, now - sinceMs);
    if (verdict === "wait") {
      this.#waitingSinceMs.set(name, sinceMs);
      return handlers.defer(entry, now + HANDLER_STANDBY_MS);
    }
    this.#waitingSinceMs.delete(name);
    if (verdict === "skip") return handlers.skip(entry);
    const ran = await this.#host.run(entry, policy.value);
    if (!ran.ok) log.log("warn", "handler.failed", { handler, code: ran.error.code, reason: ran.error.message });
  }
}
