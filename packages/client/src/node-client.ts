/** Calls a node over its HTTP API. Every call throws a `ClientError` when it fails. */
import type {
  ContextInfo,
  DeadLetter,
  DeltaReceipt,
  InviteRequest,
  NodeStatus,
  PresentMember,
  SettleDeadLetterRequest,
  WireApplication,
} from "@dunlin/api";
import { type Json, jsonToValue, type Value, valueToJson } from "@dunlin/core/base";
import { clientError } from "./client-error.ts";
import { type ReceiptGoal, receiptOf, waitForReceipt } from "./receipts.ts";
import { type CallOptions, isObject, type JsonObject, type NodeAddress, request } from "./requests.ts";
import { type WatchedEvent, type WatchOptions, watch } from "./watch.ts";

export interface NodeClient {
  readonly status: (options?: CallOptions) => Promise<NodeStatus>;
  /** Runs a method of a context's application; gives its output once what it wrote is on the node's disk. */
  readonly call: <T = unknown>(
    contextId: string,
    method: string,
    args?: object,
    options?: ExecuteOptions,
  ) => Promise<T>;
  /** The same, with the delta that holds what it wrote: to ask how far that has got. */
  readonly execute: <T = unknown>(
    contextId: string,
    method: string,
    args?: object,
    options?: ExecuteOptions,
  ) => Promise<Executed<T>>;
  readonly receipts: {
    /** How far a delta has got now. */
    readonly get: (contextId: string, deltaId: string, options?: CallOptions) => Promise<DeltaReceipt>;
    /** Gives the receipt once it says so; throws `TIMEOUT` when it does not in `timeoutMs`. */
    readonly wait: (
      contextId: string,
      deltaId: string,
      goal: ReceiptGoal,
      options?: CallOptions,
    ) => Promise<DeltaReceipt>;
  };
  readonly presence: {
    /** Shows the context's members any JSON of at most 4 KiB for `ttlMs` (30,000 unless said). Say it again to stay. */
    readonly set: (contextId: string, data: unknown, options?: PresenceOptions) => Promise<void>;
    readonly leave: (contextId: string, options?: CallOptions) => Promise<void>;
    /** Who is there now. Changes come to `watch` as `onPresence`. */
    readonly list: (contextId: string, options?: CallOptions) => Promise<readonly PresentMember[]>;
  };
  /** Commits of these contexts as they happen, until the signal is aborted or the reader breaks off. */
  readonly watch: (
    contextIds: readonly string[],
    options?: WatchOptions,
  ) => AsyncGenerator<WatchedEvent, void, undefined>;
  readonly applications: {
    readonly list: (options?: CallOptions) => Promise<readonly WireApplication[]>;
    /** Installs from a path on the node's machine. */
    readonly install: (path: string, options?: CallOptions) => Promise<{ readonly applicationId: string }>;
  };
  readonly contexts: {
    readonly list: (options?: CallOptions) => Promise<readonly ContextSummary[]>;
    readonly get: (contextId: string, options?: CallOptions) => Promise<ContextSummary>;
    readonly create: (applicationId: string, options?: CallOptions) => Promise<JoinedContext>;
    /** An invitation for one identity, to be handed over by any means. */
    readonly invite: (invitation: InviteRequest, options?: CallOptions) => Promise<string>;
    /** `memberId`: as which identity of the node an open invitation is used; a new one when absent. */
    readonly join: (
      invitationPayload: string,
      options?: CallOptions & { readonly memberId?: string },
    ) => Promise<JoinedContext>;
    /** Asks for a sync now; of all contexts when none is named. */
    readonly sync: (contextId?: string, options?: CallOptions) => Promise<void>;
  };
  /** Handlers that failed too often on an event: they run no more until they are retried. */
  readonly deadLetters: {
    readonly list: (contextId: string, options?: CallOptions) => Promise<readonly DeadLetter[]>;
    readonly retry: (contextId: string, letter: LetterId, options?: CallOptions) => Promise<void>;
    /** Gives it up for good. */
    readonly drop: (contextId: string, letter: LetterId, options?: CallOptions) => Promise<void>;
  };
  /** Draws an identity that can be invited; its private key stays on the node. */
  readonly createIdentity: (options?: CallOptions) => Promise<{ readonly publicKey: string }>;
}

export interface PresenceOptions extends CallOptions {
  readonly ttlMs?: number;
}

export interface Executed<T> {
  readonly output: T;
  /** Null for a call that wrote nothing. */
  readonly deltaId: string | null;
}

export interface ExecuteOptions extends CallOptions {
  /** The member who calls; the context's owned one unless said. */
  readonly executor?: string;
}

export type ContextSummary = Pick<
  ContextInfo,
  "id" | "applicationId" | "rootHash" | "heads" | "deltas" | "pending" | "members"
>;

