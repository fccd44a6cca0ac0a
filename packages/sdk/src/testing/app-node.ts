/**
 * One simulated node that runs applications: the real replicas, sync engine, sandboxes and handlers, over a store in
 * memory and the simulated network. A crash leaves what a disk would hold.
 */
import {
  type Clock,
  createPrng,
  idToText,
  type Random,
  type Scheduler,
  silentLog,
  type Transport,
} from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { mix, type Network, peerOf, type VirtualTime } from "@dunlin/core/simulation";
import { SyncEngine, TICK_MS } from "@dunlin/core/sync";
import type { CrossCall } from "@dunlin/runtime";
import { createMemoryStore, type MemoryStoreImage } from "@dunlin/store/memory";
import { type AppBlobs, openAppBlobs } from "./app-blobs.ts";
import { AppContext, type Incarnation, type SimulatedApplication } from "./app-context.ts";
import { EPOCH_MS } from "./limits.ts";

export interface AppNodePorts {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly crypto: Crypto;
  /** One context each. */
  readonly applications: readonly SimulatedApplication[];
  readonly seed: number;
}

export class AppNode {
  readonly index: number;
  readonly contexts: readonly AppContext[];
  readonly #ports: AppNodePorts;
  #image: MemoryStoreImage | undefined;
  #live: Incarnation | undefined;
  #incarnations = 0;
  /** Calls of other contexts that are under way. */
  #following = 0;

  constructor(ports: AppNodePorts, index: number) {
    const { time, crypto, seed, applications } = ports;
    this.#ports = ports;
    this.index = index;
    const follow = (calls: readonly CrossCall[], via: readonly string[]): void => this.#follow(calls, via);
    const shared = { time, crypto, clock: this.#clock, seed, index };
    this.contexts = applications.map(
      (application, place) => new AppContext({ ...shared, live: () => this.#live, follow }, application, place),
    );
  }

  get isUp(): boolean {
    return this.#live !== undefined;
  }

  get blobs(): Promise<AppBlobs> | undefined {
    return this.#live?.blobs;
  }

  /** Whether a call of a context asked for one of another that is not done. */
  get isFollowing(): boolean {
    return this.#following > 0;
  }

  /** Comes up: opens the store, then the network. */
  boot(): void {
    if (this.#live) return;
    const { time, network, crypto } = this.#ports;
    const number = ++this.#incarnations;
    const store = createMemoryStore(this.#image ? { image: this.#image } : {});
    let transport: Transport | undefined;
    const scheduler: Scheduler = {
      after: (delayMs, task) =>
        time.after(delayMs, () => {
          if (this.#live?.number === number) task();
        }),
    };
    let opened: AppBlobs | undefined;
    const sync: SyncEngine = new SyncEngine({
      transport: {
        self: peerOf(this.index),
        send: (peer, frame) => transport?.send(peer, frame) ?? "disconnected",
        peers: () => transport?.peers() ?? [],
        disconnect: (peer, reason) => transport?.disconnect(peer, reason),
      },
      crypto,
      random: this.#random(number),
      clock: this.#clock,
      log: silentLog,
      scheduler,
      blobs: {
        onFrame: (context, peer, frame) => opened?.exchange.onFrame(context, peer, frame),
        onPeer: (peer) => opened?.exchange.onPeer(peer),
        onGone: (peer) => opened?.exchange.onGone(peer),
      },
    });
    const blobs = openAppBlobs({ store, crypto, clock: this.#clock, scheduler, sync }).then((made) => {
      opened = made;
      return made;
    });
    const live: Incarnation = { store, sync, scheduler, blobs, number };
    this.#live = live;
    for (const context of this.contexts) context.boot();
    time.after(0, () => {
      if (this.#live === live) transport = network.attach(this.index, sync);
    });
    this.#tickFrom(live);
  }

  /** Stops at once; what no flush covered is lost. */
  crash(): void {
    if (!this.#live) return;
    this.#image = this.#live.store.crash();
    this.#live = undefined;
    this.#ports.network.detach(this.index);
  }

  get #clock(): Clock {
    return { now: () => EPOCH_MS + Math.floor(this.#ports.time.nowMs) };
  }

  #random(incarnation: number): Random {
    const prng = createPrng(mix(this.#ports.seed, 3, this.index, incarnation));
    return { bytes: (length) => prng.bytes(length) };
  }

  /** Calls of other contexts here; what comes of one is told in the log of the context that asked. */
  #follow(calls: readonly CrossCall[], via: readonly string[]): void {
    const asking = this.contexts.find(({ id }) => id === via.at(-1));
    const told = (code: string, { context, method }: CrossCall): void =>
      void asking?.logs.push(`cross-call of ${method} in ${idToText(context)}: ${code}`);
    for (const call of calls) {
      const target = this.contexts.find(({ id }) => id === idToText(call.context));
      if (!target?.calls) told("CONTEXT_NOT_FOUND", call);
      else {
        this.#following++;
        const done = target.calls.callFrom(via, call).then((answer) => {
          if (!answer.ok) told(answer.error.code, call);
        });
        void done.finally(() => this.#following--);
      }
    }
  }

  #tickFrom(live: Incarnation): void {
    this.#ports.time.after(TICK_MS, () => {
      if (this.#live !== live) return;
      live.sync.tick();
      void live.blobs.then(({ exchange }) => exchange.tick());
      for (const { calls } of this.contexts) calls?.tick();
      this.#tickFrom(live);
    });
  }
}
