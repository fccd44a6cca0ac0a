/**
 * Calls on one HTTP/1.1 connection, sent without waiting for the answers before.
 *
 * Invariant: calls are begun on the node in the order in which `call` was called here. One connection carries bytes in
 * order (TCP); the server takes the requests of a connection in that order and begins each call after the one before
 * has been handed to its node (RFC 9112, 9.3.2; the server's `turns.ts`); the node runs a context's calls one by one
 * in the order they were handed over. Answers come back in the same order, so the oldest that waits is answered.
 */
import { connect, type Socket } from "node:net";

/** A call that was answered: acknowledged, and so on the node's disk. */
export interface Answered {
  readonly output: unknown;
  readonly deltaId: string | null;
}

/** The connection ended before the answer: whether the call ran is not known. */
export class LineLost extends Error {
  override readonly name = "LineLost";
}

/** The node refused the call: it had no effect. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
}

interface Waiting {
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = "\r\n\r\n";

export class CallLine {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #contextId: string;
  readonly #inFlightMax: number;
  #waiting: Waiting[] = [];
  #onRoom: (() => void)[] = [];
  #received: Buffer = Buffer.alloc(0);
  #lost: Error | undefined;

  constructor(node: { readonly url: string; readonly token: string }, contextId: string, inFlightMax: number) {
    const { host, hostname, port } = new URL(node.url);
    this.#contextId = contextId;
    this.#inFlightMax = inFlightMax;
    this.#head = [
      "POST /jsonrpc HTTP/1.1",
      `Host: ${host}`,
      `Authorization: Bearer ${node.token}`,
      "Content-Type: application/json",
      "Content-Length: ",
    ].join("\r\n");
    this.#socket = connect(Number(port), hostname).setNoDelay(true);
    this.#socket.on("data", (chunk) => this.#receive(chunk));
    this.#socket.on("error", (error) => this.#lose(error.message));
    this.#socket.on("close", () => this.#lose("the node closed the connection"));
  }

  get inFlight(): number {
    return this.#waiting.length;
  }

  /** Resolves when another call may be sent. */
  async room(): Promise<void> {
    while (this.#waiting.length >= this.#inFlightMax && this.#lost === undefined) {
      await new Promise<void>((resolve) => this.#onRoom.push(resolve));
    }
  }

  /** Sends a call at once. Rejects with `CallRefused` or `LineLost`. */
  call(method: string, argsJson: object): Promise<Answered> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const params = { contextId: this.#contextId, method, argsJson };
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "execute", params }));
    this.#socket.write(Buffer.concat([Buffer.from(`${this.#head}${body.length}${HEAD_END}`), body]));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    for (;;) {
      const headEnd = this.#received.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const head = this.#received.toString("latin1", 0, headEnd);
      const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
      if (length === undefined) return this.#lose("the answer has no length");
      const start = headEnd + HEAD_END.length;
      const end = start + Number(length);
      if (this.#received.length < end) return;
      const body = this.#received.toString("utf8", start, end);
      this.#received = this.#received.subarray(end);
      this.#answer(Number(head.slice(9, 12)), body);
    }
  }

  #answer(status: number, body: string): void {
    const waiting = this.#waiting.shift();
    const { result, error } = JSON.parse(body);
    if (status === 200 && result !== undefined) waiting?.resolve(result);
    else waiting?.reject(new CallRefused(`${error?.code ?? status}: ${error?.message ?? error}`));
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = new LineLost(why);
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }
}
