/**
 * A node's face in memory, for tests of what stands in front of it: one application, contexts of plain values, no
 * network. `put`, `get` and `fail` are its methods; `emit` makes events as if they came from afar.
 */
import type {
  BlobSummary,
  ContextEvent,
  ContextInfo,
  ContextLimitsInfo,
  ExecuteRequest,
  NodeService,
  NodeStatus,
  PresenceEvent,
} from "@dunlin/api";
import { concatBytes, err, idToText, ok, type Result } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { Metrics } from "@dunlin/core/metrics";

export interface MemoryService extends NodeService {
  /** Every method that was called with its arguments, oldest first. */
  readonly calls: readonly (readonly [string, unknown])[];
  /** Tells of a commit with one event; its payload is JSON text. */
  emit(contextId: string, kind: string, data: string): void;
  /** Makes the next `execute` throw. */
  failNext(error: unknown): void;
}

interface MemoryContext {
  readonly info: ContextInfo;
  readonly values: Map<string, unknown>;
  sequence: number;
}

/** Id number `n` of a kind: distinct, and the same in every run. */
export function testId(kind: number, n: number): string {
  const bytes = new Uint8Array(32).fill(kind);
  bytes[31] = n;
  return idToText(bytes);
}

export const APPLICATION_ID: string = testId(1, 0);

export function createMemoryService(): MemoryService {
  const calls: [string, unknown][] = [];
  const contexts = new Map<string, MemoryContext>();
  const listeners = new Set<(event: ContextEvent) => void>();
  let failure: unknown;
  let drawn = 0;

  const find = (contextId: string): Result<MemoryContext> => {
    const found = contexts.get(contextId);
    return found === undefined ? err("CONTEXT_NOT_FOUND", `no context ${contextId}`) : ok(found);
  };
  const create = (id: string, member: string): Result<{ contextId: string; memberPublicKey: string }> => {
    const members = [{ publicKey: member, role: "admin" }];
    const info = { id, applicationId: APPLICATION_ID, rootHash: testId(9, 0), heads: [testId(8, 0)], deltas: 1 };
    contexts.set(id, { info: { ...info, pending: 0, members }, values: new Map(), sequence: 0 });
    return ok({ contextId: id, memberPublicKey: member });
  };
  const emit = (contextId: string, kind: string, data: string, local = false): void => {
    const context = contexts.get(contextId);
    if (context !== undefined) context.sequence++;
    const sequence = context?.sequence ?? 1;
    const event = { contextId, sequence, newRoot: testId(9, sequence), local, deltas: [testId(8, sequence)] };
    for (const listener of listeners) listener({ ...event, events: [{ kind, data, handler: null }] });
  };
  const note = (name: string, value: unknown): void => void calls.push([name, value]);

  return {
    calls,
    emit,
    failNext(error) {
      failure = error;
    },
    async installApplication(request) {
      note("installApplication", request);
      if (request.path.endsWith(".ts")) return ok({ applicationId: APPLICATION_ID });
      return err("APPLICATION_BUILD_FAILED", `${request.path}:1:1: not an application`);
    },
    applications: async () => [
      { id: APPLICATION_ID, name: "notes", version: "1.0.0", size: 10, source: "file:///notes.ts", abi: {} },
    ],
    createIdentity: async () => ({ publicKey: testId(2, ++drawn) }),
    async createContext(request) {
      note("createContext", request);
      if (request.applicationId === APPLICATION_ID) return create(testId(3, contexts.size), testId(2, 0));
      return err("APPLICATION_NOT_FOUND", `no application ${request.applicationId}`);
    },
    async invite(request) {
      note("invite", request);
      const found = find(request.contextId);
      return found.ok ? ok({ payload: `invitation-to-${request.contextId}` }) : found;
    },
    ...membership(find, note),
    ...receipts(find, note),
    ...presence(find),
    async join({ invitationPayload }) {
      if (!invitationPayload.startsWith("invitation-to-")) return err("INVITATION_INVALID", "not an invitation");
      return create(invitationPayload.slice("invitation-to-".length), testId(2, 0));
    },
    contexts: async () => [...contexts.values()].map(({ info }) => info),
    async context(contextId) {
      const found = find(contextId);
      return found.ok ? ok(found.value.info) : found;
    },
    async identities(contextId) {
      const found = find(contextId);
      return found.ok ? ok(found.value.info.members.map((member) => member.publicKey)) : found;
    },
    async execute(request) {
      note("execute", request);
      if (failure !== undefined) {
        const thrown = failure;
        failure = undefined;
        throw thrown;
      }
      const found = find(request.contextId);
      return found.ok ? call(found.value, request, emit) : found;
    },
    async requestSync(contextId) {
      note("requestSync", contextId);
      return ok(null);
    },
    ...memoryBlobs(),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: async () => status(contexts),
    metrics: async () => sampleMetrics().snapshot(),
  };
}

