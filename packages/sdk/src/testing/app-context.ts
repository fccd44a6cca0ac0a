/** One context on a simulated node: its replica while the node is up, its calls, and what it has told. */
import { type Role, signInvitation } from "@dunlin/core/access";
import {
  type ApplicationId,
  assert,
  type Clock,
  type ContextId,
  createPrng,
  idToText,
  type PublicKey,
  type Random,
  type Scheduler,
  type Signer,
  silentLog,
  utf8ToString,
} from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { type Commit, createGenesis, Replica } from "@dunlin/core/replica";
import { mix, peerOf, type VirtualTime } from "@dunlin/core/simulation";
import { Presence, type SyncEngine } from "@dunlin/core/sync";
import type { CrossCall, Engine } from "@dunlin/runtime";
import type { MemoryStore } from "@dunlin/store/memory";
import type { AppBlobs } from "./app-blobs.ts";
import { AppCalls } from "./app-calls.ts";
import { JOIN_RETRY_MS } from "./limits.ts";

/** An application of a simulation. */
export interface SimulatedApplication {
  readonly id: ApplicationId;
  readonly engine: Engine;
}

/** What ends with a crash of the node. */
export interface Incarnation {
  readonly store: MemoryStore;
  readonly sync: SyncEngine;
  readonly scheduler: Scheduler;
  readonly blobs: Promise<AppBlobs>;
  /** Which one it is. */
  readonly number: number;
}

export interface AppContextPorts {
  readonly time: VirtualTime;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly seed: number;
  /** Of the node. */
  readonly index: number;
  /** The one that is up. */
  readonly live: () => Incarnation | undefined;
  readonly follow: (calls: readonly CrossCall[], via: readonly string[]) => void;
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

const INVITATION_MS = 86_400_000;

export class AppContext {
  readonly application: SimulatedApplication;
  /** As a node has it, another in each context. */
  readonly signer: Signer;
  readonly events: SeenEvent[] = [];
  readonly logs: string[] = [];
  readonly #ports: AppContextPorts;
  /** Among those of the node. */
  readonly #place: number;
  #joined: Joined | undefined;
  #open: { readonly live: Incarnation; readonly replica: Replica; readonly calls: AppCalls } | undefined;

  constructor(ports: AppContextPorts, application: SimulatedApplication, place: number) {
    this.#ports = ports;
    this.application = application;
    this.#place = place;
    this.signer = ports.crypto.createSigner(createPrng(mix(ports.seed, 2, ports.index, place)).bytes(32));
  }

  /** The context's id in base58; undefined before it has joined. */
  get id(): string | undefined {
    return this.#joined && idToText(this.#joined.context);
  }

  /** Undefined while the node is down, and until it has joined. */
  get replica(): Replica | undefined {
    return this.#current?.replica;
  }

  get calls(): AppCalls | undefined {
    return this.#current?.calls;
  }

  /** Members whose nodes are connected to it and have proven who they are; undefined before it has joined. */
  get peers(): number | undefined {
    const { replica, live } = this.#current ?? {};
    return replica && live?.sync.connectedMembers(replica.context).length;
  }

  /** The node has come up. */
  boot(): void {
    const live = this.#ports.live();
    if (live && this.#joined) void this.#openAt(live, this.#joined);
  }

  /** Makes the context, with this node's member as its admin. */
  async found(): Promise<void> {
    const { crypto, clock } = this.#ports;
    const live = this.#ports.live();
    assert(live !== undefined, "who founds is up");
    const ports = { crypto, random: this.#random(4, 0) };
    const genesis = createGenesis(ports, this.signer, this.application.id, clock.now(), { isSealed: true });
    this.#joined = { context: genesis.context, bootstrap: undefined };
    const replica = await this.#openAt(live, this.#joined);
    replica?.admit(genesis.bytes);
    await replica?.settled();
  }

  /** Redeems an invitation of the founder's; goes on until it has joined. */
  join(founder: AppContext, role: Role): void {
    if (this.#joined) return;
    const { time, crypto, clock, seed, index } = this.#ports;
    const { signer } = this;
    const live = this.#ports.live();
    const { replica } = founder;
    time.after(JOIN_RETRY_MS, () => this.join(founder, role));
    if (!live || !replica) return;
    const { context } = replica;
    const { signer: inviter } = founder;
    const redeemer = founder.#ports.index;
    const invitation = signInvitation(crypto, inviter, {
      context,
      inviter: inviter.publicKey,
      holder: { kind: "named", key: signer.publicKey },
      uses: 1,
      role,
      nonce: createPrng(mix(seed, 5, index)).bytes(16),
      expiresMs: clock.now() + INVITATION_MS,
      redeemer: inviter.publicKey,
      redeemerPeer: peerOf(redeemer),
      redeemerAddresses: [],
    });
    const request = { context, invitation, signer, bearer: undefined };
    void live.sync.redeem(peerOf(redeemer), request).then((redeemed) => {
      if (!redeemed.ok || this.#joined || this.#ports.live() !== live) return undefined;
      this.#joined = { context, bootstrap: inviter.publicKey };
      return this.#openAt(live, this.#joined);
    });
  }

  get #current(): { readonly live: Incarnation; readonly replica: Replica; readonly calls: AppCalls } | undefined {
    return this.#open?.live === this.#ports.live() ? this.#open : undefined;
  }

  #random(purpose: number, incarnation: number): Random {
    const prng = createPrng(mix(this.#ports.seed, purpose, this.#ports.index, incarnation, this.#place));
    return { bytes: (length) => prng.bytes(length) };
  }

  async #openAt(live: Incarnation, { context, bootstrap }: Joined): Promise<Replica | undefined> {
    const { crypto, clock, seed, index, follow } = this.#ports;
    const { signer } = this;
    const { store, sync, scheduler } = live;
    const ports = { store, crypto, clock, random: this.#random(6, live.number), log: silentLog };
    const opened = await Replica.open(ports, { context, signer, place: "simulated", keepsLedger: true });
    const blobs = await live.blobs;
    if (this.#ports.live() !== live) return undefined;
    assert(opened.ok, "a simulated store is never damaged");
    const replica = opened.value;
    const presence = new Presence({ replica, signer, crypto, clock, scheduler });
    const prng = createPrng(mix(seed, 7, index, live.number, this.#place));
    const calls = new AppCalls({
      engine: this.application.engine,
      replica,
      store,
      presence,
      follow,
      crypto,
      blobs: () => blobs.applications,
      member: signer.publicKey,
      clock,
      connected: () => sync.connectedMembers(context),
      seed: () => prng.u32(),
      onLogs: (_method, lines) => void this.logs.push(...lines),
    });
    this.#open = { live, replica, calls };
    replica.onCommit((commit) => this.#onCommit(live, commit));
    sync.addContext({ replica, signer, bootstrap, presence });
    return replica;
  }

  #onCommit(live: Incarnation, { deltas }: Commit): void {
    for (const { events, local } of deltas) {
      for (const { kind, data } of events) {
        this.events.push({ kind, data: utf8ToString(data) ?? "null", isLocal: local });
      }
    }
    if (this.#open?.live === live) this.calls?.wakeHandlers();
  }
}
