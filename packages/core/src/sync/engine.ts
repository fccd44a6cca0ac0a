/**
 * All sync of one node: its peers, its contexts, and a session for each context shared with a peer.
 *
 * The engine is told of connections, frames, commits and ticks, and answers by sending frames through the transport
 * port. It has no timer and never waits, so the simulator and production run the same code. What a peer sends is
 * decoded and checked here; a malformed frame, a false proof or too many refused deltas cost it its connection.
 */
import {
  type ContextId,
  err,
  type Failure,
  idKey,
  must,
  type PeerId,
  type PublicKey,
  type Result,
  type SendOutcome,
} from "../base/index.ts";
import type { BlobFrame } from "../blobs/index.ts";
import { Metrics } from "../metrics/index.ts";
import type { Commit } from "../replica/index.ts";
import { onDigests, sendDigests } from "./digests.ts";
import { decodeFrame, encodeFrame, type Frame, type PeerAddresses, PROTOCOL_VERSION } from "./frames.ts";
import { proofDigest, tagOf, transcriptOf } from "./handshake.ts";
import { Introductions } from "./introductions.ts";
import { OFFER_TAGS_MAX, PEER_CHANNELS_MAX, PEER_REFUSED_MAX, PEER_TAGS_MAX } from "./limits.ts";
import { SyncMeters } from "./meters.ts";
import { createPeer, endSession, nodesOf, type Peer, sessionsOf } from "./peer.ts";
import type { SyncPorts } from "./ports.ts";
import { PullSlots } from "./pull-slots.ts";
import type { Puller } from "./puller.ts";
import { type RedeemRequest, Redemptions, type SyncErrorCode } from "./redemptions.ts";
import { type RestingContext, RestingContexts } from "./resting.ts";
import { Session } from "./session.ts";
import type { SessionProgress } from "./session-state.ts";
import { DEFAULT_SYNC_SETTINGS, type SyncSettings } from "./settings.ts";
import { type Shared, type SharedContext, share } from "./shared-context.ts";

export interface SessionStatus extends SessionProgress {
  readonly peer: PeerId;
}

export class SyncEngine {
  readonly #ports: SyncPorts;
  readonly #contexts = new Map<string, Shared>();
  readonly #resting = new RestingContexts();
  readonly #peers = new Map<PeerId, Peer>();
  readonly #redemptions: Redemptions;
  readonly #metrics: Metrics;
  readonly #meters: SyncMeters | undefined;
  readonly #settings: SyncSettings;
  readonly #slots: PullSlots<Puller>;
  readonly #introductions: Introductions;
  #nextRoundMs = Number.NEGATIVE_INFINITY;

