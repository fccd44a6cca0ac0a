/**
 * One client of the relay, from its opening to its end. Its first message joins a room; after that it sends frames and
 * nothing else. While the receiver of its last frame has too much waiting, nothing more is read of it.
 */
import {
  decodeRelayMessage,
  encodeRelayMessage,
  RELAY_MESSAGE_BYTES_MAX,
  type RelayMessage,
} from "@dunlin/core/transport";
import type { RawData, WebSocket } from "ws";
import { DRAIN_CHECK_MS, JOIN_DEADLINE_MS, STALLED_MS, WAITING_BYTES_MAX } from "./limits.ts";
import type { EnterRefusal, Member, Room } from "./room.ts";

export interface ConnectionHost {
  /** The room, made when it is not there. */
  roomFor(id: Uint8Array): Room;
  isTokenRight(token: string): boolean;
  onJoined(): void;
  onCarried(bytes: number): void;
  onLeft(room: Room, id: Uint8Array): void;
}

const REASONS: { readonly [R in EnterRefusal]: string } = {
  ROOM_FULL: "the room is full",
  PEER_TAKEN: "this peer is in the room already",
};

const REFUSED = 4001;
const MALFORMED = 4000;
const STALLED = 4002;

export class Connection implements Member {
  peer: Uint8Array = new Uint8Array(0);
  isAlive = true;
  readonly #socket: WebSocket;
  readonly #host: ConnectionHost;
  #room: { readonly id: Uint8Array; readonly room: Room } | undefined;
  #joinDeadline: NodeJS.Timeout | undefined;
  #drainCheck: NodeJS.Timeout | undefined;
  #fullSinceMs: number | undefined;

  constructor(socket: WebSocket, host: ConnectionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#joinDeadline = setTimeout(() => this.#close(MALFORMED, "no join in time"), JOIN_DEADLINE_MS);
    socket.on("message", (data, isBinary) => this.#onData(data, isBinary));
    socket.on("close", () => this.#onClose());
    socket.on("pong", () => {
      this.isAlive = true;
    });
    // A close follows.
    socket.on("error", () => {});
  }

  get isFull(): boolean {
    return this.#socket.bufferedAmount > WAITING_BYTES_MAX;
  }

  send(message: Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message);
  }

  /** Ends a connection that did not answer the last ping, and pings the others. */
  ping(nowMs: number): void {
    this.#fullSinceMs = this.isFull ? (this.#fullSinceMs ?? nowMs) : undefined;
    if (this.#fullSinceMs !== undefined && nowMs - this.#fullSinceMs >= STALLED_MS) this.#close(STALLED, "too slow");
    if (!this.isAlive) return this.#socket.terminate();
    this.isAlive = false;
    this.#socket.ping();
  }

  shutDown(): void {
    this.#socket.close(1001, "the relay stops");
  }

  #onData(data: RawData, isBinary: boolean): void {
    const bytes = isBinary && data instanceof Buffer && data.length <= RELAY_MESSAGE_BYTES_MAX ? data : undefined;
    const message = bytes && decodeRelayMessage(bytes);
    if (message?.kind === "join" && this.#room === undefined) this.#join(message);
    else if (message?.kind === "frame" && this.#room !== undefined) this.#carry(this.#room.room, message);
    else this.#close(MALFORMED, "malformed message");
  }

  #join({ room: id, peer, token }: Extract<RelayMessage, { kind: "join" }>): void {
    clearTimeout(this.#joinDeadline);
    if (!this.#host.isTokenRight(token)) return this.#refuse("the relay asks for another token");
    this.peer = peer;
    const room = this.#host.roomFor(id);
    const refusal = room.enter(this);
    if (refusal !== undefined) return this.#refuse(REASONS[refusal]);
    this.#room = { id, room };
    this.#host.onJoined();
  }

  #carry(room: Room, { peer, sealed }: Extract<RelayMessage, { kind: "frame" }>): void {
    this.#host.onCarried(sealed.length);
    const full = room.carry(this, peer, sealed);
    if (full === undefined || this.#drainCheck !== undefined) return;
    this.#socket.pause();
    this.#drainCheck = setInterval(() => {
      if (full.isFull) return;
      clearInterval(this.#drainCheck);
      this.#drainCheck = undefined;
      this.#socket.resume();
    }, DRAIN_CHECK_MS);
  }

  /** In words first: a browser's page cannot read why a connection was closed by its code alone. */
  #refuse(reason: string): void {
    this.send(encodeRelayMessage({ kind: "refused", reason }));
    this.#close(REFUSED, reason);
  }

  #close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #onClose(): void {
    clearTimeout(this.#joinDeadline);
    clearInterval(this.#drainCheck);
    if (this.#room === undefined) return;
    this.#room.room.leave(this);
    this.#host.onLeft(this.#room.room, this.#room.id);
  }
}
