/**
 * Keeps a shard's worker running, and speaks with it: requests with answers, messages without.
 *
 * A call that overruns inside a built-in of the engine, which never looks at the clock, holds up its worker; the
 * watchdog sees it in shared memory, ends the worker and starts another on the same store. The call that overran fails
 * with `TIME_LIMIT`; calls that had not begun run on the new worker; those that had begun and waited for their flush
 * fail with `CALL_INTERRUPTED`, since only the store knows whether they made it. No call runs twice.
 *
 * A store that failed to write takes nothing more: its worker is ended, and another opens the store after a pause
 * (`store-retry.ts`). What is asked meanwhile fails with `STORE_WRITE_FAILED`, and has done nothing.
 *
 * Every request is answered, also when the worker cannot be started again (`SHARD_FAILED`) or the node closes.
 */
import type { Worker } from "node:worker_threads";
import type { ApiErrorCode } from "@dunlin/api";
import { err, type Failure, type Log, must, type Result, StoreFailure } from "@dunlin/core/base";
import { NodeFailure } from "./failure.ts";
import { CALL_GRACE_MS, CLOSE_DEADLINE_MS, SHARD_RESTARTS_PER_MINUTE_MAX, WATCHDOG_INTERVAL_MS } from "./limits.ts";
import {
  type FromShard,
  monotonicMs,
  type ShardData,
  type ShardMethod,
  type ShardRequests,
  type ToShard,
  WATCH_BEGUN,
  WATCH_RUNNING,
  WATCH_SINCE_MS,
  WATCH_SLOTS,
} from "./messages.ts";
import { MessageOutbox } from "./outbox.ts";
import { ShardThread } from "./shard-thread.ts";
import { StoreRetry } from "./store-retry.ts";

export interface SupervisorOptions {
  readonly data: Omit<ShardData, "watch" | "restarted">;
  readonly log: Log;
  readonly onMessage: (message: Exclude<FromShard, { kind: "reply" | "storeFailed" }>) => void;
  /** The worker was replaced: what it knew of peers is gone. */
  readonly onRestart: () => void;
  /** The worker to begin with, which loads its code already. */
  readonly first: ShardThread;
  /** The file of those that follow, in tests; the shard's when absent. */
  readonly file?: URL;
}

interface Waiting {
  readonly method: ShardMethod;
  readonly request: unknown;
  readonly settle: (result: Result<unknown>) => void;
}

const MINUTE_MS = 60_000;

export class ShardSupervisor {
  readonly #options: SupervisorOptions;
  readonly #watch = new SharedArrayBuffer(WATCH_SLOTS * Float64Array.BYTES_PER_ELEMENT);
  readonly #watched = new Float64Array(this.#watch);
  readonly #waiting = new Map<number, Waiting>();
  readonly #restartsMs: number[] = [];
  readonly #storeRetry = new StoreRetry(monotonicMs);
  #watchdog: NodeJS.Timeout | undefined;
  /** Undefined while no worker runs that could be sent to: what waits then is sent to the next one. */
  #outbox: MessageOutbox<ToShard> | undefined;
  #worker: Worker | undefined;
  #nextId = 1;
  #closing: Promise<void> | undefined;
  #failure: Failure | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Starts the worker; rejects with what kept it from opening its store. */
  async start(): Promise<void> {
    const thread = this.#begin(this.#options.first, false);
    const { worker } = thread;
    // What comes for the worker while it opens its store waits in its port: the first greeting of a peer is not lost.
    this.#outbox = new MessageOutbox((messages) => worker.postMessage(messages));
    try {
      await this.#untilOpened(thread);
    } catch (thrown) {
      this.#outbox = undefined;
      throw thrown;
    }
    this.#watchdog = setInterval(() => this.#look(), WATCHDOG_INTERVAL_MS);
  }

