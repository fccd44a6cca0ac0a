/**
 * The network: libp2p behind core's transport port. One stream per connected pair of nodes on `/dunlin/1`, opened by
 * whoever dialled; of several, one survives (`pairing.ts`).
 *
 * Owns: the libp2p node and everything under it; disposal leaves no timer, socket or handle, but for timers of libp2p's
 * own that run out within a second.
 * Refuses: dials and addresses with a coded result; peers that break the rules of `link.ts` and `switchboard.ts`.
 */
import {
  assert,
  err,
  type Failure,
  type Log,
  ok,
  type PeerId,
  peerId,
  type Random,
  type Result,
  type Scheduler,
  type SendOutcome,
  silentLog,
  type Transport,
  type TransportEvents,
} from "@dunlin/core/base";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { type DialTarget, groupByPeer, parseAddress, parseTarget } from "./addresses.ts";
import { type AddressFailureCode, type DialFailureCode, NetworkFailure } from "./failure.ts";
import { createNode } from "./libp2p-node.ts";
import { abortConnection, streamToPipe } from "./libp2p-pipe.ts";
import { CONNECTIONS_MAX, GREETING_DEADLINE_MS, KEPT_PEERS_MAX } from "./limits.ts";
import type { OnFound } from "./local-discovery.ts";
import { Reconnector } from "./reconnector.ts";
import { Switchboard, type SwitchboardStats, type Wire } from "./switchboard.ts";

export const PROTOCOL = "/dunlin/1";
const SEED_BYTES = 32;
const DEFAULT_LISTEN = ["/ip4/127.0.0.1/tcp/0"];

export interface NetworkOptions {
  /** The node's key: the 32-byte seed of an Ed25519 pair, kept by the caller. */
  readonly seed: Uint8Array;
  /** Multiaddrs to listen on; a free port of the loopback interface by default, none to dial only. */
  readonly listen?: readonly string[];
  /** Called only after `openNetwork` has resolved. */
  readonly events: TransportEvents;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly log?: Log;
  /**
   * Makes this node known on the local network, and is told of others there and where they say that they listen: often,
   * of strangers too, and not to be trusted. Not given, nothing is sent there.
   */
  readonly onFound?: OnFound;
  /** Connections in both directions together. */
  readonly connectionsMax?: number;
}

export interface NetworkStats extends SwitchboardStats {
  readonly dialling: number;
}

/** Disposal gives what was written half a second to reach the peers, then ends every session. */
export interface Network extends Transport, AsyncDisposable {
  /** Where this node listens, each with its peer id: what another node dials. */
  addresses(): readonly string[];
  /** Connects to one peer, by any of its addresses; at once when it is connected. */
  dial(
    addresses: string | readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result<PeerId, Failure<DialFailureCode>>>;
  /** Replaces the set of peers that are dialled until they are connected, and again whenever they are lost. */
  keepConnected(addresses: readonly string[]): Result<void, Failure<AddressFailureCode>>;
  stats(): NetworkStats;
}

/** Opens the network and listens. Rejects with `NetworkFailure` when it cannot listen. */
export async function openNetwork(options: NetworkOptions): Promise<Network> {
  assert(options.seed.length === SEED_BYTES, () => `a seed has ${SEED_BYTES} bytes, not ${options.seed.length}`);
  const listen = options.listen ?? DEFAULT_LISTEN;
  const malformed = listen.find((text) => parseAddress(text) === undefined);
  if (malformed !== undefined)
    throw new NetworkFailure("LISTEN_INVALID", `${malformed} is no address; write /ip4/0.0.0.0/tcp/4001`);
  const connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
  const node = await createNode({ seed: options.seed, listen, connectionsMax, onFound: options.onFound });
  const network = new Libp2pNetwork(node, options, connectionsMax);
  await network.start();
  return network;
}

class Libp2pNetwork implements Network {
  readonly self: PeerId;
  readonly #node: Libp2p;
  readonly #switchboard: Switchboard;
  readonly #reconnector: Reconnector;
  readonly #connectionsMax: number;
  readonly #wires = new Map<Connection, Wire>();
  readonly #closing = new AbortController();
  /** Streams wait for it, so that no event comes before the caller has the network. */
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  #closed: Promise<void> | undefined;