export type LetterId = Pick<DeadLetter, "deltaId" | "event">;

export interface JoinedContext {
  readonly contextId: string;
  readonly memberPublicKey: string;
}

/** A letter as it was listed may be given: only what names it is sent. */
function letterId({ deltaId, event }: LetterId): LetterId {
  return { deltaId, event };
}

/** A client of the node at `address`. Nothing is sent before the first call. */
export function connectNode(address: NodeAddress): NodeClient {
  const get = (path: string, options?: CallOptions) =>
    dataOf(request(address, "GET", `/admin-api${path}`, undefined, options));
  const post = (path: string, body?: object, options?: CallOptions) =>
    dataOf(request(address, "POST", `/admin-api${path}`, body, options));
  const settle = async (body: SettleDeadLetterRequest, options?: CallOptions): Promise<void> =>
    void (await post("/dead-letters", body, options));
  return {
    status: async (options) => as<NodeStatus>(await get("/status", options)),
    call: async <T>(contextId: string, method: string, args?: object, options?: ExecuteOptions) =>
      (await execute<T>(address, contextId, method, args, options)).output,
    execute: (contextId, method, args, options) => execute(address, contextId, method, args, options),
    receipts: {
      get: (contextId, deltaId, options) => receiptOf(address, { contextId, deltaId }, options),
      wait: (contextId, deltaId, goal, options) => waitForReceipt(address, { contextId, deltaId }, goal, options),
    },
    presence: {
      set: async (contextId, data, { ttlMs, ...options } = {}) => {
        await post("/contexts/presence", { contextId, data, ...(ttlMs === undefined ? {} : { ttlMs }) }, options);
      },
      leave: async (contextId, options) => {
        await post("/contexts/presence/leave", { contextId }, options);
      },
      list: async (contextId, options) => as(await get(`/contexts/${encodeURIComponent(contextId)}/presence`, options)),
    },
    watch: (contextIds, options) => watch(address, contextIds, options),
    applications: {
      list: async (options) => as<{ apps: readonly WireApplication[] }>(await get("/applications", options)).apps,
      install: async (path, options) => as(await post("/install-dev-application", { path }, options)),
    },
    deadLetters: {
      list: async (contextId, options) => {
        const path = `/contexts/${encodeURIComponent(contextId)}/dead-letters`;
        return as<{ deadLetters: readonly DeadLetter[] }>(await get(path, options)).deadLetters;
      },
      retry: (contextId, letter, options) => settle({ contextId, ...letterId(letter), how: "retry" }, options),
      drop: (contextId, letter, options) => settle({ contextId, ...letterId(letter), how: "drop" }, options),
    },
    contexts: {
      list: async (options) => as<{ contexts: readonly ContextSummary[] }>(await get("/contexts", options)).contexts,
      get: async (contextId, options) => as(await get(`/contexts/${encodeURIComponent(contextId)}`, options)),
      create: async (applicationId, options) => as(await post("/contexts", { applicationId }, options)),
      invite: async (invitation, options) => as(await post("/contexts/invite", invitation, options)),
      join: async (invitationPayload, { memberId, ...options } = {}) => {
        const body = { invitationPayload, ...(memberId === undefined ? {} : { memberId }) };
        return as(await post("/contexts/join", body, options));
      },
      sync: async (contextId, options) => {
        await post(
          `/contexts/sync${contextId === undefined ? "" : `/${encodeURIComponent(contextId)}`}`,
          undefined,
          options,
        );
      },
    },
    createIdentity: async (options) => as(await post("/identity/context", undefined, options)),
  };
}

async function execute<T>(
  address: NodeAddress,
  contextId: string,
  method: string,
  argsJson: object = {},
  { executor, ...options }: ExecuteOptions = {},
): Promise<Executed<T>> {
  const tagged = valueToJson(argsJson as Value);
  const params = {
    contextId,
    method,
    argsJson: tagged,
    ...(executor === undefined ? {} : { executorPublicKey: executor }),
  };
  const body = { jsonrpc: "2.0", id: 1, method: "execute", params };
  const { result } = await request(address, "POST", "/jsonrpc", body, options);
  if (!isObject(result)) throw clientError("NODE_INVALID", "the node answered the call in another form");
  const { output = null, deltaId } = result;
  return { output: as<T>(untagged(output)), deltaId: typeof deltaId === "string" ? deltaId : null };
}

/** Bigints and bytes as they are; what another kind of application answers, as it is. */
function untagged(output: unknown): unknown {
  const value = jsonToValue(output as Json);
  return value === undefined ? output : value;
}

async function dataOf(answer: Promise<JsonObject>): Promise<unknown> {
  const body = await answer;
  return body["data"] ?? null;
}

/** The contract of `@dunlin/api` says what a route answers; client and node are of one release. */
function as<T>(value: unknown): T {
  return value as T;
}
