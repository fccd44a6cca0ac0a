/** One HTTP request to a node, and its answer: the value, or a `ClientError`. */
import { type Json, parseJson } from "@dunlin/api";
import { ClientError, clientError } from "./client-error.ts";

export interface NodeAddress {
  /** As `dunlin run` prints it: "http://127.0.0.1:2528". */
  readonly url: string;
  /** From the node's home folder, or as `dunlin run` prints it. */
  readonly token: string;
  /** Another `fetch` than the platform's. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  /** Stops waiting; what the node has begun it finishes. */
  readonly signal?: AbortSignal;
  /** 30,000 unless said. */
  readonly timeoutMs?: number;
}

export type JsonObject = { readonly [key: string]: Json };

export const TIMEOUT_MS = 30_000;

export async function request(
  address: NodeAddress,
  method: "GET" | "POST",
  path: string,
  body: unknown,
  options: CallOptions = {},
): Promise<JsonObject> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const headers: Record<string, string> = { Authorization: `Bearer ${address.token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const init = { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  try {
    const response = await (address.fetch ?? fetch)(baseOf(address.url) + path, init);
    return readAnswer(response.status, await response.text(), address.url);
  } catch (thrown) {
    if (thrown instanceof ClientError) throw thrown;
    options.signal?.throwIfAborted();
    if (timeout.aborted) throw clientError("TIMEOUT", `the node at ${address.url} did not answer in ${timeoutMs} ms`);
    throw clientError("NODE_UNREACHABLE", `no node answers at ${address.url}: is \`dunlin run\` up?`, thrown);
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Without a slash at its end. */
export function baseOf(url: string): string {
  return url.endsWith("/") ? url.slice(0, -1) : url;
}

function readAnswer(status: number, text: string, url: string): JsonObject {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) {
    throw clientError("NODE_INVALID", `what answers at ${url} is no dunlin node (status ${status})`);
  }
  const body = parsed.value;
  const { error } = body;
  // JSON-RPC tells failures as an object, the admin routes as text with the code beside.
  if (isObject(error)) throw failure(error["code"] ?? error["type"], error["message"], status);
  if (error !== undefined) throw failure(body["code"], error, status);
  return body;
}

function failure(code: Json | undefined, message: Json | undefined, status: number): ClientError {
  const words = typeof message === "string" ? message : `the node answered with status ${status}`;
  return new ClientError(typeof code === "string" ? code : "INTERNAL", words);
}
