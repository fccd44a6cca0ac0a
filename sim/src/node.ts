/**
 * One simulated node: the real replica, sync engine and memory store on simulated ports, through any number of
 * incarnations. What a crash leaves is what a disk would: the store's image, and the few things that an installation
 * writes before it acts on them (its keys, its place, the context that it joined).
 */

import { type Invitation, type Statement, signInvitation } from "@dunlin/core/access";
import {
  applicationId,
  type ContextId,
  createPrng,
  type KeyValueStore,
  must,
  type PeerId,
  type PublicKey,
  type Random,
  type SendOutcome,
  type Signer,
  silentLog,
  type Transport,
} from "@dunlin/core/base";
import { createGenesis, Replica } from "@dunlin/core/replica";
import { mix, mixUnit, type Network, nodeOf, peerOf, type Trace, type VirtualTime } from "@dunlin/core/simulation";
import { decodeFrame, type Frame, SyncEngine, TICK_MS } from "@dunlin/core/sync";
import { createMemoryStore, type MemoryStore, type MemoryStoreImage } from "@dunlin/store/memory";
import { type Call, EXPECTED_FAILURES, isThere, runCall } from "./calls.ts";
import { NodeHandlers } from "./handlers.ts";
import { EPOCH_MS, JOIN_RETRY_MS } from "./limits.ts";
import { memoCrypto } from "./memo-crypto.ts";
import { type ObserverPorts, observe } from "./observer.ts";
import type { Role, Traitor as TraitorPlan } from "./plan.ts";
import type { PlantedBug } from "./planted/planted.ts";
import { type Deed, perform } from "./traitors/deeds.ts";
import { Traitor } from "./traitors/traitor.ts";

export interface NodePorts extends ObserverPorts {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly network: Network;
  readonly seed: number;
  readonly bug: PlantedBug | undefined;
  /** What it makes of each frame of its engine. */
  readonly frames: ((frame: Frame) => Uint8Array[]) | undefined;
  /** Who reads its log: a node charges its peer. */
  readonly onCharge: (by: number, peer: number, code: string) => void;
  readonly onSigned: (signer: PublicKey, message: Uint8Array) => void;
  /** Whether nothing goes wrong any more. */
  readonly isHealed: () => boolean;
}

interface Joined {
  readonly context: ContextId;
  readonly bootstrap: PublicKey | undefined;
}

/** What ends with a crash. */
interface Incarnation {
  readonly store: MemoryStore;
  readonly engine: SyncEngine;
  replica: Replica | undefined;
}

/** Often enough that most runs go over to several checkpoints. */
const COMPACT_INTERVAL_MS = 300_000;
/** Few enough that most who join late do so by a snapshot. */
const JOINS_FROM = 24;
const APPLICATION = applicationId(new Uint8Array(32).fill(7));
const BOOT_MAX_MS = 100;
const INVITATION_MS = 86_400_000;

export class SimNode {
  readonly index: number;
  readonly signer: Signer;
  /** Undefined of an honest node. */
  readonly traitor: Traitor | undefined;
  readonly handlers: NodeHandlers;
  clockOffsetMs = 0;
  /** Mean of an exponential flush time. */
  flushMeanMs = 0;
  /** Added to each flush. */
  flushSlowMs = 0;
  /** The next flush is refused by the disk; then this share of what it held is on it all the same. */
  diskFails: number | undefined;
  readonly #ports: NodePorts;
  readonly #told = new Set<string>();
  #image: MemoryStoreImage | undefined;
  #live: Incarnation | undefined;
  #transport: Transport | undefined;
  #joined: Joined | undefined;
  #incarnations = 0;
  #moves = 0;
  #flushes = 0;
  /** Of what a flush held that failed, what is on the disk. */
  #failedShare = 0;

  constructor(ports: NodePorts, index: number, traitor: TraitorPlan | undefined) {
    this.#ports = ports;
    this.index = index;
    const signer = memoCrypto.createSigner(createPrng(mix(ports.seed, 2, index)).bytes(32));
    this.traitor = traitor && new Traitor(ports.seed, signer, traitor, ports.counts);
    const sign = (message: Uint8Array): Uint8Array => {
      ports.onSigned(signer.publicKey, message);
      return signer.sign(message);
    };
    const { counts, isHealed } = ports;
    this.handlers = new NodeHandlers({ index, clock: this.clock, counts, isHealed });
    this.signer = { publicKey: signer.publicKey, sign, agree: (other) => signer.agree(other) };
  }

