/**
 * One simulated node that runs an application: the real replica, sync engine, sandbox and handlers, over a store in
 * memory and the simulated network. A crash leaves what a disk would hold.
 */
import { type Role, signInvitation } from "@dunlin/core/access";
import {
  type ApplicationId,
  assert,
  type ContextId,
  createPrng,
  idToText,
  type PublicKey,
  type Random,
  type Signer,
  silentLog,
  type Transport,
  utf8ToString,
} from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { type Commit, createGenesis, Replica } from "@dunlin/core/replica";
import { mix, type Network, peerOf, type VirtualTime } from "@dunlin/core/simulation";
import { SyncEngine, TICK_MS } from "@dunlin/core/sync";
import type { Engine } from "@dunlin/runtime";
import { createMemoryStore, type MemoryStore, type MemoryStoreImage } from "@dunlin/store/memory";
import { AppCalls } from "./app-calls.ts";
import { EPOCH_MS, JOIN_RETRY_MS } from "./limits.ts";

export interface AppNodePorts {
  readonly time: VirtualTime;
  readonly network: Network;
  readonly crypto: Crypto;
  readonly engine: Engine;
  readonly application: ApplicationId;
  readonly seed: number;
}

/** An event that a node told, its own calls' and those of others. */
export interface SeenEvent {
  readonly kind: string;
  /** JSON, in which bigints and bytes have tags. */
  readonly data: string;
  /** Whether a call on this node emitted it. */
  readonly isLocal: boolean;
}

interface Joined {
  readonly context: ContextId;
  readonly bootstrap: PublicKey | undefined;
}

/** What ends with a crash. */
interface Incarnation {
  readonly store: MemoryStore;
  readonly sync: SyncEngine;
  replica: Replica | undefined;
  calls: AppCalls | undefined;
}

const INVITATION_MS = 86_400_000;

export class AppNode {
  readonly index: number;
  readonly signer: Signer;
  readonly events: SeenEvent[] = [];
  readonly logs: string[] = [];
  readonly #ports: AppNodePorts;
  #image: MemoryStoreImage | undefined;
  #live: Incarnation | undefined;
  #joined: Joined | undefined;
  #incarnations = 0;

  constructor(ports: AppNodePorts, index: number) {
    this.#ports = ports;
    this.index = index;
    this.signer = ports.crypto.createSigner(createPrng(mix(ports.seed, 2, index)).bytes(32));
  }

  /** The member's public key in base58. */
  get member(): string {
    return idToText(this.signer.publicKey);
  }

  get isUp(): boolean {
    return this.#live !== undefined;
  }

  /** Undefined while it is down, and until it has joined. */
  get replica(): Replica | undefined {
    return this.#live?.replica;
  }

  /** Members whose nodes are connected to it and have proven who they are; undefined before it has joined. */
  get peers(): number | undefined {
    const { replica, sync } = this.#live ?? {};
    return replica && sync?.connectedMembers(replica.context).length;
  }

  get calls(): AppCalls | undefined {
    return this.#live?.calls;
  }

