/** A node's HTTP API, from the command line: one request, one value or one coded failure. */
import { isApiErrorCode, type Json, parseJson } from "@dunlin/api";
import { err, ok, type Result } from "@dunlin/core/base";
import { REQUEST_TIMEOUT_MS } from "./limits.ts";

export interface ApiClient {
  readonly url: string;
  readonly token: string;
  /** The `data` of an admin route. */
  get(path: string): Promise<Result<Json>>;
  post(path: string, body?: object): Promise<Result<Json>>;
  /** Runs a method; the `result` of the answer. */
  execute(params: object): Promise<Result<Json>>;
}

type JsonObject = { readonly [key: string]: Json };

export function createApiClient(address: { readonly url: string; readonly token: string }): ApiClient {
  const { url, token } = address;
  const ask = async (method: string, path: string, body?: object): Promise<Result<JsonObject>> => {
    const headers = { Authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const request = { method, signal, redirect: "error" as const };
    try {
      const response = await (body === undefined
        ? fetch(url + path, { ...request, headers })
        : fetch(url + path, {
            ...request,
            headers: { ...headers, "Content-Type": "application/json" },
            body: JSON.stringify(body),
          }));
      return readAnswer(response.status, await response.text());
    } catch (error) {
      if (signal.aborted) return err("TIMEOUT", `the node at ${url} did not answer in ${REQUEST_TIMEOUT_MS / 1000} s`);
      return err("NODE_UNREACHABLE", `no node answers at ${url}: start one with \`dunlin run\` (${reasonOf(error)})`);
    }
  };
  const data = (answer: Result<JsonObject>): Result<Json> => (answer.ok ? ok(answer.value["data"] ?? null) : answer);
  return {
    url,
    token,
    get: async (path) => data(await ask("GET", path)),
    post: async (path, body) => data(await ask("POST", path, body)),
    async execute(params) {
      const answer = await ask("POST", "/jsonrpc", { jsonrpc: "2.0", id: 1, method: "execute", params });
      return answer.ok ? ok(answer.value["result"] ?? null) : answer;
    },
  };
}

function readAnswer(status: number, text: string): Result<JsonObject> {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) {
    return err("NODE_UNREACHABLE", `what answers there is no dunlin node (status ${status})`);
  }
  const body = parsed.value;
  const { error } = body;
  // JSON-RPC tells failures as an object, the admin routes as text with the code beside.
  if (isObject(error)) return failure(error["code"] ?? error["type"], error["message"], status);
  if (error !== undefined) return failure(body["code"], error, status);
  return ok(body);
}

function failure(code: Json | undefined, message: Json | undefined, status: number): Result<never> {
  const known = isApiErrorCode(code) ? code : "INTERNAL";
  return err(known, typeof message === "string" ? message : `the node answered with status ${status}`);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