function limits(
  find: (contextId: string) => Result<{ readonly info: ContextInfo }>,
): Pick<NodeService, "contextLimits" | "setContextLimits"> {
  const set = new Map<string, Record<string, number>>();
  const told = (contextId: string): Result<ContextLimitsInfo> => {
    const found = find(contextId);
    const own = set.get(contextId) ?? {};
    return found.ok ? ok({ contextId, limits: own, own, used: {} }) : found;
  };
  return {
    contextLimits: async (contextId) => told(contextId),
    async setContextLimits({ contextId, changes }) {
      const own = { ...set.get(contextId) };
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) delete own[name];
        else if (value !== undefined) own[name] = value;
      }
      set.set(contextId, own);
      return told(contextId);
    },
  };
}

function membership(
  find: (contextId: string) => Result<{ readonly info: ContextInfo }>,
  note: (method: string, request: unknown) => void,
): Pick<
  NodeService,
  "setRole" | "upgradeContext" | "removeMember" | "deadLetters" | "settleDeadLetter" | keyof ReturnType<typeof limits>
> {
  const letter = { deltaId: testId(8, 0), event: 2, kind: "Poked", handler: "onPoke", data: "{}" } as const;
  return {
    ...limits(find),
    async deadLetters(contextId) {
      const found = find(contextId);
      return found.ok ? ok([{ ...letter, attempts: 8, code: "APPLICATION_ERROR" }]) : found;
    },
    async settleDeadLetter(request) {
      note("settleDeadLetter", request);
      const isOne = request.deltaId === letter.deltaId && request.event === letter.event;
      return isOne ? ok(null) : err("HANDLER_NOT_DEAD", "no handler of that event is dead");
    },
    async setRole(request) {
      note("setRole", request);
      const found = find(request.contextId);
      return found.ok ? ok(null) : found;
    },
    async upgradeContext(request) {
      note("upgradeContext", request);
      const found = find(request.contextId);
      if (!found.ok) return found;
      const differences = [{ path: "pages.a", before: "nothing", after: '"b"' }];
      return ok(request.dryRun ? { migrated: true, differences } : { migrated: false });
    },
    async removeMember({ contextId, memberId }) {
      const found = find(contextId);
      if (!found.ok) return found;
      const isMember = found.value.info.members.some(({ publicKey }) => publicKey === memberId);
      return isMember ? err("LAST_ADMIN", "the context needs an admin") : err("MEMBER_UNKNOWN", "it is no member");
    },
  };
}

/** One other has the last delta of a context, always. */
function receipts(
  find: (contextId: string) => Result<{ readonly sequence: number }>,
  note: (method: string, request: unknown) => void,
): Pick<NodeService, "receipt"> {
  return {
    async receipt(request) {
      note("receipt", request);
      const found = find(request.contextId);
      if (!found.ok) return found;
      if (request.deltaId !== testId(8, found.value.sequence)) return err("RECEIPT_UNKNOWN_DELTA", "no such delta");
      return ok({ applied: true, persisted: true, replicated: 1, members: [testId(2, 1)], stable: false });
    },
  };
}

