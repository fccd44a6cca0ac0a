import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Scheduler, silentLog } from "@dunlin/core/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { PING_INTERVAL_MS, SOCKET_MESSAGE_BYTES_MAX, SOCKETS_MAX, TICKET_LIFE_MS } from "./limits.ts";
import { openServer, type Server } from "./server.ts";
import { APPLICATION_ID, createMemoryService, type MemoryService, testId } from "./testing/memory-service.ts";
import { rawRequest } from "./testing/raw-request.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const C1 = testId(3, 0);
const C2 = testId(3, 1);

/** Time moves only when a test moves it. */
function manualTime(): Scheduler & { now(): number; advance(ms: number): void } {
  let now = 1_000_000;
  let tasks: { at: number; task: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, task) {
      const entry = { at: now + delayMs, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    advance(ms) {
      now += ms;
      const due = tasks.filter((entry) => entry.at <= now);
      tasks = tasks.filter((entry) => entry.at > now);
      for (const { task } of due) task();
    },
  };
}

let service: MemoryService;
let server: Server;
let time: ReturnType<typeof manualTime>;
let opened: (WebSocket | Socket)[];

beforeEach(async () => {
  service = createMemoryService();
  time = manualTime();
  opened = [];
  const listen = { host: "127.0.0.1", port: 0 };
  server = await openServer({ service, listen, token: TOKEN, log: silentLog, clock: time, scheduler: time });
  await service.createContext({ applicationId: APPLICATION_ID });
  await service.createContext({ applicationId: APPLICATION_ID });
});
afterEach(async () => {
  for (const socket of opened) {
    if (socket instanceof WebSocket) socket.terminate();
    else socket.destroy();
  }
  await server.close();
});

interface Client {
  readonly socket: WebSocket;
  /** The next frame, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: frames of all kinds, looked into field by field
  next(): Promise<any>;
  send(message: unknown): void;
}

async function client(
  path = "/ws",
  headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}` },
): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  opened.push(socket);
  const frames: string[] = [];
  let wake = (): void => {};
  socket.on("message", (data) => {
    frames.push(String(data));
    wake();
  });
  await once(socket, "open");
  return {
    socket,
    async next() {
      while (frames.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return JSON.parse(frames.shift() as string);
    },
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
  };
}

async function follow(contextIds: readonly string[]): Promise<Client> {
  const made = await client();
  made.send({ id: 1, method: "subscribe", params: { contextIds } });
  expect(await made.next()).toEqual({ id: 1, result: { contextIds } });
  return made;
}

const closed = async (socket: WebSocket): Promise<[number, string]> => {
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  return [code, String(reason)];
};

describe("/ws", () => {
  it("tells of who is there to those who follow the context, as a type of its own", async () => {
    const { send, next } = await client();
    send({ id: 1, method: "subscribe", params: { contextIds: [C1] } });
    await next();
    await service.setPresence({ contextId: C2, data: 0 });
    await service.setPresence({ contextId: C1, data: { at: 1 } });
    const result = { contextId: C1, type: "Presence", data: { present: true, data: { at: 1 } } };
    expect(await next()).toMatchObject({ id: null, result });
    await service.leavePresence(C1);
    expect((await next()).result.data).toMatchObject({ present: false, data: null });
  });

  it("delivers events of followed contexts with id null, byte numbers and sequence numbers", async () => {
    const { next } = await follow([C1]);
    service.emit(C2, "Put", "1");
    service.emit(C1, "Put", '"é"');
    service.emit(C1, "Put", "2");
    expect(await next()).toEqual({
      id: null,
      result: {
        contextId: C1,
        type: "StateMutation",
        data: {
          newRoot: testId(9, 1),
          events: [{ kind: "Put", data: [0x22, 0xc3, 0xa9, 0x22], handler: null }],
          sequence: 1,
          local: false,
          deltas: [testId(8, 1)],
        },
      },
    });
    expect((await next()).result.data.sequence).toBe(2);
  });

  it("stops delivering after unsubscribe, and keeps the other contexts", async () => {
    const { next, send } = await follow([C1, C2]);
    send({ id: "u", method: "unsubscribe", params: { contextIds: [C1] } });
    expect(await next()).toEqual({ id: "u", result: { contextIds: [C1] } });
    service.emit(C1, "Put", "1");
    service.emit(C2, "Put", "2");
    expect((await next()).result.contextId).toBe(C2);
  });

  it("answers every wrong message in one line and stays open", async () => {
    const { next, send } = await client();
    const cases: [unknown, unknown, string][] = [
      ["{", null, "JSON_MALFORMED"],
      ["[".repeat(100), null, "JSON_TOO_DEEP"],
      ['{"id":1,"__proto__":{}}', null, "JSON_KEY_REFUSED"],
      [{ id: 5, method: "execute" }, 5, "RPC_METHOD_UNKNOWN"],
      [{ id: 6, method: "subscribe" }, 6, "PARAMS_INVALID"],
      [{ id: 7, method: "subscribe", params: { contextIds: ["x"] } }, 7, "PARAMS_INVALID"],
      [{ id: 8, method: "subscribe", params: { contextIds: new Array(257).fill(C1) } }, 8, "PARAMS_INVALID"],
      [[], null, "PARAMS_INVALID"],
    ];
    for (const [message, id, code] of cases) {
      send(message);
      expect(await next()).toMatchObject({ id, error: { type: "ParseError", code, data: expect.any(String) } });
    }
  });

  it("caps the contexts that one client follows", async () => {
    const { next, send } = await client();
    for (let batch = 0; batch < 5; batch++) {
      const contextIds = Array.from({ length: 256 }, (_, n) => testId(20 + batch, n));
      send({ id: batch, method: "subscribe", params: { contextIds } });
      const answer = await next();
      expect(answer.error?.code).toBe(batch < 4 ? undefined : "LIMIT_EXCEEDED");
    }
  });

  it("closes a client that sends binary, or more than a message may hold", async () => {
    const one = await client();
    one.socket.send(Uint8Array.of(1));
    expect((await closed(one.socket))[0]).toBe(1003);
    const two = await client();
    two.socket.send("x".repeat(SOCKET_MESSAGE_BYTES_MAX + 1));
    expect((await closed(two.socket))[0]).toBe(1009);
  });

  it("closes with 1001 when the server closes", async () => {
    const { socket } = await client();
    const closing = closed(socket);
    await server.close();
    expect((await closing)[0]).toBe(1001);
  });
});

describe("tickets", () => {
  const issue = async (): Promise<string> => {
    const answer = await fetch(`${server.url}/admin-api/ws-ticket`, {
      method: "POST",
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    return ((await answer.json()) as { data: { ticket: string } }).data.ticket;
  };
  const statusOf = async (path: string): Promise<number> => {
    const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, "Connection: Upgrade"];
    const upgrade = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    return (await rawRequest(server.port, [...lines, ...upgrade])).status;
  };

  it("open one socket, once", async () => {
    const ticket = await issue();
    await client(`/ws?ticket=${ticket}`, { Origin: server.url });
    expect(await statusOf(`/ws?ticket=${ticket}`)).toBe(401);
  });

  it("die after 30 seconds", async () => {
    const [early, late] = [await issue(), await issue()];
    time.advance(TICKET_LIFE_MS - 1);
    expect(await statusOf(`/ws?ticket=${early}`)).toBe(101);
    time.advance(1);
    expect(await statusOf(`/ws?ticket=${late}`)).toBe(401);
  });

  it("are no token, and the token is no ticket", async () => {
    for (const path of ["/ws", "/ws?ticket=", `/ws?ticket=${TOKEN}`, `/ws?token=${TOKEN}`]) {
      expect(await statusOf(path)).toBe(401);
    }
    expect(await statusOf(`/ws/?ticket=${await issue()}`)).toBe(404);
  });
});

describe("bounds", () => {
  it("closes a client that does not answer pings, and keeps one that does", async () => {
    const alive = await client();
    const mute = await client();
    mute.socket.pong = () => {};
    const mutePinged = once(mute.socket, "ping");
    // A subscription's answer follows the pong on the same socket: when it is here, the pong has been seen.
    const alivePinged = once(alive.socket, "ping");
    time.advance(PING_INTERVAL_MS);
    await Promise.all([mutePinged, alivePinged]);
    alive.send({ id: 1, method: "subscribe", params: { contextIds: [C1] } });
    await alive.next();
    const ended = closed(mute.socket);
    time.advance(PING_INTERVAL_MS);
    expect((await ended)[0]).toBe(1002);
    service.emit(C1, "Put", "1");
    expect((await alive.next()).result.contextId).toBe(C1);
  });

  it("closes a client that does not read, with others undisturbed", async () => {
    const reader = await follow([C1]);
    const slow = await follow([C1]);
    slow.socket.pause();
    const ended = closed(slow.socket);
    const payload = JSON.stringify("x".repeat(16_384));
    // Far more than the queue and what the kernel's socket buffers take.
    for (let n = 1; n <= 300; n++) {
      service.emit(C1, "Put", payload);
      expect((await reader.next()).result.data.sequence).toBe(n);
    }
    slow.socket.resume();
    const [code, reason] = await ended;
    expect(code).toBe(1013);
    expect(reason).toMatch(/too slow/);
  });

  it("refuses sockets above the cap, and takes one again when one has gone", async () => {
    const clients = await Promise.all(Array.from({ length: SOCKETS_MAX }, () => client()));
    const refused = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, {
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    const [response] = (await once(refused, "unexpected-response").then(([, answer]) => [answer])) as [
      { statusCode: number },
    ];
    expect(response.statusCode).toBe(503);
    refused.on("error", () => {});
    refused.terminate();
    const first = clients[0] as Client;
    first.socket.close();
    await once(first.socket, "close");
    // The server has seen the close before its answer to it was sent.
    await client();
  });

  it("does not fall over a client that resets its connection in the upgrade", async () => {
    const socket = connect(server.port, "127.0.0.1");
    opened.push(socket);
    await once(socket, "connect");
    socket.write(`GET /ws HTTP/1.1\r\nHost: evil\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
    socket.resetAndDestroy();
    expect((await fetch(`${server.url}/admin-api/health`)).status).toBe(200);
  });
});
