/**
 * The worker of a shard, from its first instant: it loads its code at once and waits; what it is to hold it is told
 * later, over a port of its own, so that no message for the shard can come before. Then it opens its store.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { must, StoreFailure, type StoreFailureCode } from "@dunlin/core/base";
import { NodeFailure } from "./failure.ts";
import type { ShardData } from "./messages.ts";

export class ShardThread {
  readonly worker: Worker;
  /** Resolves with the worker's first message, which comes once its store is open; rejects with what kept it from that. */
  readonly opened: Promise<void>;
  readonly #begin: MessageChannel["port1"];

  constructor(file: URL = new URL("./shard/worker.js", import.meta.url)) {
    const { port1, port2 } = new MessageChannel();
    this.#begin = port1;
    this.worker = new Worker(file, { workerData: port2, transferList: [port2] });
    this.opened = opened(this.worker);
    // It may fail before anybody waits for it.
    this.opened.catch(() => {});
  }

  /** Tells it what it is to hold: once. */
  begin(data: ShardData): void {
    this.#begin.postMessage(data);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

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