  /** Comes up: opens the store, then the network. */
  boot(): void {
    if (this.#live) return;
    const { time, network, crypto } = this.#ports;
    const random = this.#random(3, ++this.#incarnations);
    const store = createMemoryStore(this.#image ? { image: this.#image } : {});
    let transport: Transport | undefined;
    const sync: SyncEngine = new SyncEngine({
      transport: {
        self: peerOf(this.index),
        send: (peer, frame) => transport?.send(peer, frame) ?? "disconnected",
        peers: () => transport?.peers() ?? [],
        disconnect: (peer, reason) => transport?.disconnect(peer, reason),
      },
      crypto,
      random,
      clock: this.#clock,
      log: silentLog,
      scheduler: {
        after: (delayMs, task) =>
          time.after(delayMs, () => {
            if (this.#live?.sync === sync) task();
          }),
      },
    });
    const live: Incarnation = { store, sync, replica: undefined, calls: undefined };
    this.#live = live;
    if (this.#joined) void this.#open(live, random, this.#joined);
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

  /** Makes the context, with this node's member as its admin. */
  async found(): Promise<void> {
    const live = this.#live;
    assert(live !== undefined, "who founds is up");
    const { crypto, application } = this.#ports;
    const random = this.#random(4, 0);
    const genesis = createGenesis({ crypto, random }, this.signer, application, this.#clock.now(), { isSealed: true });
    this.#joined = { context: genesis.context, bootstrap: undefined };
    const replica = await this.#open(live, random, this.#joined);
    replica?.admit(genesis.bytes);
    await replica?.settled();
  }

  /** Redeems an invitation of the founder's; goes on until it has joined. */
  join(founder: AppNode, role: Role): void {
    if (this.#joined) return;
    const live = this.#live;
    const { replica } = founder;
    this.#ports.time.after(JOIN_RETRY_MS, () => this.join(founder, role));
    if (!live || !replica) return;
    const { context } = replica;
    const invitation = signInvitation(this.#ports.crypto, founder.signer, {
      context,
      inviter: founder.signer.publicKey,
      holder: { kind: "named", key: this.signer.publicKey },
      uses: 1,
      role,
      nonce: createPrng(mix(this.#ports.seed, 5, this.index)).bytes(16),
      expiresMs: this.#clock.now() + INVITATION_MS,
      redeemer: founder.signer.publicKey,
      redeemerPeer: peerOf(founder.index),
      redeemerAddresses: [],
    });
    const request = { context, invitation, signer: this.signer, bearer: undefined };
    void live.sync.redeem(peerOf(founder.index), request).then((redeemed) => {
      if (!redeemed.ok || this.#joined || this.#live !== live) return undefined;
      this.#joined = { context, bootstrap: founder.signer.publicKey };
      return this.#open(live, this.#random(6, 0), this.#joined);
    });
  }

  get #clock(): { now(): number } {
    return { now: () => EPOCH_MS + Math.floor(this.#ports.time.nowMs) };
  }

  #random(purpose: number, incarnation: number): Random {
    const prng = createPrng(mix(this.#ports.seed, purpose, this.index, incarnation));
    return { bytes: (length) => prng.bytes(length) };
  }

  async #open(live: Incarnation, random: Random, { context, bootstrap }: Joined): Promise<Replica | undefined> {
    const { crypto, engine, seed } = this.#ports;
    const ports = { store: live.store, crypto, clock: this.#clock, random, log: silentLog };
    const options = { context, signer: this.signer, place: "simulated", keepsLedger: true };
    const opened = await Replica.open(ports, options);
    if (this.#live !== live) return undefined;
    assert(opened.ok, "a simulated store is never damaged");
    const replica = opened.value;
    live.replica = replica;
    live.calls = new AppCalls({
      engine,
      replica,
      store: live.store,
      member: this.signer.publicKey,
      clock: this.#clock,
      prng: createPrng(mix(seed, 7, this.index, this.#incarnations)),
      connected: () => live.sync.connectedMembers(context),
      onLog: (line) => this.logs.push(line),
    });
    replica.onCommit((commit) => this.#onCommit(live, commit));
    live.sync.addContext({ replica, signer: this.signer, bootstrap });
    return replica;
  }

  #onCommit(live: Incarnation, { deltas }: Commit): void {
    for (const { events, local } of deltas) {
      for (const { kind, data } of events) {
        this.events.push({ kind, data: utf8ToString(data) ?? "null", isLocal: local });
      }
    }
    if (this.#live === live) live.calls?.wakeHandlers();
  }

  #tickFrom(live: Incarnation): void {
    this.#ports.time.after(TICK_MS, () => {
      if (this.#live !== live) return;
      live.sync.tick();
      live.calls?.wakeHandlers();
      this.#tickFrom(live);
    });
  }
}