  constructor(node: Libp2p, options: NetworkOptions, connectionsMax: number) {
    const { events, scheduler, random, log = silentLog } = options;
    this.#node = node;
    this.#connectionsMax = connectionsMax;
    this.self = peerId(node.peerId.toString());
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    const observed: TransportEvents = {
      onConnect: (peer) => {
        this.#reconnector.connected(peer);
        events.onConnect(peer);
      },
      onDisconnect: (peer) => {
        this.#reconnector.disconnected(peer);
        events.onDisconnect(peer);
      },
      onFrame: (peer, frame) => events.onFrame(peer, frame),
    };
    this.#switchboard = new Switchboard({ self: this.self, events: observed, scheduler, random, log, connectionsMax });
    this.#reconnector = new Reconnector({
      scheduler,
      random,
      isConnected: (peer) => this.#switchboard.isConnected(peer),
      dial: async (peer, addresses, signal) => {
        const dialled = await this.dial(addresses, { signal });
        if (!dialled.ok) log.log("debug", "network.dialFailed", { peer, ...dialled.error });
      },
    });
  }

  async start(): Promise<void> {
    this.#node.addEventListener("connection:open", ({ detail }) => this.#connectionOpened(detail));
    this.#node.addEventListener("connection:close", ({ detail }) => this.#connectionClosed(detail));
    const perConnection = { maxInboundStreams: 1, maxOutboundStreams: 1 };
    await this.#node.handle(PROTOCOL, (stream, connection) => this.#streamOpened(stream, connection), perConnection);
    try {
      await this.#node.start();
    } catch (thrown) {
      await this.#node.stop();
      throw new NetworkFailure("LISTEN_FAILED", thrown instanceof Error ? thrown.message : String(thrown));
    }
    setImmediate(this.#open);
  }

  addresses(): readonly string[] {
    return this.#node.getMultiaddrs().map((address) => address.toString());
  }

  send(peer: PeerId, frame: Uint8Array): SendOutcome {
    return this.#switchboard.send(peer, frame);
  }

  peers(): readonly PeerId[] {
    return this.#switchboard.peers();
  }

  disconnect(peer: PeerId, reason: string): void {
    this.#switchboard.disconnect(peer, reason);
  }

  async dial(
    addresses: string | readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Result<PeerId, Failure<DialFailureCode>>> {
    const target = parseTarget(typeof addresses === "string" ? [addresses] : addresses);
    if (!target.ok) return target;
    const { peer } = target.value;
    if (this.#closing.signal.aborted) return err("NETWORK_CLOSED", "the network is closed");
    if (peer === this.self) return err("ADDRESS_SELF", "the address is this node's own");
    if (peer !== undefined && this.#switchboard.isConnected(peer)) return ok(peer);
    if (this.#switchboard.connections >= this.#connectionsMax)
      return err("CONNECTIONS_TOO_MANY", `there are ${this.#connectionsMax} connections already`);
    const signals = [this.#closing.signal, AbortSignal.timeout(GREETING_DEADLINE_MS * 2)];
    if (options.signal !== undefined) signals.push(options.signal);
    return this.#connect(target.value, AbortSignal.any(signals));
  }

  keepConnected(addresses: readonly string[]): Result<void, Failure<AddressFailureCode>> {
    const grouped = groupByPeer(addresses);
    if (!grouped.ok) return grouped;
    if (grouped.value.has(this.self)) return err("ADDRESS_SELF", "an address is this node's own");
    if (grouped.value.size > KEPT_PEERS_MAX)
      return err("PEERS_TOO_MANY", `at most ${KEPT_PEERS_MAX} peers can be kept connected`);
    if (!this.#closing.signal.aborted) this.#reconnector.keep(grouped.value);
    return ok(undefined);
  }

  stats(): NetworkStats {
    return { ...this.#switchboard.stats(), dialling: this.#reconnector.dialling };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#reconnector.stop();
    this.#switchboard.beginClose();
    this.#closing.abort();
    this.#open();
    await this.#node.stop();
    this.#switchboard.endClose();
  }

  async #connect(target: DialTarget, signal: AbortSignal): Promise<Result<PeerId, Failure<DialFailureCode>>> {
    try {
      const connection = await this.#node.dial([...target.addresses], { signal });
      const peer = peerId(connection.remotePeer.toString());
      if (await this.#switchboard.untilConnected(peer, signal)) return ok(peer);
      if (!signal.aborted) return err("DIAL_NO_SESSION", `${peer} was reached but did not greet`);
    } catch (thrown) {
      if (!signal.aborted) return err("DIAL_FAILED", thrown instanceof Error ? thrown.message : String(thrown));
    }
    if (this.#closing.signal.aborted) return err("NETWORK_CLOSED", "the network was closed");
    return err("DIAL_ABORTED", "the dial was aborted, or took too long");
  }

  #connectionOpened(connection: Connection): void {
    const wire: Wire = {
      peer: peerId(connection.remotePeer.toString()),
      inbound: connection.direction === "inbound",
      destroy: (code) => abortConnection(connection, code),
    };
    this.#wires.set(connection, wire);
    this.#switchboard.opened(wire);
    if (connection.direction === "outbound" && connection.status === "open") void this.#openStream(connection, wire);
  }

  #connectionClosed(connection: Connection): void {
    const wire = this.#wires.get(connection);
    if (wire === undefined) return;
    this.#wires.delete(connection);
    this.#switchboard.closed(wire);
    // libp2p remembers every peer that it has identified: strangers with new keys would fill the memory.
    if (!this.#switchboard.isConnected(wire.peer)) this.#node.peerStore.delete(connection.remotePeer).catch(() => {});
  }

  async #openStream(connection: Connection, wire: Wire): Promise<void> {
    const stream = await connection.newStream(PROTOCOL, { signal: this.#closing.signal }).catch((thrown: unknown) => {
      const unsupported = thrown instanceof Error && thrown.name === "UnsupportedProtocolError";
      this.#switchboard.reject(wire, unsupported ? "PROTOCOL_UNSUPPORTED" : "PEER_CLOSED");
    });
    if (stream) this.#switchboard.attached(wire, streamToPipe(stream, connection));
  }

  /** The peer opened a stream. Only who dialled may, so that there is one per connection. */
  async #streamOpened(stream: Stream, connection: Connection): Promise<void> {
    await this.#opened;
    const wire = this.#wires.get(connection);
    if (wire === undefined || connection.direction === "outbound") return stream.abort(new Error("not awaited"));
    this.#switchboard.attached(wire, streamToPipe(stream, connection));
  }
}
