/**
 * HTTP load from a worker: raw sockets with kept-alive connections, one per caller, so that the generator costs the
 * server's machine as little as it can. `runHttpLoad` starts the worker; this file is also what the worker runs.
 */
import { connect, type Socket } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Load, type LoadReport, runLoad } from "./load.ts";

export interface HttpLoad extends Load {
  readonly port: number;
  readonly token: string;
  readonly contextId: string;
}

export function runHttpLoad(load: HttpLoad): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: load });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** One connection; requests one after another. */
class Connection {
  readonly #socket: Socket;
  #received = "";
  #done: ((body: string) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => this.#receive(chunk));
  }

  /** The body of the answer. */
  request(text: string): Promise<string> {
    this.#socket.write(text);
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received.slice(0, head))?.[1] ?? Number.NaN);
    const body = this.#received.slice(head + 4);
    if (body.length < length) return;
    this.#received = "";
    this.#done?.(body);
  }
}

async function generate(load: HttpLoad): Promise<LoadReport> {
  const connections = Array.from({ length: load.callers }, () => new Connection(load.port));
  const report = await runLoad(load, async (caller, index) => {
    const answer = await (connections[caller] as Connection).request(toRequest(load, caller, index));
    if (!answer.includes('"deltaId":"')) throw new Error(`a call failed: ${answer}`);
  });
  for (const connection of connections) connection.close();
  return report;
}

function toRequest({ port, token, contextId }: HttpLoad, caller: number, index: number): string {
  const argsJson = { key: `key-${(caller * 4 + (index % 4)) % 256}`, value: `value-${caller}-${index}` };
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: index,
    method: "execute",
    params: { contextId, method: "put", argsJson },
  });
  const lines = [
    "POST /jsonrpc HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

if (!isMainThread) parentPort?.postMessage(await generate(workerData as HttpLoad));
