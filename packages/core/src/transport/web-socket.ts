/**
 * The client of a relay: one WebSocket, one room, a sealed link to each peer in it. Reconnects by itself, as another
 * peer each time, since a peer's id is the key of its connection.
 *
 * Refused: a message that is malformed or comes out of turn ends the connection; a peer whose frames do not open is let
 * go of until it comes again under another key.
 */
import { type Cancel, EMPTY_BYTES, idKey, idToText, type PeerId, peerId, type SendOutcome } from "../base/index.ts";
import { AGREEMENT_KEY_BYTES, agreementPublicKey } from "../crypto/index.ts";
import { platformWebSocket, type SocketConstructor, type SocketLike } from "../platform/index.ts";
import { Backoff } from "./backoff.ts";
import type { Connector, ConnectorStatus, OpenOptions, OpenTransport } from "./connector.ts";
import {
  KEYS_SEEN_MAX,
  LINK_FRAME_BYTES_MAX,
  LINK_QUEUE_BYTES_MAX,
  ROOM_PEERS_MAX,
  STABLE_AFTER_MS,
} from "./limits.ts";
import { decodeRelayMessage, encodeRelayMessage, type RelayMessage } from "./relay-messages.ts";
import { SealedLink } from "./sealed-link.ts";

export interface WebSocketOptions {
  /** What the relay was started with, when it asks for one. */
  readonly token?: string;
  /** For platforms without a `WebSocket` of their own. */
  readonly WebSocket?: SocketConstructor;
}

/** Leads to the peers in the same room of the relay at `url` (`ws:` or `wss:`). */
export function webSocket(url: string, options: WebSocketOptions = {}): Connector {
  const { protocol } = parseUrl(url);
  if (protocol !== "ws:" && protocol !== "wss:")
    throw new TypeError(`a relay's address begins with ws: or wss:, not ${protocol}`);
  const Socket = options.WebSocket ?? platformWebSocket();
  if (Socket === undefined) throw new TypeError("this platform has no WebSocket: pass one, as { WebSocket }");
  return { open: (open) => new RelayClient(url, options.token ?? "", Socket, open) };
}

interface RelayPeer {
  readonly id: PeerId;
  readonly key: Uint8Array;
  readonly link: SealedLink;
}

interface Connection {
  readonly socket: SocketLike;
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly peers: Map<PeerId, RelayPeer>;
  /** Keys that were here once: a relay that shows one again would have us open old frames. */
  readonly seen: Set<string>;
  readonly openedMs: number;
  isJoined: boolean;
}

class RelayClient implements OpenTransport {
  status: ConnectorStatus = { kind: "connecting" };
  readonly #url: string;
  readonly #token: string;
  readonly #Socket: SocketConstructor;
  readonly #options: OpenOptions;
  readonly #backoff: Backoff;
  #connection: Connection;
  #cancelRetry: Cancel | undefined;

  constructor(url: string, token: string, Socket: SocketConstructor, options: OpenOptions) {
    this.#url = url;
    this.#token = token;
    this.#Socket = Socket;
    this.#options = options;
    this.#backoff = new Backoff(options.ports.random);
    this.#connection = this.#connect();
  }

