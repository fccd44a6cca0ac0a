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
  peerId,
  type Result,
  type SendOutcome,
  type Signer,
} from "../base/index.ts";
import { Metrics, StageMeter } from "../metrics/index.ts";
import type { Commit, Replica } from "../replica/index.ts";
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  HELLO_NONCE_BYTES,
  type PeerAddresses,
  PROTOCOL_VERSION,
  type RedeemFrame,
} from "./frames.ts";
import { proofDigest, tagOf, transcriptOf } from "./handshake.ts";
import {
  ADDRESS_BYTES_MAX,
  ADDRESSES_PER_PEER_MAX,
  OFFER_TAGS_MAX,
  PEER_CHANNELS_MAX,
  PEER_REFUSED_MAX,
  PEER_TAGS_MAX,
  PEERS_TOLD_MAX,
  STATE_INTERVAL_MS,
} from "./limits.ts";
import type { SyncPorts } from "./ports.ts";
import { type RedeemRequest, Redemptions, type SyncErrorCode } from "./redemptions.ts";
import { Session, type SessionProgress } from "./session.ts";

export interface SessionStatus extends SessionProgress {
  readonly peer: PeerId;
}

interface Shared {
  readonly replica: Replica;
  readonly signer: Signer;
  /** Trusted before the access log is here: who redeems the invitation that we join by. */
  readonly bootstrap: PublicKey | undefined;
  readonly stop: () => void;
}

interface Peer {
  readonly id: PeerId;
  readonly nonce: Uint8Array;
  transcript: Uint8Array | undefined;
  /** What waits for its hello. */
  readonly onGreeted: ((transcript: Uint8Array) => void)[];
  refused: number;
  /** Where it says that it listens. */
  addresses: readonly string[];
  /** Tags that it offered and nothing here matches yet. */
  readonly tags: Map<string, Uint8Array>;
  readonly sessions: Map<string, Session>;
  readonly sessionByChannel: Map<number, Session>;
  channels: number;
}

export class SyncEngine {
  readonly #ports: SyncPorts;
  readonly #contexts = new Map<string, Shared>();
  readonly #peers = new Map<PeerId, Peer>();
  readonly #redemptions: Redemptions;
  readonly #metrics: Metrics;
  readonly #roundTrip: StageMeter | undefined;

