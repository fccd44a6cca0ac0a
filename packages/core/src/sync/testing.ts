/** What tests of sync share: timers that run when a test says so, and engines on a wire that carries frames when told. */
import {
  type Cancel,
  type KeyValueStore,
  type PeerId,
  peerId,
  type Scheduler,
  type Signer,
  type Transport,
} from "../base/index.ts";
import { Metrics } from "../metrics/index.ts";
import { Replica } from "../replica/index.ts";
import { testGenesis, testPorts } from "../replica/testing.ts";
import { SyncEngine } from "./engine.ts";
import type { Discovery } from "./ports.ts";
import { Presence } from "./presence/presence.ts";

export class VirtualScheduler implements Scheduler {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly task: () => void }[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  get size(): number {
    return this.#timers.length;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs what is due within so long, in order, and what that schedules. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const [next] = this.#timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
    }
    this.#nowMs = endMs;
  }

  /** Runs what waits now, whatever its time. */
  runAll(): void {
    const timers = this.#timers;
    this.#timers = [];
    for (const { task } of timers) task();
  }
}

/** What a scene needs of its platform. */
export interface SceneHost {
  readonly createStore: () => KeyValueStore;
  /** Resolves when promises and flushes that were ready have run. */
  readonly nextTurn: () => Promise<void>;
}

export interface SceneNode {
  readonly at: ReturnType<typeof testPorts>;
  readonly engine: SyncEngine;
  readonly metrics: Metrics;
  readonly replica: Replica;
  readonly signer: Signer;
  readonly presence: Presence;
}

/** A founder's node, a writer's, and a way to more: none of them connected yet. */
export interface Scene {
  readonly wire: Wire;
  readonly genesis: ReturnType<typeof testGenesis>;
  readonly founder: Signer;
  readonly member: Signer;
  readonly a: SceneNode;
  readonly b: SceneNode;
  readonly crypto: SceneNode["at"]["crypto"];
  /** `store`: of a node that was there before, and has stopped. */
  node(name: PeerId, signer: Signer, bootstrap?: Signer, store?: KeyValueStore): Promise<SceneNode>;
}

/** Engines by name, and the frames between them: nothing arrives until `run` carries it. */
export class Wire {
  readonly #nextTurn: () => Promise<void>;
  readonly engines: Map<PeerId, SyncEngine> = new Map();
  readonly cuts: string[] = [];
  readonly scheduler: VirtualScheduler = new VirtualScheduler();
  /** Sees every frame; gives what arrives instead. */
  tamper: (from: PeerId, to: PeerId, frame: Uint8Array) => Uint8Array | undefined = (_from, _to, frame) => frame;
  #queue: { readonly from: PeerId; readonly to: PeerId; readonly frame: Uint8Array }[] = [];

  constructor(nextTurn: () => Promise<void>) {
    this.#nextTurn = nextTurn;
  }

  transport(self: PeerId): Transport {
    return {
      self,
      send: (to, frame) => {
        this.#queue.push({ from: self, to, frame });
        return "queued";
      },
      peers: () => [...this.engines.keys()].filter((peer) => peer !== self),
      disconnect: (peer, reason) => {
        this.cuts.push(`${self} cut ${peer}: ${reason}`);
        this.#queue = this.#queue.filter(({ from, to }) => ![from, to].includes(self) || ![from, to].includes(peer));
        this.engines.get(peer)?.onDisconnect(self);
      },
    };
  }

  connect(a: PeerId, b: PeerId): void {
    this.engines.get(a)?.onConnect(b);
    this.engines.get(b)?.onConnect(a);
  }

  /** Carries frames, and lets promises and flushes run, until nothing moves any more. */
  async run(): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      this.scheduler.runAll();
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        idle = 0;
        const { from, to } = next;
        const frame = this.tamper(from, to, next.frame);
        if (frame) this.engines.get(to)?.onFrame(from, frame);
        await this.#nextTurn();
      }
      await this.#nextTurn();
    }
  }
}

export const A: PeerId = peerId("a");
export const B: PeerId = peerId("b");
export const M: PeerId = peerId("m");

export interface SceneOptions {
  readonly isSealed?: boolean;
  readonly joinsFrom?: number;
  /** How a node makes itself known, and what it hears of others. */
  readonly discovery?: (name: PeerId) => Discovery;
}

export async function openScene(
  { createStore, nextTurn }: SceneHost,
  seed: number,
  options: SceneOptions = {},
): Promise<Scene> {
  const wire = new Wire(nextTurn);
  const ports = testPorts(createStore(), seed);
  const founder = ports.crypto.createSigner(ports.random.bytes(32));
  const genesis = testGenesis(founder, seed, options);
  const { joinsFrom } = options;
  const node = async (
    name: PeerId,
    signer: Signer,
    bootstrap?: Signer,
    store: KeyValueStore = createStore(),
  ): Promise<SceneNode> => {
    const at = testPorts(store, seed * 100 + name.charCodeAt(0));
    const opened = await Replica.open(at, { context: genesis.context, signer, place: name, joinsFrom });
    if (!opened.ok) throw new Error(opened.error.message);
    const metrics = new Metrics(at.clock);
    const discovery = options.discovery?.(name);
    const host = { transport: wire.transport(name), scheduler: wire.scheduler, metrics };
    const engine = new SyncEngine({ ...at, ...host, ...(discovery ? { discovery } : {}) });
    wire.engines.set(name, engine);
    const replica = opened.value;
    const presence = new Presence({ replica, signer, ...at, scheduler: wire.scheduler });
    engine.addContext({ replica, signer, bootstrap: bootstrap?.publicKey, presence });
    return { at, engine, metrics, replica, signer, presence };
  };
  const a = await node(A, founder);
  a.replica.admit(genesis.bytes);
  await a.replica.settled();
  const member = ports.crypto.createSigner(ports.random.bytes(32));
  await a.replica.declare({ kind: "add", member: member.publicKey, role: "writer", nonce: new Uint8Array(16) });
  const b = await node(B, member, founder);
  return { wire, genesis, founder, member, a, b, node, crypto: ports.crypto };
}

/** Sets a key of the map that scenes write to. */
export async function write(replica: Replica, value: number): Promise<void> {
  await replica.call((transaction) => {
    transaction.field("map", "m").set(`k${value}`, value);
    return { ok: true, value, events: [] };
  });
}
