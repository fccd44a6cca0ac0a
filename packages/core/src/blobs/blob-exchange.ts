/**
 * Blobs between the members of a context: asks for those that are wanted, and serves those that are here.
 *
 * Joins `blob-fetch.ts` to the store and to the frames of the context's peers, who have proven their membership before
 * any frame comes here. One fetch a blob, however many wait for it. What a peer may make this node do at once is
 * bounded: questions beyond `BLOB_QUESTIONS_QUEUED_MAX` are not answered.
 */
import {
  type BlobId,
  bytesEqual,
  type Clock,
  type ContextId,
  err,
  idKey,
  ok,
  type PeerId,
  type Result,
  type Scheduler,
  type SendOutcome,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { BlobFetch, type FetchEffect, type FetchInput } from "./blob-fetch.ts";
import type { BlobFrame } from "./blob-frames.ts";
import type { BlobErrorCode, BlobInfo, BlobStore } from "./blob-store.ts";
import type { ChunkFiles } from "./chunk-files.ts";
import { BLOB_QUESTIONS_QUEUED_MAX, BLOB_RETRY_MS } from "./limits.ts";
import { serveBlob } from "./serve-blob.ts";

export interface BlobExchangePorts {
  readonly blobs: BlobStore;
  readonly chunks: Pick<ChunkFiles, "read">;
  readonly crypto: Pick<Crypto, "sha256">;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Members of the context that are connected now. */
  readonly peersOf: (context: ContextId) => readonly PeerId[];
  readonly send: (context: ContextId, peer: PeerId, frame: BlobFrame) => SendOutcome;
  /** A peer sent what its own words refute. */
  readonly charge: (peer: PeerId) => void;
}

interface Running {
  readonly context: ContextId;
  readonly blob: BlobId;
  readonly fetch: BlobFetch;
  readonly done: Promise<Result<BlobInfo>>;
  readonly settle: (outcome: Result<BlobInfo>) => void;
  readonly fail: (thrown: unknown) => void;
  /** Effects are carried out in order, one after the other. */
  work: Promise<void>;
}

export class BlobExchange {
  readonly #ports: BlobExchangePorts;
  readonly #running = new Map<string, Running>();
  readonly #questions = new Map<PeerId, number>();

  constructor(ports: BlobExchangePorts) {
    this.#ports = ports;
  }

  /** Fetches under way. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * The blob, fetched from members of the context unless the context has it here; what lies here for another context is
   * asked for, and does not travel again. Whoever gives up by `signal` stops waiting only.
   */
  async fetch(context: ContextId, blob: BlobId, signal?: AbortSignal): Promise<Result<BlobInfo>> {
    signal?.throwIfAborted();
    const here = await this.#ports.blobs.info(blob);
    if (here && (await this.#ports.blobs.isLinked(context, blob))) return ok(here);
    const key = idKey(blob);
    const running = this.#running.get(key) ?? this.#start(key, context, blob);
    const outcome = await (signal ? raceAbort(running.done, signal) : running.done);
    return bytesEqual(running.context, context) ? outcome : this.fetch(context, blob, signal);
  }

  /** Takes a frame of a member of the context. */
  onFrame(context: ContextId, peer: PeerId, frame: BlobFrame): void {
    if (frame.kind === "ask" || frame.kind === "fetch") return this.#answer(context, peer, frame);
    const blob = frame.kind === "manifest" ? undefined : idKey(frame.blob);
    for (const [key, running] of this.#running) {
      if (blob === undefined || blob === key) this.#step(key, running, { kind: "frame", peer, frame });
    }
  }

  onPeer(peer: PeerId): void {
    for (const [key, running] of this.#running) {
      if (this.#ports.peersOf(running.context).includes(peer)) this.#step(key, running, { kind: "peer", peer });
    }
  }

  onGone(peer: PeerId): void {
    for (const [key, running] of this.#running) this.#step(key, running, { kind: "gone", peer });
  }

  /** Called every second or so: silent peers are given up. */
  tick(): void {
    for (const [key, running] of this.#running) this.#step(key, running, { kind: "tick" });
  }

  #start(key: string, context: ContextId, blob: BlobId): Running {
    let settle: Running["settle"] = () => {};
    let fail: Running["fail"] = () => {};
    const done = new Promise<Result<BlobInfo>>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    const fetch = new BlobFetch(this.#ports.crypto, blob);
    const running: Running = { context, blob, fetch, done, settle, fail, work: Promise.resolve() };
    this.#running.set(key, running);
    for (const peer of this.#ports.peersOf(context)) this.#step(key, running, { kind: "peer", peer });
    return running;
  }

  #step(key: string, running: Running, input: FetchInput): void {
    const effects = running.fetch.step(input, this.#ports.clock.now());
    if (effects.length === 0) return;
    running.work = running.work.then(async () => {
      for (const effect of effects) await this.#carryOut(key, running, effect);
    });
    running.work.catch((thrown) => {
      this.#running.delete(key);
      running.fail(thrown);
    });
  }

  async #carryOut(key: string, running: Running, effect: FetchEffect): Promise<void> {
    const { blobs, send, charge } = this.#ports;
    switch (effect.kind) {
      case "send":
        if (send(running.context, effect.peer, effect.frame) === "queued") return;
        return this.#step(key, running, { kind: "gone", peer: effect.peer });
      case "begin": {
        const missing = await blobs.begin(running.blob, effect.manifest);
        return this.#step(key, running, { kind: "begun", missing });
      }
      case "keep":
        return blobs.addChunk(effect.chunk);
      case "charge":
        return charge(effect.peer);
      case "done": {
        const info = await blobs.complete(running.blob);
        await blobs.link(running.context, running.blob);
        this.#running.delete(key);
        return running.settle(ok(info));
      }
      case "exhausted":
        this.#running.delete(key);
        return running.settle(err<BlobErrorCode>("BLOB_NOT_FOUND", "no member that is connected has this blob"));
    }
  }

  #answer(context: ContextId, peer: PeerId, question: BlobFrame): void {
    const waiting = this.#questions.get(peer) ?? 0;
    if (waiting >= BLOB_QUESTIONS_QUEUED_MAX) return;
    this.#questions.set(peer, waiting + 1);
    const answered = (): void => {
      const left = (this.#questions.get(peer) ?? 1) - 1;
      if (left > 0) this.#questions.set(peer, left);
      else this.#questions.delete(peer);
    };
    this.#serve(context, peer, question).then(answered, answered);
  }

  async #serve(context: ContextId, peer: PeerId, question: BlobFrame): Promise<void> {
    const { blobs, chunks, scheduler, send } = this.#ports;
    for await (const frame of serveBlob(blobs, chunks, context, question)) {
      let outcome = send(context, peer, frame);
      while (outcome === "full") {
        await new Promise<void>((resolve) => scheduler.after(BLOB_RETRY_MS, resolve));
        outcome = send(context, peer, frame);
      }
      if (outcome === "disconnected") return;
    }
  }
}

function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
