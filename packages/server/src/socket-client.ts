/**
 * One WebSocket client: what it follows and what waits for it.
 *
 * Invariant: what waits for a client is bounded in bytes and frames; one that reads too slowly is closed with 1013
 * and told nothing further, so its gap shows as a closed socket and never as a frame left out in silence.
 */
import { parseJson, type RpcError, readRpcRequest, requestId, rpcError, subscribeParams } from "@dunlin/api";
import { err, type Result } from "@dunlin/core/base";
import { type RawData, WebSocket } from "ws";
import { SOCKET_QUEUE_BYTES_MAX, SOCKET_QUEUE_FRAMES_MAX, SUBSCRIPTIONS_MAX } from "./limits.ts";

export interface SocketClient {
  follows(contextId: string): boolean;
  /** Queues a frame, or closes a client whose queue is full. */
  push(frame: string): void;
  /** Sends a ping, or closes a client that has not answered the last one. */
  ping(): void;
  close(code: number, reason: string): void;
}

export const CLOSE = { goingAway: 1001, protocol: 1002, unsupportedData: 1003, tryAgain: 1013 } as const;

export function createSocketClient(socket: WebSocket): SocketClient {
  const contextIds = new Set<string>();
  let framesQueued = 0;
  let isAnswering = true;

  const close = (code: number, reason: string): void => {
    contextIds.clear();
    socket.close(code, reason);
  };
  const push = (frame: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (framesQueued >= SOCKET_QUEUE_FRAMES_MAX || socket.bufferedAmount > SOCKET_QUEUE_BYTES_MAX) {
      close(CLOSE.tryAgain, "too slow: connect again and read the state anew");
      return;
    }
    framesQueued++;
    socket.send(frame, () => {
      framesQueued--;
    });
  };

  socket.on("pong", () => {
    isAnswering = true;
  });
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (isBinary) close(CLOSE.unsupportedData, "messages are JSON text");
    else push(JSON.stringify(answer(String(data), contextIds)));
  });
  // Without a listener an unclean end of a client would end the process; "close" follows and tidies up.
  socket.on("error", () => {});

  return {
    follows: (contextId) => contextIds.has(contextId),
    push,
    ping() {
      if (!isAnswering) {
        close(CLOSE.protocol, "Ping timeout");
        socket.terminate();
        return;
      }
      isAnswering = false;
      socket.ping();
    },
    close,
  };
}

type Answer =
  | { readonly id: string | number | null; readonly result: { readonly contextIds: readonly string[] } }
  | { readonly id: string | number | null; readonly error: RpcError };

/** The answer to one message; what is followed changes only when all of it is right. */
function answer(text: string, contextIds: Set<string>): Answer {
  const message = parseJson(text);
  if (!message.ok) return { id: null, error: rpcError(message.error) };
  const changed = change(message.value, contextIds);
  const id = requestId(message.value);
  return changed.ok ? { id, result: { contextIds: changed.value } } : { id, error: rpcError(changed.error) };
}

function change(message: unknown, contextIds: Set<string>): Result<readonly string[]> {
  const request = readRpcRequest(message);
  if (!request.ok) return request;
  const { method } = request.value;
  if (method !== "subscribe" && method !== "unsubscribe") {
    return err("RPC_METHOD_UNKNOWN", 'the method must be "subscribe" or "unsubscribe"');
  }
  const params = subscribeParams(request.value.params, "params");
  if (!params.ok) return params;
  const named = params.value.contextIds;
  if (method === "unsubscribe") {
    for (const contextId of named) contextIds.delete(contextId);
  } else {
    const added = named.filter((contextId) => !contextIds.has(contextId)).length;
    if (contextIds.size + added > SUBSCRIPTIONS_MAX) {
      return err("LIMIT_EXCEEDED", `a client follows at most ${SUBSCRIPTIONS_MAX} contexts`);
    }
    for (const contextId of named) contextIds.add(contextId);
  }
  return { ok: true, value: named };
}