  get isUp(): boolean {
    return this.#live !== undefined;
  }

  get isJoined(): boolean {
    return this.#joined !== undefined;
  }

  /** Keys of the deltas that any incarnation has told of. */
  get told(): ReadonlySet<string> {
    return this.#told;
  }

  get replica(): Replica | undefined {
    return this.#live?.replica;
  }

  get engine(): SyncEngine | undefined {
    return this.#live?.engine;
  }

  get store(): KeyValueStore | undefined {
    return this.#live?.store;
  }

  get clock(): { now(): number } {
    return { now: () => EPOCH_MS + Math.floor(this.#ports.time.nowMs) + this.clockOffsetMs };
  }

  /** Comes up: opens the store, then a little later the network. */
  boot(): void {
    if (this.#live) return;
    const { time, network } = this.#ports;
    const incarnation = ++this.#incarnations;
    const prng = createPrng(mix(this.#ports.seed, 3, this.index, incarnation));
    const random = { bytes: (length: number) => prng.bytes(length) };
    const store = createMemoryStore({
      ...(this.#image ? { image: this.#image } : {}),
      flush: () => this.#flush(incarnation),
    });
    const frames = this.#ports.bug?.frames?.() ?? this.#ports.frames;
    let transport: Transport | undefined;
    const offline: Transport = {
      self: peerOf(this.index),
      send: (peer, frame) => {
        const send = (said: Uint8Array): SendOutcome => transport?.send(peer, said) ?? "disconnected";
        if (this.traitor) return this.traitor.send(peer, frame, send, this.#live?.replica);
        return frames ? sendAll(frames(must(decodeFrame(frame), "what a node sends is a frame")), send) : send(frame);
      },
      peers: () => transport?.peers() ?? [],
      disconnect: (peer, reason) => transport?.disconnect(peer, reason),
    };
    const engine: SyncEngine = new SyncEngine({
      transport: offline,
      crypto: memoCrypto,
      random,
      clock: this.clock,
      log: { log: (_level, event, fields = {}) => this.#onLog(event, fields) },
      scheduler: {
        after: (delayMs, task) => {
          let isDue = true;
          time.after(delayMs, () => {
            if (isDue && this.#live?.engine === engine) task();
          });
          return () => {
            isDue = false;
          };
        },
      },
    });
    const live: Incarnation = { store, engine, replica: undefined };
    this.#live = live;
    if (this.#joined) void this.#open(live, random, this.#joined);
    else if (this.index === 0) void this.#found(live, random);
    time.after(prng.unit() * BOOT_MAX_MS, () => {
      if (this.#live !== live) return;
      transport = network.attach(this.index, engine);
      this.#transport = transport;
    });
    this.#tickFrom(live, prng.unit() * TICK_MS);
  }

  /** Stops at once; `survives` is the share of unflushed batches that reached the disk all the same. */
  crash(survives: number): void {
    if (!this.#live) return;
    const { store, replica } = this.#live;
    if (store.unflushedCount > 0) this.#ports.counts.add("crash.in_flush");
    if (store.unflushedCount > 1 && survives > 0 && survives < 1) this.#ports.counts.add("crash.torn");
    if (!replica && this.#joined) this.#ports.counts.add("crash.in_recovery");
    this.#image = store.crash(Math.round(store.unflushedCount * survives));
    this.#ports.counts.addAll(this.#live.engine.counters);
    this.#live = undefined;
    this.#ports.network.detach(this.index);
  }

  /** Does what a traitor does, as far as it has joined. */
  commit(deed: Deed, seed: number): void {
    const [replica, transport] = [this.#live?.replica, this.#transport];
    if (!this.traitor || this.traitor.isSpent || !replica || replica.closed || !transport) return;
    const peers = transport.peers();
    if (replica.flushed.count === 0 || peers.length === 0) return;
    this.#ports.counts.add(`deed.${deed}`);
    const send = (peer: PeerId, frame: Uint8Array): SendOutcome => transport.send(peer, frame);
    perform(deed, this.traitor, { replica, peers, send, wallMs: this.clock.now() }, seed);
  }

  /** The store is found at another place when the node comes up next. */
  move(): void {
    this.#moves++;
  }

  /** Makes the context, with this node's member as its admin; it has joined once that is flushed. */
  async #found(live: Incarnation, random: Random): Promise<void> {
    const genesis = createGenesis({ crypto: memoCrypto, random }, this.signer, APPLICATION, this.clock.now(), {
      isSealed: !this.#ports.bug?.isBare,
    });
    const joined = { context: genesis.context, bootstrap: undefined };
    const replica = await this.#open(live, random, joined);
    replica?.admit(genesis.bytes);
    await replica?.settled();
    if (this.#live === live && replica && !replica.closed && replica.flushed.count > 0) this.#joined = joined;
  }

  /** An invitation signed by this node's member, to be redeemed here; undefined while it is no admin. */
  invite(
    holder: Invitation["holder"],
    role: Role,
  ): { readonly context: ContextId; readonly bytes: Uint8Array } | undefined {
    const replica = this.#live?.replica;
    if (replica?.roleOf(this.signer.publicKey) !== "admin") return undefined;
    const bytes = signInvitation(memoCrypto, this.signer, {
      context: replica.context,
      inviter: this.signer.publicKey,
      holder,
      uses: 1,
      role,
      nonce: createPrng(mix(this.#ports.seed, 5, this.index, this.#ports.time.ran)).bytes(16),
      expiresMs: this.clock.now() + INVITATION_MS,
      redeemer: this.signer.publicKey,
      redeemerPeer: peerOf(this.index),
      redeemerAddresses: [],
    });
    return { context: replica.context, bytes };
  }

  /** Goes on until it has joined, through crashes of either side. `inviterOf` is asked anew each time. */
  join(role: Role, isBearer: boolean, inviterOf: () => SimNode | undefined): void {
    if (this.#joined) return;
    const { time, counts, seed } = this.#ports;
    time.after(JOIN_RETRY_MS, () => this.join(role, isBearer, inviterOf));
    const live = this.#live;
    const inviter = inviterOf();
    if (!live || !inviter?.isUp) return;
    const bearer = isBearer ? memoCrypto.createSigner(createPrng(mix(seed, 10, this.index)).bytes(32)) : undefined;
    const holder = { kind: bearer ? "bearer" : "named", key: (bearer ?? this.signer).publicKey } as const;
    const invitation = inviter.invite(holder, role);
    if (!invitation) return;
    const { context, bytes } = invitation;
    const request = { context, invitation: bytes, signer: this.signer, bearer };
    void live.engine.redeem(peerOf(inviter.index), request).then((redeemed) => {
      counts.add(redeemed.ok ? "join.redeemed" : `join.${redeemed.error.code}`);
      if (redeemed.ok && bearer) counts.add("join.by_bearer");
      if (!redeemed.ok || this.#joined || this.#live !== live) return;
      this.#joined = { context, bootstrap: inviter.signer.publicKey };
      const prng = createPrng(mix(seed, 6, this.index));
      return this.#open(live, { bytes: (length) => prng.bytes(length) }, this.#joined);
    });
  }

  /** Says something of a member, if it may. */
  async declare(statement: Statement): Promise<void> {
    const said = await this.#live?.replica?.declare(statement);
    if (said) this.#ports.counts.add(`say.${statement.kind}.${said.ok ? "ok" : said.error.code}`);
  }

  /** Makes a call; its fate becomes known with its receipt, or never. */
  call(call: Call): void {
    const live = this.#live;
    const replica = live?.replica;
    if (!live || !replica) {
      call.fate = "failed";
      return;
    }
    const { blame, trace, counts } = this.#ports;
    let role: Role | undefined;
    replica
      .call((transaction) => {
        role = replica.roleOf(this.signer.publicKey);
        return runCall(call, transaction);
      })
      .then(
        (result) => {
          trace.number(call.id).text(result.ok ? "ok" : result.error.code);
          counts.add(result.ok ? "call.acknowledged" : `call.${result.error.code}`);
          if (result.ok) {
            call.fate = "acknowledged";
            if (call.fails || (role !== "writer" && role !== "admin"))
              blame("CALL_OUTCOME", `call ${call.id} succeeded and had to fail`);
            if (!isThere(call, replica.document)) blame("CALL_LOST", `call ${call.id} is not there when acknowledged`);
            return;
          }
          const { code } = result.error;
          if (isUnknown(code)) return;
          call.fate = "failed";
          const isExpected = code === "ACCESS_DENIED" || (call.fails && EXPECTED_FAILURES.has(code));
          if (!isExpected) blame("CALL_OUTCOME", `call ${call.id} failed: ${result.error.message}`);
        },
        (thrown) => blame("THROWN", String(thrown)),
      );
  }

  async #open(live: Incarnation, random: Random, { context, bootstrap }: Joined): Promise<Replica | undefined> {
    const { bug, blame } = this.#ports;
    const store = bug?.store ? bug.store(live.store) : live.store;
    const ports = { store, crypto: memoCrypto, clock: this.clock, random, log: silentLog };
    const place = `place-${this.#moves}`;
    const options = { context, signer: this.signer, place, joinsFrom: JOINS_FROM, keepsLedger: true };
    const opened = await Replica.open(ports, options);
    if (this.#live !== live) return undefined;
    if (!opened.ok) {
      blame("STORE_DAMAGED", `node ${this.index}: ${opened.error.message}`);
      return undefined;
    }
    bug?.beneath?.(opened.value);
    observe(this.#ports, opened.value, this.#told);
    bug?.above?.(opened.value);
    live.replica = opened.value;
    this.handlers.start({
      replica: opened.value,
      isLive: () => this.#live === live,
      connected: () => live.engine.connectedMembers(context),
    });
    live.engine.addContext({ replica: opened.value, signer: this.signer, bootstrap });
    return opened.value;
  }

  #tickFrom(live: Incarnation, delayMs: number): void {
    this.#ports.time.after(delayMs, () => {
      if (this.#live !== live) return;
      // A node whose replica has closed opens it again: here by a restart of the whole.
      if (live.replica?.closed) {
        this.#ports.counts.add("crash.after_failed_flush");
        this.crash(this.#failedShare);
        return this.boot();
      }
      live.engine.tick();
      this.handlers.tick();
      // Those who are not to make one say so; a replica that closes meanwhile fails it. Not while all is to come to rest.
      const isTime = !this.#ports.isHealed() && this.#ports.time.nowMs % COMPACT_INTERVAL_MS < TICK_MS;
      if (isTime) live.replica?.checkpoints.compact().catch(() => {});
      this.#tickFrom(live, TICK_MS);
    });
  }

  #onLog(event: string, { peer, code }: Readonly<Record<string, unknown>>): void {
    if (event === "sync.refused") this.#ports.onCharge(this.index, nodeOf(peer as PeerId), String(code));
  }

  #flush(incarnation: number): Promise<void> {
    const { time, seed, counts } = this.#ports;
    counts.add("disk.flush");
    if (this.diskFails !== undefined) {
      this.#failedShare = this.diskFails;
      this.diskFails = undefined;
      counts.add("disk.failed");
      return Promise.reject(new Error("the disk failed"));
    }
    const draw = mixUnit(seed, 7, this.index, incarnation, this.#flushes++);
    const delayMs = this.flushSlowMs - Math.log(1 - draw) * this.flushMeanMs;
    return new Promise((resolve) => time.after(delayMs, resolve));
  }
}

/** Whether what a call wrote is on the disk is not known. */
function isUnknown(code: string): boolean {
  return code === "REPLICA_CLOSED" || code.startsWith("STORE_");
}

function sendAll(frames: readonly Uint8Array[], send: (frame: Uint8Array) => SendOutcome): SendOutcome {
  let outcome: SendOutcome = "queued";
  for (const frame of frames) outcome = send(frame);
  return outcome;
}
