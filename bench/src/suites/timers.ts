/**
 * What sync's timers cost at rest: ten nodes that share 100 contexts of ten members, all connected, in virtual time, with
 * replicas in memory and a transport that hands frames over at once. Processor time of one node by the time that passes.
 */
import { applicationId, type ContextId, type PeerId, peerId, silentLog, type Transport } from "@dunlin/core/base";
import { createGenesis, Replica } from "@dunlin/core/replica";
import { SyncEngine, TICK_MS } from "@dunlin/core/sync";
import { createMemoryStore } from "@dunlin/store/memory";
import { crypto, random, signerOf } from "../cluster/ports.ts";
import { toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const NODES = 10;

export const timers: Suite = {
  name: "timers",
  about: "processor time of sync at rest, 100 contexts of 10 members",
  async run({ isQuick }) {
    const contexts = isQuick ? 20 : 100;
    const group = new Group();
    await group.open(contexts);
    await group.pass(60);
    const seconds = 300;
    const begun = process.cpuUsage();
    await group.pass(seconds);
    const { user, system } = process.cpuUsage(begun);
    const share = (user + system) / 1e6 / NODES / seconds;
    return [
      toRow({
        suite: "timers",
        name: `one node at rest, ${contexts} contexts of ${NODES} members, of a core`,
        value: 1000 * share,
        unit: "ms",
        target: { valueAtMost: 10 },
        note: "milliseconds of processor time in a second; the guide has under 3 % for its timers, 30 ms",
      }),
    ];
  },
};

class Group {
  #nowMs = Date.now();
  readonly #engines = new Map<PeerId, SyncEngine>();
  #queue: { readonly from: PeerId; readonly to: PeerId; readonly frame: Uint8Array }[] = [];
  #timers: { readonly atMs: number; readonly task: () => void }[] = [];

  async open(contexts: number): Promise<void> {
    const names = Array.from({ length: NODES }, (_, index) => peerId(`node-${index}`));
    for (const name of names) this.#engines.set(name, this.#createEngine(name));
    for (let number = 0; number < contexts; number++) await this.#share(names);
    for (const a of names) for (const b of names) if (a !== b) this.#engines.get(a)?.onConnect(b);
    await this.#deliver();
  }

  /** So many seconds, one tick of every node each. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.#nowMs += TICK_MS;
      const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { task } of due) task();
      for (const engine of this.#engines.values()) engine.tick();
      await this.#deliver();
    }
  }

  #createEngine(self: PeerId): SyncEngine {
    const transport: Transport = {
      self,
      send: (to, frame) => {
        this.#queue.push({ from: self, to, frame });
        return "queued";
      },
      peers: () => [...this.#engines.keys()].filter((peer) => peer !== self),
      disconnect: (_peer, reason) => {
        throw new Error(`cut: ${reason}`);
      },
    };
    const scheduler = {
      after: (delayMs: number, task: () => void) => {
        const timer = { atMs: this.#nowMs + delayMs, task };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
        };
      },
    };
    return new SyncEngine({ transport, scheduler, crypto, random, log: silentLog, clock: this.#clock });
  }

  get #clock() {
    return { now: () => this.#nowMs };
  }

  /** A context that all nodes hold already. */
  async #share(names: readonly PeerId[]): Promise<void> {
    const genesis = createGenesis({ crypto, random }, signerOf(0), applicationId(new Uint8Array(32)), this.#nowMs);
    const first = await this.#openReplica(genesis.context, 0);
    first.admit(genesis.bytes);
    await first.settled();
    const added = names.slice(1).map((_, at) => {
      const member = signerOf(at + 1).publicKey;
      return first.declare({ kind: "add", member, role: "writer", nonce: new Uint8Array(16).fill(at) });
    });
    await Promise.all(added);
    const { deltas } = first.missingFrom(new Map(), Number.MAX_SAFE_INTEGER);
    for (const [index, name] of names.entries()) {
      const replica = index === 0 ? first : await this.#openReplica(genesis.context, index);
      if (index > 0) replica.admitMany(deltas);
      await replica.settled();
      this.#engines.get(name)?.addContext({ replica, signer: signerOf(index) });
    }
  }

  async #openReplica(context: ContextId, index: number): Promise<Replica> {
    const ports = { store: createMemoryStore(), crypto, clock: this.#clock, random, log: silentLog };
    const opened = await Replica.open(ports, { context, signer: signerOf(index), place: "timers" });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  }

  async #deliver(): Promise<void> {
    while (this.#queue.length > 0) {
      const frames = this.#queue;
      this.#queue = [];
      for (const { from, to, frame } of frames) this.#engines.get(to)?.onFrame(from, frame);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