  constructor(ports: SyncPorts) {
    this.#ports = ports;
    this.#metrics = ports.metrics ?? new Metrics(ports.clock);
    this.#meters = ports.metrics && new SyncMeters(ports.metrics, ports.clock);
    this.#settings = ports.settings ?? DEFAULT_SYNC_SETTINGS;
    this.#slots = new PullSlots(() => this.#settings.sessionsMax);
    this.#introductions = new Introductions({ ...ports, peers: this.#peers });
    this.#redemptions = new Redemptions({
      ...ports,
      self: () => ports.transport.self,
      replicaOf: (context) => this.#contexts.get(idKey(context))?.replica,
      send: (peer, frame) => this.#sendTo(peer, frame),
      count: (name) => this.#count(name),
    });
  }

  /** Counters since the start, by dotted name. */
  get counters(): ReadonlyMap<string, number> {
    return this.#metrics.counters();
  }

  /** Shares a context from now on, until `removeContext`. */
  addContext(context: SharedContext): void {
    const { replica } = context;
    const key = idKey(replica.context);
    const shared = share(context, {
      ...this.#ports,
      settings: this.#settings,
      peers: this.#peers,
      send: (peer, frame) => this.#send(peer, frame),
      pull: () => this.syncNow(replica.context),
      charge: (peer, failure) => this.blame(peer, failure),
      count: (name) => this.#count(name),
      onCommit: (commit) => this.#onCommit(key, commit),
    });
    this.#contexts.set(key, shared);
    const waiting = this.#resting.take(key); // It was offered already when it rested.
    this.#announce(replica.context, waiting === undefined);
    for (const then of waiting ?? []) then();
  }

  /** Shares a context that is not open: `wake` is called when a peer needs it. Instead of an open one, if there is. */
  addResting(resting: RestingContext): void {
    const isOffered = this.#contexts.has(idKey(resting.context));
    if (isOffered) this.removeContext(resting.context);
    this.#resting.add(resting);
    this.#announce(resting.context, !isOffered);
  }

  #announce(context: ContextId, isNew: boolean): void {
    for (const peer of this.#peers.values()) {
      if (isNew && peer.transcript) this.#offer(peer, [context]);
      this.#matchTags(peer);
    }
  }

  /** Goes on with what a peer said once the context is open, if the peer is still there. */
  #whenAwake(peer: Peer, key: string, then: () => void): void {
    this.#resting.wake(key, () => this.#peers.get(peer.id) === peer && then());
  }

  /** Whether no peer would notice that the context rests. */
  mayRest(context: ContextId): boolean {
    return sessionsOf(this.#peers, context).length === 0;
  }

  removeContext(context: ContextId): void {
    const key = idKey(context);
    this.#resting.take(key);
    this.#contexts.get(key)?.stop();
    this.#contexts.delete(key);
    for (const peer of this.#peers.values()) endSession(peer, key);
  }

  /** Ends every session and timer; the engine takes nothing in any more. */
  close(): void {
    for (const { replica } of [...this.#contexts.values()]) this.removeContext(replica.context);
    this.#peers.clear();
  }

  onConnect(id: PeerId): void {
    const peer = createPeer(id, this.#ports.random);
    this.#peers.set(id, peer);
    this.#send(peer, { kind: "hello", version: PROTOCOL_VERSION, nonce: peer.nonce });
  }

  onDisconnect(id: PeerId): void {
    this.#forget(id);
    this.#redemptions.onDisconnect(id);
  }

  onFrame(id: PeerId, bytes: Uint8Array): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    const frame = decodeFrame(bytes);
    if (!frame) return this.#cut(peer, "FRAME_MALFORMED");
    this.#count(`sync.frames_${frame.kind}`);
    this.#handle(peer, frame);
  }

  /** The transport dropped a frame for the peer after it had been handed over. */
  onDropped(id: PeerId): void {
    for (const session of this.#peers.get(id)?.sessions.values() ?? []) session.onDropped();
  }

  /** To be called every `TICK_MS`: looks after what waits, and sends the periodic messages that are due. */
  tick(): void {
    const now = this.#ports.clock.now();
    // A clock that was set back does not put the next round off.
    const isRound = now >= this.#nextRoundMs || this.#nextRoundMs - now > this.#settings.frequencyMs;
    if (isRound) this.#nextRoundMs = now + this.#settings.frequencyMs;
    for (const shared of this.#contexts.values()) shared.tick();
    for (const peer of this.#peers.values()) {
      for (const session of peer.sessions.values()) session.tick();
      sendDigests(peer, isRound, (frame) => this.#send(peer, frame));
    }
  }

  /** Asks every peer now for what differs, in one context or all. */
  syncNow(context?: ContextId): void {
    const key = context && idKey(context);
    for (const peer of this.#peers.values())
      for (const [shared, session] of peer.sessions) if (key === undefined || shared === key) session.syncNow();
  }

  /** Asks the connected redeemer to add the signer's member; the deltas follow by sync. */
  redeem(id: PeerId, request: RedeemRequest): Promise<Result<null>> {
    return new Promise((resolve) => {
      const peer = this.#peers.get(id);
      if (!peer) return resolve(err<SyncErrorCode>("SYNC_NOT_CONNECTED", "the inviting node is not connected"));
      this.#whenGreeted(peer, (transcript) => this.#redemptions.ask({ ...request, peer: id, transcript, resolve }));
    });
  }

  status(context: ContextId): SessionStatus[] {
    return sessionsOf(this.#peers, context).map(([peer, session]) => ({ peer, ...session.progress() }));
  }

  /** Members of the context whose nodes are connected and have proven it. */
  connectedMembers(context: ContextId): PublicKey[] {
    return sessionsOf(this.#peers, context).flatMap(([, { member }]) => member ?? []);
  }

  /** The connected nodes of a member of the context, and where each has said that it listens. */
  nodesOf(context: ContextId, member: PublicKey): PeerAddresses[] {
    return nodesOf(this.#peers, context, member);
  }

  /** Peers who may be asked for a blob of the context: they have proven a member's key, and told their state. */
  peersOf(context: ContextId): PeerId[] {
    return sessionsOf(this.#peers, context).flatMap(([peer, { ready }]) => (ready ? peer : []));
  }

  sendBlob(context: ContextId, id: PeerId, blob: BlobFrame): SendOutcome {
    const peer = this.#peers.get(id);
    const session = peer?.sessions.get(idKey(context));
    return peer && session?.ready ? this.#send(peer, { kind: "blob", channel: session.channel, blob }) : "disconnected";
  }

  /** A peer did what its own words refute. */
  blame(id: PeerId, failure: Failure): void {
    const peer = this.#peers.get(id);
    if (peer) this.#charge(peer, failure);
  }

  #handle(peer: Peer, frame: Frame): void {
    switch (frame.kind) {
      case "hello":
        return this.#onHello(peer, frame.version, frame.nonce);
      case "offer":
        return this.#onOffer(peer, frame.tags);
      case "prove":
        return this.#onProve(peer, frame);
      case "redeem":
        return this.#onRedeem(peer, frame);
      case "redeemed":
        return this.#redemptions.onAnswer(peer.id, frame);
      case "digest":
        return onDigests(peer, frame.entries, () => this.#count("sync.frames_unopened"));
      default:
        return this.#onSessionFrame(peer, frame);
    }
  }

  #onHello(peer: Peer, version: number, nonce: Uint8Array): void {
    if (version !== PROTOCOL_VERSION) return this.#cut(peer, "PROTOCOL_VERSION");
    if (peer.transcript) return this.#cut(peer, "FRAME_MALFORMED");
    const ours = { peer: this.#ports.transport.self, nonce: peer.nonce };
    peer.transcript = transcriptOf(this.#ports.crypto, ours, { peer: peer.id, nonce });
    for (const then of peer.onGreeted.splice(0)) then(peer.transcript);
    const open = [...this.#contexts.values()].map(({ replica }) => replica.context);
    this.#offer(peer, [...open, ...this.#resting.ids()]);
  }

  #whenGreeted(peer: Peer, then: (transcript: Uint8Array) => void): void {
    if (peer.transcript) then(peer.transcript);
    else peer.onGreeted.push(then);
  }

  #offer(peer: Peer, contexts: readonly ContextId[]): void {
    const transcript = must(peer.transcript, "the peer has greeted");
    const tags = contexts.map((context) => tagOf(this.#ports.crypto, transcript, context));
    for (const [at, tag] of tags.entries()) peer.contextByTag.set(idKey(tag), idKey(must(contexts[at], "its context")));
    for (let at = 0; at < tags.length; at += OFFER_TAGS_MAX) {
      this.#send(peer, { kind: "offer", tags: tags.slice(at, at + OFFER_TAGS_MAX) });
    }
  }

  #onOffer(peer: Peer, tags: readonly Uint8Array[]): void {
    if (!peer.transcript) return this.#cut(peer, "FRAME_MALFORMED");
    for (const tag of tags) if (peer.tags.size < PEER_TAGS_MAX) peer.tags.set(idKey(tag), tag.slice());
    this.#matchTags(peer);
  }

  /** Proves membership for each context that both sides have offered. */
  #matchTags(peer: Peer): void {
    for (const [tagKey, tag] of peer.tags) {
      const key = peer.contextByTag.get(tagKey);
      const shared = key === undefined ? undefined : this.#contexts.get(key);
      if (key !== undefined && !shared) this.#resting.wake(key);
      if (key === undefined || !shared) continue;
      peer.tags.delete(tagKey);
      if (!peer.sessions.has(key)) this.#prove(peer, key, shared, tag);
    }
  }

  #prove(peer: Peer, key: string, shared: Shared, tag: Uint8Array): Session {
    const transcript = must(peer.transcript, "the peer has greeted");
    const { replica, signer, broadcast, circle, presence, settings } = shared;
    const { clock, scheduler, crypto, log } = this.#ports;
    const channel = peer.channels++;
    const session = new Session({
      replica,
      broadcast,
      circle,
      presence,
      key: transcript,
      settings,
      clock,
      scheduler,
      crypto,
      log,
      peer: peer.id,
      channel,
      slots: this.#slots,
      send: (frame) => this.#send(peer, frame),
      count: (name) => this.#count(name),
      meters: this.#meters,
      charge: (failure) => this.#charge(peer, failure),
      onReady: () => {
        this.#introductions.introduce(peer, key);
        this.#ports.blobs?.onPeer(peer.id);
      },
      trusts: (member) => shared.bootstrap !== undefined && idKey(member) === idKey(shared.bootstrap),
    });
    peer.sessions.set(key, session);
    const { self } = this.#ports.transport;
    const digest = proofDigest(this.#ports.crypto, transcript, replica.context, self, signer.publicKey);
    this.#send(peer, { kind: "prove", tag, channel, member: signer.publicKey, signature: signer.sign(digest) });
    return session;
  }

  #onProve(peer: Peer, frame: Extract<Frame, { kind: "prove" }>): void {
    const { transcript } = peer;
    if (!transcript) return this.#cut(peer, "FRAME_MALFORMED");
    const key = peer.contextByTag.get(idKey(frame.tag));
    const shared = key === undefined ? undefined : this.#contexts.get(key);
    if (key === undefined) return;
    if (!shared) return this.#whenAwake(peer, key, () => this.#onProve(peer, frame));
    const digest = proofDigest(this.#ports.crypto, transcript, shared.replica.context, peer.id, frame.member);
    if (!this.#ports.crypto.verify(frame.member, digest, frame.signature)) return this.#cut(peer, "PROOF_INVALID");
    if (peer.sessionByChannel.size >= PEER_CHANNELS_MAX) return this.#cut(peer, "FRAME_MALFORMED");
    const session = peer.sessions.get(key) ?? this.#prove(peer, key, shared, frame.tag);
    peer.tags.delete(idKey(frame.tag));
    peer.sessionByChannel.set(frame.channel, session);
    session.proved(frame.member.slice() as PublicKey);
  }

  /** A frame on a channel that is not open is dropped: the peer may be ahead of us in what it knows of membership. */
  #onSessionFrame(peer: Peer, frame: Extract<Frame, { readonly channel: number }>): void {
    const session = peer.sessionByChannel.get(frame.channel);
    if (!session?.open) return this.#count("sync.frames_unopened");
    if (frame.kind === "prove") return this.#cut(peer, "FRAME_MALFORMED");
    if (frame.kind === "peers") return this.#introductions.onPeers(peer, session, frame.peers);
    if (frame.kind === "blob") return this.#ports.blobs?.onFrame(session.context, peer.id, frame.blob);
    if (frame.kind === "snapshot")
      return this.#contexts.get(idKey(session.context))?.snapshots.onFrame(peer.id, frame.said);
    session.onFrame(frame);
  }

  #onRedeem(peer: Peer, frame: Extract<Frame, { kind: "redeem" }>): void {
    if (!peer.transcript) return this.#cut(peer, "FRAME_MALFORMED");
    const context = this.#redemptions.contextOf(frame);
    const key = context && idKey(context);
    if (key && this.#resting.has(key)) return this.#whenAwake(peer, key, () => this.#onRedeem(peer, frame));
    const failure = this.#redemptions.onAsked(peer.id, peer.transcript, frame);
    if (failure) this.#charge(peer, failure);
  }

  #sendTo(id: PeerId, frame: Frame): void {
    const peer = this.#peers.get(id);
    if (peer) this.#send(peer, frame);
  }

  #onCommit(key: string, commit: Commit): void {
    const own = commit.deltas.filter(({ local }) => local).map(({ delta }) => delta);
    this.#contexts.get(key)?.broadcast.broadcast(own);
    for (const peer of this.#peers.values()) peer.sessions.get(key)?.onCommit(commit);
  }

  #forget(id: PeerId): void {
    const sessions = this.#peers.get(id)?.sessions.values() ?? [];
    this.#peers.delete(id);
    for (const session of sessions) session.close();
    this.#ports.blobs?.onGone(id);
  }

  #send(peer: Peer, frame: Frame): SendOutcome {
    const outcome = this.#ports.transport.send(peer.id, encodeFrame(frame));
    if (outcome !== "queued") this.#count(`sync.send_${outcome}`);
    return outcome;
  }

  #charge(peer: Peer, failure: Failure): void {
    // What is left of the frame that got it cut is looked at no more.
    if (this.#peers.get(peer.id) !== peer) return;
    peer.refused++;
    this.#count(`sync.refused_${failure.code}`);
    this.#ports.log.log("warn", "sync.refused", { peer: peer.id, code: failure.code, reason: failure.message });
    if (peer.refused > PEER_REFUSED_MAX) this.#cut(peer, "TOO_MANY_REFUSED");
  }

  #cut(peer: Peer, reason: string): void {
    this.#count(`sync.cut_${reason}`);
    this.#ports.log.log("warn", "sync.cut", { peer: peer.id, reason });
    this.#forget(peer.id);
    this.#ports.transport.disconnect(peer.id, reason);
  }

  #count(name: string): void {
    this.#metrics.counter(name).add();
  }
}
