/**
 * Keeps a shard's worker running, and speaks with it: requests with answers, messages without.
 *
 * A call that overruns inside a built-in of the engine, which never looks at the clock, holds up its worker; the
 * watchdog sees it in shared memory, ends the worker and starts another on the same store. The call that overran fails
 * with `TIME_LIMIT`; calls behind it run on the new worker; those before it that waited for their flush fail with
 * `CALL_INTERRUPTED`, since only the store knows whether they made it.
 */
import { Worker } from "node:worker_threads";
import type { ApiErrorCode } from "@dunlin/api";
import { assert, err, type Log, must, type Result, StoreFailure, type StoreFailureCode } from "@dunlin/core/base";
import { NodeFailure } from "./failure.ts";
import { CALL_GRACE_MS, SHARD_RESTARTS_PER_MINUTE_MAX, WATCHDOG_INTERVAL_MS } from "./limits.ts";
import {
  type FromShard,
  monotonicMs,
  type ShardData,
  type ShardMethod,
  type ShardRequests,
  type ToShard,
} from "./messages.ts";
import { MessageOutbox } from "./outbox.ts";

export interface SupervisorOptions {
  readonly data: Omit<ShardData, "watch" | "restarted">;
  readonly log: Log;
  readonly onMessage: (message: Exclude<FromShard, { kind: "reply" }>) => void;
  /** The worker was replaced: what it knew of peers is gone. */
  readonly onRestart: () => void;
}

interface Waiting {
  readonly method: ShardMethod;
  readonly request: unknown;
  readonly settle: (result: Result<unknown>) => void;
}

export class ShardSupervisor {
  readonly #options: SupervisorOptions;
  readonly #watch = new SharedArrayBuffer(16);
  readonly #watched = new Float64Array(this.#watch);
  readonly #waiting = new Map<number, Waiting>();
  readonly #watchdog: NodeJS.Timeout;
  readonly #restartsMs: number[] = [];
  #outbox: MessageOutbox<ToShard> | undefined;
  #worker: Worker | undefined;
  #nextId = 1;
  #closing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#watchdog = setInterval(() => this.#look(), WATCHDOG_INTERVAL_MS);
  }

  /** Starts the worker; rejects with what kept it from opening its store. */
  async start(restarted = false): Promise<void> {
    this.#watched.fill(0);
    const data: ShardData = { ...this.#options.data, watch: this.#watch, restarted };
    const worker = new Worker(new URL("./shard/worker.js", import.meta.url), { workerData: data });
    this.#worker = worker;
    worker.on("message", (messages: readonly FromShard[]) => this.#receive(messages));
    await opened(worker);
    worker.on("error", (thrown) => this.#options.log.log("error", "shard.worker_error", { reason: String(thrown) }));
    worker.on("exit", () => this.#onExit(worker));
    this.#outbox = new MessageOutbox((messages) => worker.postMessage(messages));
  }

  request<M extends ShardMethod>(
    method: M,
    request: ShardRequests[M]["takes"],
  ): Promise<Result<ShardRequests[M]["gives"]>> {
    if (this.#closing && method !== "close") {
      return Promise.resolve(err<ApiErrorCode>("NODE_CLOSED", "the node is closing"));
    }
    return new Promise((resolve) => {
      const settle = (result: Result<unknown>): void => resolve(result as Result<ShardRequests[M]["gives"]>);
      this.#send({ method, request, settle });
    });
  }

  post(message: Exclude<ToShard, { kind: "request" }>): void {
    this.#outbox?.put(message);
  }

  /** Lets the shard finish what is under way and ends its worker. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    clearInterval(this.#watchdog);
    await this.request("close", null);
    await this.#worker?.terminate();
    for (const { settle } of this.#waiting.values()) settle(err<ApiErrorCode>("NODE_CLOSED", "the node is closing"));
  }

  #send(waiting: Waiting): void {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#outbox?.put({ kind: "request", id, method: waiting.method, request: waiting.request });
  }

  #receive(messages: readonly FromShard[]): void {
    for (const message of messages) {
      if (message.kind !== "reply") {
        this.#options.onMessage(message);
        continue;
      }
      this.#waiting.get(message.id)?.settle(message.result);
      this.#waiting.delete(message.id);
    }
  }

  #look(): void {
    const [running = 0, sinceMs = 0] = this.#watched;
    if (running === 0 || this.#closing || !this.#outbox) return;
    if (monotonicMs() - sinceMs < this.#options.data.callTimeMs + CALL_GRACE_MS) return;
    this.#options.log.log("warn", "shard.call_overran", { limitMs: this.#options.data.callTimeMs });
    this.#outbox = undefined;
    void this.#worker?.terminate();
  }

  #onExit(worker: Worker): void {
    if (this.#closing || worker !== this.#worker) return;
    this.#outbox = undefined;
    const running = this.#watched[0] ?? 0;
    const again: Waiting[] = [];
    for (const [id, waiting] of this.#waiting) {
      // Calls run in the order of their ids: what came after the one that ran has not begun.
      if (waiting.method !== "execute" || (running > 0 && id > running)) again.push(waiting);
      else if (id === running) waiting.settle(err("TIME_LIMIT", "the call ran longer than it may and was stopped"));
      else
        waiting.settle(
          err<ApiErrorCode>("CALL_INTERRUPTED", "the worker was replaced before the call's flush was seen"),
        );
    }
    this.#waiting.clear();
    this.#restart(again).catch((thrown) => this.#fail(again, thrown));
  }

  async #restart(again: readonly Waiting[]): Promise<void> {
    const now = monotonicMs();
    this.#restartsMs.push(now);
    while ((this.#restartsMs[0] ?? now) < now - 60_000) this.#restartsMs.shift();
    assert(this.#restartsMs.length <= SHARD_RESTARTS_PER_MINUTE_MAX, "the shard's worker keeps dying");
    await this.start(true);
    this.#options.onRestart();
    const sentMeanwhile = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of [...again, ...sentMeanwhile]) this.#send(waiting);
  }

  #fail(again: readonly Waiting[], thrown: unknown): void {
    const message = `the shard's worker cannot be started again: ${String(thrown)}`;
    this.#options.log.log("error", "shard.failed", { reason: message });
    const failure = err<ApiErrorCode>("SHARD_FAILED", message);
    for (const { settle } of [...again, ...this.#waiting.values()]) settle(failure);
    this.#waiting.clear();
  }
}

/** Resolves with the worker's first message, which comes once its store is open; rejects with what kept it from that. */
function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void =>
      reject(new NodeFailure("SHARD_FAILED", `the shard's worker ended with code ${code}`));
    const onError = (thrown: Error): void => reject(reviveFailure(thrown));
    worker.once("exit", onExit);
    worker.once("error", onError);
    worker.once("message", () => {
      worker.off("exit", onExit);
      worker.off("error", onError);
      resolve();
    });
  });
}

/** What a worker throws arrives as a plain error: its code says what it was. */
function reviveFailure(thrown: Error & { readonly code?: unknown }): Error {
  const code = String(thrown.code ?? "");
  return code.startsWith("STORE_")
    ? new StoreFailure(code as StoreFailureCode, must(thrown.message, "a message"))
    : thrown;
}