  get self(): PeerId {
    return toPeerId(this.#connection.key);
  }

  send(peer: PeerId, frame: Uint8Array): SendOutcome {
    const { peers, socket } = this.#connection;
    const to = peers.get(peer);
    if (to === undefined) return "disconnected";
    if (frame.length > LINK_FRAME_BYTES_MAX || socket.bufferedAmount > LINK_QUEUE_BYTES_MAX) return "full";
    socket.send(encodeRelayMessage({ kind: "frame", peer: to.key, sealed: to.link.seal(frame) }));
    return "queued";
  }

  peers(): readonly PeerId[] {
    return [...this.#connection.peers.keys()];
  }

  /** An empty frame tells the other: the two meet again when one of them connects again. */
  disconnect(peer: PeerId): void {
    const { peers, socket } = this.#connection;
    const from = peers.get(peer);
    if (from === undefined) return;
    socket.send(encodeRelayMessage({ kind: "frame", peer: from.key, sealed: EMPTY_BYTES }));
    this.#forget(peer);
  }

  [Symbol.dispose](): void {
    if (this.status.kind === "closed") return;
    this.#cancelRetry?.();
    this.#setStatus({ kind: "closed" });
    this.#letGo(this.#connection);
    this.#connection.socket.close();
  }

  #connect(): Connection {
    const socket = new this.#Socket(this.#url);
    socket.binaryType = "arraybuffer";
    const secret = this.#options.ports.random.bytes(AGREEMENT_KEY_BYTES);
    const key = agreementPublicKey(secret);
    const openedMs = this.#options.ports.clock.now();
    const connection: Connection = {
      socket,
      secret,
      key,
      peers: new Map(),
      seen: new Set(),
      openedMs,
      isJoined: false,
    };
    const join = encodeRelayMessage({ kind: "join", room: this.#options.room, peer: key, token: this.#token });
    socket.onopen = () => socket.send(join);
    socket.onmessage = ({ data }) => this.#onData(connection, data);
    socket.onclose = ({ reason }) => this.#onClose(connection, reason);
    // A close follows, and says what there is to say.
    socket.onerror = () => {};
    return connection;
  }

  #onData(connection: Connection, data: unknown): void {
    if (connection !== this.#connection || this.status.kind === "closed") return;
    const message = data instanceof ArrayBuffer ? decodeRelayMessage(new Uint8Array(data)) : undefined;
    if (message === undefined || !this.#onMessage(connection, message)) {
      connection.socket.close(4000, "malformed message");
    }
  }

  /** False when the message comes out of turn. */
  #onMessage(connection: Connection, message: RelayMessage): boolean {
    if (message.kind === "refused") {
      this.#setStatus({ kind: "refused", reason: message.reason });
      return true;
    }
    if (connection.isJoined === (message.kind === "joined")) return false;
    switch (message.kind) {
      case "joined":
        connection.isJoined = true;
        this.#setStatus({ kind: "connected" });
        return message.peers.every((peer) => this.#arrived(connection, peer));
      case "arrived":
        return this.#arrived(connection, message.peer);
      case "left":
        this.#forget(toPeerId(message.peer));
        return true;
      case "frame":
        this.#onFrame(connection, message.peer, message.sealed);
        return true;
      case "join":
        return false;
    }
  }

  #arrived(connection: Connection, key: Uint8Array): boolean {
    const { peers, seen } = connection;
    if (seen.has(idKey(key)) || seen.size >= KEYS_SEEN_MAX || peers.size >= ROOM_PEERS_MAX) return false;
    const link = SealedLink.open(connection.secret, connection.key, key);
    if (link === undefined) return false;
    seen.add(idKey(key));
    const id = toPeerId(key);
    peers.set(id, { id, key, link });
    this.#options.events.onConnect(id);
    return true;
  }

  /** A frame of a peer that this side has let go of is dropped: the two do not part in the same moment. */
  #onFrame(connection: Connection, key: Uint8Array, sealed: Uint8Array): void {
    const from = connection.peers.get(toPeerId(key));
    if (from === undefined) return;
    if (sealed.length === 0) return this.#forget(from.id);
    const frame = from.link.open(sealed);
    if (frame === undefined) this.disconnect(from.id);
    else this.#options.events.onFrame(from.id, frame);
  }

  #onClose(connection: Connection, reason: string): void {
    if (connection !== this.#connection) return;
    this.#letGo(connection);
    if (this.status.kind === "closed" || this.status.kind === "refused") return;
    const { clock, scheduler } = this.#options.ports;
    const now = clock.now();
    if (connection.isJoined && now - connection.openedMs >= STABLE_AFTER_MS) this.#backoff.reset();
    const wait = this.#backoff.next();
    this.#setStatus({ kind: "waiting", reason: reason || "the relay cannot be reached", retryAtMs: now + wait });
    this.#cancelRetry = scheduler.after(wait, () => {
      this.#setStatus({ kind: "connecting" });
      this.#connection = this.#connect();
    });
  }

  #letGo(connection: Connection): void {
    for (const id of [...connection.peers.keys()]) {
      connection.peers.delete(id);
      this.#options.events.onDisconnect(id);
    }
  }

  #forget(peer: PeerId): void {
    if (this.#connection.peers.delete(peer)) this.#options.events.onDisconnect(peer);
  }

  #setStatus(status: ConnectorStatus): void {
    this.status = status;
    this.#options.onStatus(status);
  }
}

function toPeerId(key: Uint8Array): PeerId {
  return peerId(idToText(key));
}

function parseUrl(url: string): { readonly protocol: string } {
  const end = url.indexOf(":");
  return { protocol: end === -1 ? "nothing" : url.slice(0, end + 1).toLowerCase() };
}