  request<M extends ShardMethod>(
    method: M,
    request: ShardRequests[M]["takes"],
  ): Promise<Result<ShardRequests[M]["gives"]>> {
    if (this.#closing !== undefined) return Promise.resolve(closed());
    const failure = this.#failure ?? this.#storeRetry.failure;
    if (failure) return Promise.resolve({ ok: false, error: failure });
    return new Promise((resolve) => {
      const settle = (result: Result<unknown>): void => resolve(result as Result<ShardRequests[M]["gives"]>);
      this.#send({ method, request, settle });
    });
  }

  post(message: Exclude<ToShard, { kind: "request" }>): void {
    this.#outbox?.put(message);
  }

  /** Lets the shard finish what is under way and ends its worker: after a deadline in any case. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    let deadline: NodeJS.Timeout | undefined;
    if (this.#outbox) {
      await new Promise<unknown>((resolve) => {
        deadline = setTimeout(resolve, CLOSE_DEADLINE_MS);
        this.#send({ method: "close", request: null, settle: resolve });
      });
    }
    clearTimeout(deadline);
    clearInterval(this.#watchdog);
    this.#storeRetry.endPause();
    await this.#worker?.terminate();
    this.#settleAll(closed());
  }

  #begin(thread: ShardThread, restarted: boolean): ShardThread {
    this.#watched.fill(0);
    this.#worker = thread.worker;
    thread.worker.on("message", (messages: readonly FromShard[]) => this.#receive(messages));
    thread.begin({ ...this.#options.data, watch: this.#watch, restarted });
    return thread;
  }

  async #untilOpened({ worker, opened }: ShardThread): Promise<void> {
    await opened;
    worker.on("error", (thrown) => this.#options.log.log("error", "shard.worker_error", { reason: String(thrown) }));
    worker.on("exit", () => this.#onExit());
  }

  #send(waiting: Waiting): void {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#outbox?.put({ kind: "request", id, method: waiting.method, request: waiting.request });
  }

  #receive(messages: readonly FromShard[]): void {
    for (const message of messages) {
      if (message.kind === "reply") {
        this.#waiting.get(message.id)?.settle(message.result);
        this.#waiting.delete(message.id);
      } else if (message.kind === "storeFailed") this.#onStoreFailed(message.message);
      else this.#options.onMessage(message);
    }
  }

  #onStoreFailed(reason: string): void {
    const retryMs = this.#storeRetry.onFailed(reason);
    this.#options.log.log("error", "shard.store_failed", { reason, retryMs });
    this.#outbox = undefined;
    void this.#worker?.terminate();
  }

  #look(): void {
    const running = must(this.#watched[WATCH_RUNNING], "a slot");
    const sinceMs = must(this.#watched[WATCH_SINCE_MS], "a slot");
    if (running === 0 || !this.#outbox) return;
    const { callTimeMs } = this.#options.data.limits;
    if (monotonicMs() - sinceMs < callTimeMs + CALL_GRACE_MS) return;
    this.#options.log.log("warn", "shard.call_overran", { limitMs: callTimeMs });
    this.#outbox = undefined;
    void this.#worker?.terminate();
  }

  #onExit(): void {
    this.#outbox = undefined;
    const running = must(this.#watched[WATCH_RUNNING], "a slot");
    const begun = must(this.#watched[WATCH_BEGUN], "a slot");
    const { failure } = this.#storeRetry;
    const again: Waiting[] = [];
    for (const [id, waiting] of this.#waiting) {
      if (this.#closing !== undefined && id !== running) waiting.settle(closed());
      else if (id === running) waiting.settle(err("TIME_LIMIT", "the call ran longer than it may and was stopped"));
      else if (!mayRunAgain(waiting.method, id > begun)) waiting.settle(interrupted());
      else if (failure) waiting.settle({ ok: false, error: failure });
      else again.push(waiting);
    }
    this.#waiting.clear();
    if (this.#closing === undefined) this.#restart(again).catch((thrown) => this.#fail(again, thrown));
  }

  async #restart(again: readonly Waiting[]): Promise<void> {
    while (this.#closing === undefined && !(await this.#tryRestart()));
    if (this.#closing !== undefined) {
      for (const { settle } of again) settle(closed());
      await this.#worker?.terminate();
      return;
    }
    this.#options.onRestart();
    const sentMeanwhile = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of [...again, ...sentMeanwhile]) this.#send(waiting);
  }

  /** A worker that dies while it starts is tried again, and so is a full disk; a store that refuses otherwise is final. */
  async #tryRestart(): Promise<boolean> {
    if (this.#storeRetry.failure) await this.#storeRetry.pause();
    if (this.#closing !== undefined) return false;
    const now = monotonicMs();
    this.#restartsMs.push(now);
    while (must(this.#restartsMs[0], "just added") < now - MINUTE_MS) this.#restartsMs.shift();
    if (this.#restartsMs.length > SHARD_RESTARTS_PER_MINUTE_MAX) {
      throw new NodeFailure("SHARD_FAILED", `it died ${SHARD_RESTARTS_PER_MINUTE_MAX} times within a minute`);
    }
    try {
      const thread = this.#begin(new ShardThread(this.#options.file), true);
      const { worker } = thread;
      await this.#untilOpened(thread);
      this.#outbox = new MessageOutbox((messages) => worker.postMessage(messages));
      this.#storeRetry.onOpened();
      return true;
    } catch (thrown) {
      if (thrown instanceof StoreFailure && thrown.code === "STORE_WRITE_FAILED") this.#onStoreFailed(thrown.message);
      else if (this.#closing !== undefined || thrown instanceof StoreFailure) throw thrown;
      else this.#options.log.log("error", "shard.restart_failed", { reason: String(thrown) });
      return false;
    }
  }

  #fail(again: readonly Waiting[], thrown: unknown): void {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `the worker that holds the contexts cannot be started again: ${reason}`;
    this.#options.log.log("error", "shard.failed", { reason: message });
    const failure = err<ApiErrorCode>("SHARD_FAILED", message);
    this.#failure = failure.error;
    for (const { settle } of again) settle(failure);
    this.#settleAll(failure);
  }

  #settleAll(result: Result<never>): void {
    for (const { settle } of this.#waiting.values()) settle(result);
    this.#waiting.clear();
  }
}

/** What reads, and what comes to the same when done twice, is sent again; a call only when it had not begun. */
function mayRunAgain(method: ShardMethod, isUnbegun: boolean): boolean {
  return method === "execute" ? isUnbegun : method !== "createContext";
}

function interrupted(): Result<never> {
  return err<ApiErrorCode>("CALL_INTERRUPTED", "the worker was replaced before the call's flush was seen");
}

function closed(): Result<never> {
  return err<ApiErrorCode>("NODE_CLOSED", "the node is closing");
}
