/** The routes under `/admin-api`: those of the 0.10 server in its shapes, and `status` and `ws-ticket` of our own. */
import { fileURLToPath } from "node:url";
import {
  applicationToWire,
  contextToWire,
  createContextBody,
  id,
  installApplicationBody,
  installDevApplicationBody,
  inviteBody,
  type JoinRequest,
  joinBody,
  joinOpenBody,
  leavePresenceBody,
  limitsBody,
  type NodeService,
  openInviteBody,
  presenceBody,
  receiptBody,
  removeMemberBody,
  setRoleBody,
  type UpgradeContextBody,
  type UpgradeOutcome,
  upgradeContextBody,
} from "@dunlin/api";
import { err, ok, type Result, utf8ToString } from "@dunlin/core/base";
import { toPrometheusText } from "@dunlin/core/metrics";
import type { Credentials } from "./credentials.ts";
import { createEventRoutes } from "./event-routes.ts";
import { JOIN_TIMEOUT_MS } from "./limits.ts";
import type { Route } from "./route.ts";

export interface AdminOptions {
  readonly service: NodeService;
  readonly credentials: Credentials;
}

export function createAdminRoutes(options: AdminOptions): readonly Route[] {
  return [
    ...createEventRoutes(options.service),
    ...nodeRoutes(options),
    ...applicationRoutes(options),
    ...contextRoutes(options),
    ...memberRoutes(options),
  ];
}

const alive = { data: { status: "alive" } };

function nodeRoutes({ service, credentials }: AdminOptions): readonly Route[] {
  return [
    { method: "GET", path: "/admin-api/health", permission: "open", answer: async () => ok(alive) },
    { method: "GET", path: "/admin-api/is-authed", permission: "read", answer: async () => ok(alive) },
    {
      method: "POST",
      path: "/admin-api/ws-ticket",
      permission: "read",
      answer: async () => ok({ data: credentials.issueTicket() }),
    },
    {
      method: "GET",
      path: "/admin-api/status",
      permission: "read",
      answer: async () => ok({ data: await service.status() }),
    },
    {
      method: "GET",
      path: "/admin-api/metrics",
      permission: "read",
      answer: async () => ok({ data: await service.metrics() }),
    },
    {
      method: "GET",
      path: "/metrics",
      permission: "read",
      type: "text/plain; version=0.0.4; charset=utf-8",
      answer: async () => ok(toPrometheusText(await service.metrics(), "dunlin")),
    },
    {
      method: "GET",
      path: "/admin-api/peers",
      permission: "read",
      async answer() {
        const { peers } = await service.status();
        return ok({ count: peers.length, peers });
      },
    },
  ];
}

function applicationRoutes({ service }: AdminOptions): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/admin-api/install-dev-application",
      permission: "admin",
      answer: ({ body }) => chain(installDevApplicationBody(body, "body"), (read) => service.installApplication(read)),
    },
    {
      method: "POST",
      path: "/admin-api/install-application",
      permission: "admin",
      answer: ({ body }) =>
        chain(installApplicationBody(body, "body"), async ({ url }) => {
          const path = fileUrlToPath(url);
          return path.ok ? service.installApplication({ path: path.value }) : path;
        }),
    },
    {
      method: "GET",
      path: "/admin-api/applications",
      permission: "read",
      answer: async () => ok({ data: { apps: (await service.applications()).map(applicationToWire) } }),
    },
    {
      method: "GET",
      path: "/admin-api/applications/:id",
      permission: "read",
      answer: (call) =>
        chain(id(call.id, "id"), async (wanted) => {
          const found = (await service.applications()).find((application) => application.id === wanted);
          return ok({ application: found === undefined ? null : applicationToWire(found) });
        }),
    },
  ];
}

function contextRoutes({ service }: AdminOptions): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/admin-api/contexts",
      permission: "read",
      answer: async () => ok({ data: { contexts: (await service.contexts()).map(contextToWire) } }),
    },
    {
      method: "POST",
      path: "/admin-api/contexts",
      permission: "admin",
      answer: ({ body }) =>
        chain(createContextBody(body, "body"), async (read) => {
          if (!isNothing(read.contextSeed)) return err("UNSUPPORTED", "contextSeed: the id of a context is not chosen");
          const initialization = initializationOf(read.initializationParams);
          if (!initialization.ok) return initialization;
          const { applicationId, serviceName } = read;
          return service.createContext({ applicationId, serviceName, ...initialization.value });
        }),
    },
    {
      method: "GET",
      path: "/admin-api/contexts/:id",
      permission: "read",
      answer: (call) =>
        chain(id(call.id, "id"), async (wanted) => {
          const found = await service.context(wanted);
          return found.ok ? ok(contextToWire(found.value)) : found;
        }),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/:id/application",
      permission: "admin",
      answer: ({ id: context, body }) =>
        chain(id(context, "id"), (contextId) => upgrade(service, contextId, upgradeContextBody(body, "body"))),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/sync",
      permission: "write",
      answer: () => chain(ok(undefined), () => service.requestSync()),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/sync/:id",
      permission: "write",
      answer: (call) => chain(id(call.id, "id"), (wanted) => service.requestSync(wanted)),
    },
    {
      method: "GET",
      path: "/admin-api/contexts/:id/limits",
      permission: "read",
      answer: (call) => chain(id(call.id, "id"), (wanted) => service.contextLimits(wanted)),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/:id/limits",
      permission: "admin",
      answer: ({ id: context, body }) =>
        chain(id(context, "id"), async (contextId) => {
          const read = limitsBody(body, "body");
          return read.ok ? service.setContextLimits({ contextId, ...read.value }) : read;
        }),
    },
    ...presenceRoutes(service),
    {
      method: "POST",
      path: "/admin-api/contexts/receipt",
      permission: "read",
      answer: ({ body }) => chain(receiptBody(body, "body"), (read) => service.receipt(withoutUndefined(read))),
    },
  ];
}

