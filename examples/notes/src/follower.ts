/** Follows a context on one node over its socket, and says at once which deltas the node tells of. */
import { WebSocket } from "ws";
import { DemoFailure, EXIT } from "./failure.ts";
import { START_TIMEOUT_MS } from "./limits.ts";

export class Follower {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Resolves once every later event will be told. `onEnd` is told when the node ends the stream. */
  static open(
    node: { readonly url: string; readonly token: string },
    contextId: string,
    listener: { onDeltas(ids: readonly string[]): void },
  ): Promise<Follower> {
    const socket = new WebSocket(`${node.url.replace(/^http/, "ws")}/ws`, {
      headers: { Authorization: `Bearer ${node.token}` },
      handshakeTimeout: START_TIMEOUT_MS,
    });
    return new Promise((resolve, reject) => {
      // After it was opened it ends with its node, which others watch.
      const fail = (why: string): void =>
        reject(new DemoFailure(EXIT.unequal, `events of ${node.url} cannot be followed: ${why}`));
      socket.on("error", (error) => fail(error.message));
      socket.on("close", (code) => fail(`closed with ${code}`));
      socket.on("open", () =>
        socket.send(JSON.stringify({ id: 1, method: "subscribe", params: { contextIds: [contextId] } })),
      );
      socket.on("message", (data) => {
        const { id, result, error } = JSON.parse(String(data));
        if (error !== undefined) fail(String(error.message));
        else if (id === null) listener.onDeltas(result.data.deltas);
        else resolve(new Follower(socket));
      });
    });
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.terminate();
  }
}
