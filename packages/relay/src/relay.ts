/**
 * The relay: carries sealed frames between the peers of a room. It keeps nothing, reads nothing and can forge nothing;
 * what it learns is which connections share a room, when they speak and how much. `GET /health` says that it is up.
 */
import { timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { idKey } from "@dunlin/core/base";
import { RELAY_MESSAGE_BYTES_MAX } from "@dunlin/core/transport";
import { type WebSocket, WebSocketServer } from "ws";
import { checkAudience } from "./audience.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import { CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, PING_INTERVAL_MS } from "./limits.ts";
import { Room } from "./room.ts";

const HOST_DEFAULT = "127.0.0.1";

export interface RelayOptions {
  /** 127.0.0.1 by default: a relay for others is opened knowingly. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Asked of every client. A relay that others than this machine reach has one, or says that it serves anybody. */
  readonly token?: string;
  readonly servesAnybody?: boolean;
}

export interface RelayCounts {
  readonly connections: number;
  readonly rooms: number;
  readonly joined: number;
  readonly framesCarried: number;
  readonly bytesCarried: number;
}

export interface Relay extends AsyncDisposable {
  readonly url: string;
  readonly counts: RelayCounts;
}

/** Listens; rejects when it cannot, and when it would serve others than this machine without a token by mistake. */
export async function openRelay(options: RelayOptions = {}): Promise<Relay> {
  const { host = HOST_DEFAULT, port = 0, token, servesAnybody } = options;
  checkAudience({ host, token, servesAnybody });
  const server = createServer((request, response) => {
    const known = request.method === "GET" && request.url === "/health";
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
    response.end(known ? '{"status":"ok"}\n' : '{"error":"this is a relay: connect by WebSocket"}\n');
  });
  const running = new RunningRelay(server, token);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return running;
}

class RunningRelay implements Relay {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: RELAY_MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  readonly #token: Buffer | undefined;
  readonly #rooms = new Map<string, Room>();
  readonly #connections = new Set<Connection>();
  readonly #byAddress = new Map<string, number>();
  readonly #pings: NodeJS.Timeout;
  #joined = 0;
  #frames = 0;
  #bytes = 0;

  constructor(server: Server, token: string | undefined) {
    this.#server = server;
    this.#token = token === undefined ? undefined : Buffer.from(token);
    server.on("upgrade", (request, socket, head) => {
      const address = request.socket.remoteAddress ?? "";
      if (!this.#hasRoomFor(address)) {
        socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#onOpened(opened, address));
    });
    this.#pings = setInterval(() => {
      const now = performance.now();
      for (const connection of this.#connections) connection.ping(now);
    }, PING_INTERVAL_MS);
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `ws://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  get counts(): RelayCounts {
    const { size: rooms } = this.#rooms;
    const { size: connections } = this.#connections;
    return { connections, rooms, joined: this.#joined, framesCarried: this.#frames, bytesCarried: this.#bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#pings);
    for (const connection of this.#connections) connection.shutDown();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#sockets.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets.clients) socket.terminate();
    await closed;
  }

  #hasRoomFor(address: string): boolean {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    return this.#connections.size < CONNECTIONS_MAX && ofAddress < CONNECTIONS_PER_ADDRESS_MAX;
  }

  #onOpened(socket: WebSocket, address: string): void {
    const host: ConnectionHost = {
      roomFor: (id) => this.#roomFor(id),
      isTokenRight: (token) => this.#isTokenRight(token),
      onJoined: () => {
        this.#joined++;
      },
      onCarried: (bytes) => {
        this.#frames++;
        this.#bytes += bytes;
      },
      onLeft: (room, id) => {
        if (room.size === 0) this.#rooms.delete(idKey(id));
      },
    };
    const connection = new Connection(socket, host);
    this.#connections.add(connection);
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    socket.on("close", () => {
      this.#connections.delete(connection);
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    });
  }

  #roomFor(id: Uint8Array): Room {
    const key = idKey(id);
    let room = this.#rooms.get(key);
    if (room === undefined) {
      room = new Room();
      this.#rooms.set(key, room);
    }
    return room;
  }

  /** In constant time, as far as its length is no secret. */
  #isTokenRight(token: string): boolean {
    if (this.#token === undefined) return true;
    const given = Buffer.from(token);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }
}
