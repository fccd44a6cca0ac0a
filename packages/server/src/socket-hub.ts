/**
 * `/ws`: upgrades, and events to those who follow their context. One subscription to the node serves all clients, and
 * a frame is encoded once.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { errorMapping, eventToWire, type NodeService, presenceToWire } from "@dunlin/api";
import { err, type Failure, type Log, ok, type Result, type Scheduler } from "@dunlin/core/base";
import { WebSocketServer } from "ws";
import type { Credentials } from "./credentials.ts";
import { PING_INTERVAL_MS, SOCKET_MESSAGE_BYTES_MAX, SOCKETS_MAX } from "./limits.ts";
import { CLOSE, createSocketClient, type SocketClient } from "./socket-client.ts";
import { checkSource } from "./source.ts";

export interface HubOptions {
  readonly service: NodeService;
  readonly credentials: Credentials;
  readonly origins: readonly string[];
  readonly scheduler: Scheduler;
  readonly log: Log;
}

export interface SocketHub {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function createSocketHub(options: HubOptions): SocketHub {
  const { service, scheduler, log } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: SOCKET_MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const clients = new Set<SocketClient>();

  const deliver = <E extends { readonly contextId: string }>(event: E, toWire: (event: E) => object): void => {
    let frame: string | undefined;
    for (const client of clients) {
      if (!client.follows(event.contextId)) continue;
      frame ??= JSON.stringify({ id: null, result: toWire(event) });
      client.push(frame);
    }
  };
  const unsubscribe = [
    service.subscribe((event) => deliver(event, eventToWire)),
    service.subscribePresence((event) => deliver(event, presenceToWire)),
  ];

  const pingAll = (): void => {
    for (const client of clients) client.ping();
    cancelPing = scheduler.after(PING_INTERVAL_MS, pingAll);
  };
  let cancelPing = scheduler.after(PING_INTERVAL_MS, pingAll);

  return {
    upgrade(request, socket, head) {
      socket.on("error", () => socket.destroy());
      const admitted = admit(request, options, clients.size);
      if (!admitted.ok) {
        log.log("debug", "server.upgrade-refused", { code: admitted.error.code });
        refuse(socket, admitted.error);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const client = createSocketClient(webSocket);
        clients.add(client);
        webSocket.on("close", () => clients.delete(client));
      });
    },
    close() {
      cancelPing();
      for (const stop of unsubscribe) stop();
      for (const client of clients) client.close(CLOSE.goingAway, "the node is shutting down");
      sockets.close();
    },
  };
}

/** Source, route, cap, credential: in this order, so that a ticket is spent only when it opens a socket. */
function admit(request: IncomingMessage, options: HubOptions, clients: number): Result<null> {
  const port = request.socket.localPort ?? 0;
  const source = checkSource(request, { port, origins: options.origins });
  if (!source.ok) return source;
  const [path, query] = (request.url ?? "").split("?", 2);
  if (path !== "/ws") return err("ROUTE_UNKNOWN", "sockets are opened at /ws");
  if (clients >= SOCKETS_MAX) return err("BUSY", "too many sockets are open: try again");
  if (options.credentials.isBearer(request.headers.authorization)) return ok(null);
  const ticket = new URLSearchParams(query).get("ticket");
  if (ticket !== null && options.credentials.redeemTicket(ticket)) return ok(null);
  return err("UNAUTHORIZED", "send the token as Authorization: Bearer, or a ticket from POST /admin-api/ws-ticket");
}

function refuse(socket: Duplex, failure: Failure): void {
  const { status } = errorMapping(failure.code);
  const body = JSON.stringify({ error: failure.message, code: failure.code });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
      "Connection: close",
      "Content-Type: application/json; charset=utf-8",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}