  constructor(ports: SyncPorts) {
    this.#ports = ports;
    this.#metrics = ports.metrics ?? new Metrics(ports.clock);
    this.#roundTrip = ports.metrics && new StageMeter(ports.metrics, "sync_round_trip");
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
  addContext(replica: Replica, signer: Signer, bootstrap?: PublicKey): void {
    const key = idKey(replica.context);
    const stop = replica.onCommit((commit) => this.#onCommit(key, commit));
    this.#contexts.set(key, { replica, signer, bootstrap, stop });
    for (const peer of this.#peers.values()) if (peer.transcript) this.#offer(peer, [replica.context]);
    for (const peer of this.#peers.values()) this.#matchTags(peer);
  }

  removeContext(context: ContextId): void {
    const key = idKey(context);
    this.#contexts.get(key)?.stop();
    this.#contexts.delete(key);
    for (const peer of this.#peers.values()) {
      const session = peer.sessions.get(key);
      peer.sessions.delete(key);
      for (const [channel, other] of peer.sessionByChannel)
        if (other === session) peer.sessionByChannel.delete(channel);
    }
  }

  onConnect(id: PeerId): void {
    const peer: Peer = {
      id,
      nonce: this.#ports.random.bytes(HELLO_NONCE_BYTES),
      transcript: undefined,
      onGreeted: [],
      refused: 0,
      addresses: [],
      tags: new Map(),
      sessions: new Map(),
      sessionByChannel: new Map(),
      channels: 0,
    };
    this.#peers.set(id, peer);
    this.#send(peer, { kind: "hello", version: PROTOCOL_VERSION, nonce: peer.nonce });
  }

  onDisconnect(id: PeerId): void {
    this.#peers.delete(id);
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

  tick(): void {
    for (const { replica } of this.#contexts.values()) replica.tick();
    for (const peer of this.#peers.values()) for (const session of peer.sessions.values()) session.tick();
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
    const key = idKey(context);
    const all: SessionStatus[] = [];
    for (const peer of this.#peers.values()) {
      const session = peer.sessions.get(key);
      if (session) all.push({ peer: peer.id, ...session.progress() });
    }
    return all;
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
        return this.#redemptions.onAnswer(peer.id, frame.context, frame.code);
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
    this.#offer(
      peer,
      [...this.#contexts.values()].map(({ replica }) => replica.context),
    );
  }

  #whenGreeted(peer: Peer, then: (transcript: Uint8Array) => void): void {
    if (peer.transcript) then(peer.transcript);
    else peer.onGreeted.push(then);
  }

  #offer(peer: Peer, contexts: readonly ContextId[]): void {
    const transcript = must(peer.transcript, "the peer has greeted");
    const tags = contexts.map((context) => tagOf(this.#ports.crypto, transcript, context));
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
    if (!peer.transcript || peer.tags.size === 0) return;
    for (const [key, shared] of this.#contexts) {
      const tag = tagOf(this.#ports.crypto, peer.transcript, shared.replica.context);
      if (!peer.tags.delete(idKey(tag)) || peer.sessions.has(key)) continue;
      this.#prove(peer, key, shared, tag);
    }
  }

  #prove(peer: Peer, key: string, shared: Shared, tag: Uint8Array): Session {
    const transcript = must(peer.transcript, "the peer has greeted");
    const { replica, signer } = shared;
    const channel = peer.channels++;
    const session = new Session({
      replica,
      channel,
      send: (frame) => this.#send(peer, frame),
      now: () => this.#ports.clock.now(),
      stateIntervalMs: this.#ports.stateIntervalMs ?? STATE_INTERVAL_MS,
      count: (name) => this.#count(name),
      roundTrip: this.#roundTrip,
      charge: (failure) => this.#charge(peer, failure),
      onReady: () => this.#introduce(peer, key),
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
    for (const [key, shared] of this.#contexts) {
      const tag = tagOf(this.#ports.crypto, transcript, shared.replica.context);
      if (idKey(tag) !== idKey(frame.tag)) continue;
      const digest = proofDigest(this.#ports.crypto, transcript, shared.replica.context, peer.id, frame.member);
      if (!this.#ports.crypto.verify(frame.member, digest, frame.signature)) return this.#cut(peer, "PROOF_INVALID");
      if (peer.sessionByChannel.size >= PEER_CHANNELS_MAX) return this.#cut(peer, "FRAME_MALFORMED");
      const session = peer.sessions.get(key) ?? this.#prove(peer, key, shared, tag);
      peer.tags.delete(idKey(tag));
      peer.sessionByChannel.set(frame.channel, session);
      return session.proved(frame.member.slice() as PublicKey);
    }
  }

  /** A frame on a channel that is not open is dropped: the peer may be ahead of us in what it knows of membership. */
  #onSessionFrame(peer: Peer, frame: Extract<Frame, { readonly channel: number }>): void {
    const session = peer.sessionByChannel.get(frame.channel);
    if (!session?.open) return this.#count("sync.frames_unopened");
    switch (frame.kind) {
      case "state":
        return session.onState(frame);
      case "pull":
        return session.onPull(frame.wanted, frame.vector);
      case "deltas":
        return session.onDeltas(frame);
      case "ack":
        return session.onAck(frame.vector);
      case "peers":
        return this.#onPeers(peer, session, frame.peers);
      default:
        return this.#cut(peer, "FRAME_MALFORMED");
    }
  }

  /** Tells a member's node of this node's addresses and of the other members' that are connected. */
  #introduce(peer: Peer, key: string): void {
    const { discovery, transport } = this.#ports;
    if (!discovery) return;
    const known: PeerAddresses[] = [{ peer: transport.self, addresses: clampAddresses(discovery.addresses()) }];
    for (const other of this.#peers.values()) {
      if (other === peer || !other.sessions.get(key)?.ready || other.addresses.length === 0) continue;
      known.push({ peer: other.id, addresses: other.addresses });
    }
    peer.sessions.get(key)?.sendPeers(known.slice(0, PEERS_TOLD_MAX));
  }

  #onPeers(peer: Peer, session: Session, told: readonly PeerAddresses[]): void {
    for (const { peer: id, addresses } of told) {
      if (id === this.#ports.transport.self) continue;
      if (id === peer.id) this.#relay(peer, session, addresses);
      // A connected peer speaks for itself.
      else if (this.#peers.get(peerId(id))?.addresses.length) continue;
      this.#ports.discovery?.onPeer({ peer: id, addresses });
    }
  }

  /** A peer told of itself: the other members of that context are told. */
  #relay(peer: Peer, session: Session, addresses: readonly string[]): void {
    if (peer.addresses.join() === addresses.join()) return;
    peer.addresses = addresses;
    for (const [key, own] of peer.sessions) {
      if (own !== session) continue;
      for (const other of this.#peers.values()) {
        const to = other.sessions.get(key);
        if (other !== peer && to?.ready) to.sendPeers([{ peer: peer.id, addresses }]);
      }
    }
  }

  #onRedeem(peer: Peer, frame: RedeemFrame): void {
    if (!peer.transcript) return this.#cut(peer, "FRAME_MALFORMED");
    const failure = this.#redemptions.onAsked(peer.id, peer.transcript, frame);
    if (failure) this.#charge(peer, failure);
  }

  #sendTo(id: PeerId, frame: Frame): void {
    const peer = this.#peers.get(id);
    if (peer) this.#send(peer, frame);
  }

  #onCommit(key: string, commit: Commit): void {
    for (const peer of this.#peers.values()) peer.sessions.get(key)?.onCommit(commit);
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
    this.#peers.delete(peer.id);
    this.#ports.transport.disconnect(peer.id, reason);
  }

  #count(name: string): void {
    this.#metrics.counter(name).add();
  }
}

function clampAddresses(addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => address.length <= ADDRESS_BYTES_MAX).slice(0, ADDRESSES_PER_PEER_MAX);
}