/** One member's, and this node's alone. */
function presence(
  find: (contextId: string) => Result<unknown>,
): Pick<NodeService, "setPresence" | "leavePresence" | "presence" | "subscribePresence"> {
  const dataById = new Map<string, unknown>();
  const listeners = new Set<(event: PresenceEvent) => void>();
  const member = { publicKey: testId(2, 0), installation: "00" };
  const change = (contextId: string, present: boolean, data: unknown): Result<null> => {
    const found = find(contextId);
    if (!found.ok) return found;
    if (present) dataById.set(contextId, data);
    else dataById.delete(contextId);
    for (const listener of listeners) listener({ contextId, present, ...member, data });
    return ok(null);
  };
  return {
    setPresence: async ({ contextId, data }) => change(contextId, true, data),
    leavePresence: async (contextId) => change(contextId, false, null),
    async presence(contextId) {
      const found = find(contextId);
      if (!found.ok) return found;
      return ok(dataById.has(contextId) ? [{ ...member, data: dataById.get(contextId) }] : []);
    },
    subscribePresence(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function sampleMetrics(): Metrics {
  const metrics = new Metrics({ now: () => 0 });
  metrics.counter("node.events_executed").add(3);
  metrics.histogram("node.delta_apply_duration").record(2);
  return metrics;
}

type BlobService = Pick<NodeService, "putBlob" | "blob" | "readBlob" | "blobs" | "deleteBlob">;

/** Whole in memory, each named by its hash. */
function memoryBlobs(): BlobService {
  const contents = new Map<string, Uint8Array>();
  const summary = (id: string): BlobSummary => ({ id, size: contents.get(id)?.length ?? 0, hash: id });
  return {
    async putBlob(content, { size, hash }) {
      const parts: Uint8Array[] = [];
      for await (const part of content) parts.push(part);
      const bytes = concatBytes(...parts);
      const id = idToText(createCrypto().sha256(bytes));
      if ((size ?? bytes.length) !== bytes.length || (hash ?? id) !== id)
        return err("BLOB_MISMATCH", "not what was said");
      contents.set(id, bytes);
      return ok(summary(id));
    },
    blob: async (id) => (contents.has(id) ? ok(summary(id)) : err("BLOB_NOT_FOUND", "there is no such blob")),
    async *readBlob(id, { start, end }) {
      for (let at = start; at < end; at += 7) yield contents.get(id)?.subarray(at, Math.min(at + 7, end)) as Uint8Array;
    },
    blobs: async () => [...contents.keys()].map(summary),
    deleteBlob: async (id) => ok({ deleted: contents.delete(id) }),
  };
}

function call(
  context: MemoryContext,
  { contextId, method, args }: ExecuteRequest,
  emit: (contextId: string, kind: string, data: string, local: boolean) => void,
): Result<{ output: unknown; deltaId: string | null }> {
  const { key, value } = args as { key?: string; value?: unknown };
  switch (method) {
    case "put":
      context.values.set(String(key), value);
      emit(contextId, "Put", JSON.stringify({ key }), true);
      return ok({ output: null, deltaId: testId(8, context.sequence) });
    case "get":
      return ok({ output: context.values.get(String(key)), deltaId: null });
    case "fail":
      return err("APPLICATION_ERROR", "app.ts:3:5: Error: it failed");
    default:
      return err("METHOD_NOT_FOUND", `the application has no method ${method}`);
  }
}

function status(contexts: ReadonlyMap<string, MemoryContext>): NodeStatus {
  return {
    version: "0.1.0",
    peerId: "12D3KooWtest",
    addresses: ["/ip4/127.0.0.1/tcp/2428"],
    uptimeMs: 1000,
    peers: [{ peerId: "12D3KooWother", bytesIn: 10, bytesOut: 20 }],
    contexts: [...contexts.values()].map(({ info }) => ({
      contextId: info.id,
      deltas: info.deltas,
      pending: info.pending,
      heads: info.heads.length,
      equivocations: [],
      syncs: [],
    })),
    counters: { "sync.sessions": 1 },
  };
}
