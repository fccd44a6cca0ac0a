/**
 * The envelope of JSON-RPC and of WebSocket messages, as the 0.10 server has it: an error is
 * `{ type, data }` in its own words, with our `code` and `message` beside them, and travels under HTTP status 200.
 */
import { err, type Failure, ok, type Result } from "@dunlin/core/base";
import { errorMapping, type RpcErrorType } from "./error-mappings.ts";
import { METHOD_CHARS_MAX, REQUEST_ID_CHARS_MAX } from "./limits.ts";

/** Echoed exactly. */
export type RequestId = string | number | null;

export interface RpcRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
}

export interface RpcError {
  readonly type: RpcErrorType;
  readonly data?: unknown;
  readonly code: string;
  readonly message: string;
}

/** The id of a message, as far as it can be had: null for one that cannot be echoed exactly. */
export function requestId(message: unknown): RequestId {
  if (typeof message !== "object" || message === null || !("id" in message)) return null;
  const id = message.id;
  if (typeof id === "string") return id.length <= REQUEST_ID_CHARS_MAX ? id : null;
  // A larger integer has been rounded by the parser already.
  return typeof id === "number" && Number.isFinite(id) && Math.abs(id) <= Number.MAX_SAFE_INTEGER ? id : null;
}

export function readRpcRequest(message: unknown): Result<RpcRequest> {
  if (typeof message !== "object" || message === null) return err("PARAMS_INVALID", "the message must be an object");
  if (Array.isArray(message)) return err("PARAMS_INVALID", "batches are not supported: send one message at a time");
  const id = requestId(message);
  if ("id" in message && message.id !== null && id === null) {
    return err("PARAMS_INVALID", `id must be a string of at most ${REQUEST_ID_CHARS_MAX} characters, a number or null`);
  }
  const method = "method" in message ? message.method : undefined;
  if (typeof method !== "string" || method.length > METHOD_CHARS_MAX) {
    return err("PARAMS_INVALID", "method must be a string");
  }
  return ok({ id, method, params: "params" in message ? message.params : undefined });
}

/** A failure in the words of the 0.10 server. */
export function rpcError(failure: Failure, subject?: { contextId?: string; executor?: string }): RpcError {
  const { type } = errorMapping(failure.code);
  const named = { code: failure.code, message: failure.message };
  switch (type) {
    case "ParseError":
    case "FunctionCallError":
      return { type, data: failure.message, ...named };
    case "Unauthorized":
      return {
        type,
        data: { context_id: subject?.contextId ?? null, public_key: subject?.executor ?? null },
        ...named,
      };
    default:
      return { type, ...named };
  }
}