/** `executorPublicKey` is the 0.10 server's: a node takes part in a context as one member. */
async function upgrade(
  service: NodeService,
  contextId: string,
  body: Result<UpgradeContextBody>,
): Promise<Result<UpgradeOutcome>> {
  if (!body.ok) return body;
  const { applicationId, migrateMethod, dryRun } = body.value;
  if (migrateMethod !== undefined)
    return err("UNSUPPORTED", "migrateMethod: an application declares its migration, which runs by itself");
  return service.upgradeContext({ contextId, applicationId, ...(dryRun ? { dryRun } : {}) });
}

function presenceRoutes(service: NodeService): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/admin-api/contexts/:id/presence",
      permission: "read",
      answer: (call) => chain(id(call.id, "id"), (wanted) => service.presence(wanted)),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/presence",
      permission: "write",
      answer: ({ body }) =>
        chain(presenceBody(body, "body"), ({ contextId, data, ttlMs }) =>
          service.setPresence({ contextId, data, ...(ttlMs === undefined ? {} : { ttlMs }) }),
        ),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/presence/leave",
      permission: "write",
      answer: ({ body }) => chain(leavePresenceBody(body, "body"), (read) => service.leavePresence(read.contextId)),
    },
  ];
}

function memberRoutes({ service }: AdminOptions): readonly Route[] {
  const join = async (request: JoinRequest, signal: AbortSignal): Promise<Result<unknown>> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(JOIN_TIMEOUT_MS)]);
    try {
      return await service.join(request, { signal: limit });
    } catch (error) {
      if (limit.aborted) return err("TIMEOUT", "the context's state did not arrive in time: join again later");
      throw error;
    }
  };
  const identities = (path: string, owned: boolean): Route => ({
    method: "GET",
    path,
    permission: "read",
    answer: (call) =>
      chain(id(call.id, "id"), async (wanted) => {
        const found = await service.identities(wanted, { owned });
        return found.ok ? ok({ identities: found.value }) : found;
      }),
  });
  return [
    identities("/admin-api/contexts/:id/identities", false),
    identities("/admin-api/contexts/:id/identities-owned", true),
    {
      method: "POST",
      path: "/admin-api/identity/context",
      permission: "admin",
      answer: async () => ok({ data: await service.createIdentity() }),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/invite",
      permission: "admin",
      answer: ({ body }) =>
        chain(inviteBody(body, "body"), async (read) => {
          const invited = await service.invite(withoutUndefined(read));
          return invited.ok ? ok(invited.value.payload) : invited;
        }),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/invite_by_open_invitation",
      permission: "admin",
      answer: ({ body }) =>
        chain(openInviteBody(body, "body"), async ({ validForBlocks, ...read }) => {
          const validForMs = validForBlocks === undefined ? undefined : validForBlocks * 1000;
          const invited = await service.invite(withoutUndefined({ ...read, validForMs }));
          return invited.ok ? ok({ ticket: invited.value.payload }) : invited;
        }),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/role",
      permission: "admin",
      answer: ({ body }) => chain(setRoleBody(body, "body"), (read) => service.setRole(read)),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/remove-member",
      permission: "admin",
      answer: ({ body }) => chain(removeMemberBody(body, "body"), (read) => service.removeMember(read)),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/join",
      permission: "admin",
      answer: ({ body, signal }) => chain(joinBody(body, "body"), (read) => join(withoutUndefined(read), signal())),
    },
    {
      method: "POST",
      path: "/admin-api/contexts/join_by_open_invitation",
      permission: "admin",
      answer: ({ body, signal }) =>
        chain(joinOpenBody(body, "body"), ({ invitation, newMemberPublicKey: memberId }) =>
          join(withoutUndefined({ invitationPayload: invitation.ticket, memberId }), signal()),
        ),
    },
  ];
}

/** The next step of a request that has been read, its value under `data`. */
async function chain<T>(
  read: Result<T>,
  next: (value: T) => Promise<Result<unknown>>,
): Promise<Result<{ readonly data: unknown }>> {
  if (!read.ok) return read;
  const answered = await next(read.value);
  return answered.ok ? ok({ data: answered.value }) : answered;
}

/** Only what lies on this machine: fetching what a request names would let it reach into the network. */
function fileUrlToPath(url: string): Result<string> {
  if (!url.startsWith("file:///")) return err("UNSUPPORTED", "url must be a file:/// URL of this machine");
  try {
    return ok(fileURLToPath(url));
  } catch {
    return err("PARAMS_INVALID", "body.url is not a valid file URL");
  }
}

/** Clients of the 0.10 server send empty parameters, as bytes or as the bytes of an empty object. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (!Array.isArray(value)) return false;
  return value.length === 0 || (value.length === 2 && value[0] === 0x7b && value[1] === 0x7d);
}

/** Arguments for `init`, which clients send as the bytes of a JSON object. */
function initializationOf(value: unknown): Result<{ readonly initialization?: unknown }> {
  if (value === undefined || value === null || value === "") return ok({});
  if (isNothing(value)) return ok({ initialization: {} });
  const isBytes = Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 0xff);
  const text = isBytes ? utf8ToString(Uint8Array.from(value as number[])) : undefined;
  try {
    const parsed: unknown = JSON.parse(text ?? "");
    if (typeof parsed === "object" && parsed !== null) return ok({ initialization: parsed });
  } catch {
    // Told below.
  }
  return err("PARAMS_INVALID", "initializationParams are the bytes of a JSON object");
}

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
}
