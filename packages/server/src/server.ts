/**
 * HTTP and WebSocket over a node, on loopback.
 *
 * Every request passes, in this order: the checks of `Host` and `Origin` (before the framework sees it), the router,
 * the permission that its route declares, and only then its body is read. What no route declares is refused.
 * RFC 9110 and 9112 (HTTP), RFC 6455 (WebSocket), RFC 6750 (bearer tokens), the Fetch standard (CORS).
 */
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BODY_BYTES_MAX, errorMapping, type NodeService, parseJsonBytes } from "@dunlin/api";
import { type Clock, type Failure, type Log, ok, type Scheduler } from "@dunlin/core/base";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { createAdminRoutes } from "./admin-routes.ts";
import { addBlobRoutes, BLOB_ROUTES, type BlobRoute } from "./blob-routes.ts";
import { type Credentials, createCredentials } from "./credentials.ts";
import { Refusal, toFailure } from "./failure.ts";
import { createRpcRoute } from "./json-rpc.ts";
import * as limits from "./limits.ts";
import { openPage, PAGE_POLICY, type Page } from "./page.ts";
import type { Permission, Route } from "./route.ts";
import { ServerFailure } from "./server-failure.ts";
import { createSocketHub } from "./socket-hub.ts";
import { checkSource } from "./source.ts";
import { type Turn, Turns } from "./turns.ts";

export interface ServerOptions {
  readonly service: NodeService;
  /** `host` is 127.0.0.1, ::1 or localhost; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The operator's token, at least 32 characters. */
  readonly token: string;
  /** The folder of the application's page, served under `/app/`. */
  readonly staticDir?: string;
  /** Origins of pages served elsewhere that may call, such as `http://localhost:5173`; none when absent. */
  readonly origins?: readonly string[];
  readonly log: Log;
  readonly clock?: Clock;
  readonly scheduler?: Scheduler;
}

export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Every route with what it demands, for tests and documents. */
  readonly routes: readonly KnownRoute[];
  /** Ends sockets, waits a moment for answers under way, then closes. */
  close(): Promise<void>;
}

type KnownRoute = Pick<Route, "method" | "path" | "permission"> | BlobRoute;

declare module "fastify" {
  interface FastifyContextConfig {
    readonly permission?: Permission;
  }
}

const LOOPBACK_HOSTS = ["127.0.0.1", "::1", "localhost"];
const VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": PAGE_POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const systemClock: Clock = { now: () => Date.now() };
const systemScheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/** Rejects with a `ServerFailure`. */
export async function openServer(options: ServerOptions): Promise<Server> {
  const { service, listen, token, origins = [], log, clock = systemClock, scheduler = systemScheduler } = options;
  if (!LOOPBACK_HOSTS.includes(listen.host)) {
    throw new ServerFailure(
      "HOST_NOT_LOOPBACK",
      `the server binds to ${LOOPBACK_HOSTS.join(", ")}, not ${listen.host}`,
    );
  }
  const page = options.staticDir === undefined ? undefined : await openPage(options.staticDir);
  const credentials = createCredentials({ token, clock });
  const routes = [createRpcRoute({ service, log }), ...createAdminRoutes({ service, credentials })];
  const turnByRequest = new WeakMap<IncomingMessage, Turn>();
  const { app, http } = createApplication({ origins, log, turnByRequest });
  addGuard(app, credentials);
  for (const route of routes) addRoute(app, route, turnByRequest);
  addBlobRoutes(app, service);
  const known = [...routes, ...BLOB_ROUTES];
  for (const path of new Set(known.map((route) => route.path))) addVerbRefusal(app, path, known);
  addPage(app, page);
  addFailures(app, log);

  const host = listen.host === "localhost" ? "127.0.0.1" : listen.host;
  await app.listen({ host, port: listen.port }).catch(async (error: unknown) => {
    await app.close();
    throw listenFailure(error, host, listen.port);
  });
  const { port } = http.address() as AddressInfo;
  const hub = createSocketHub({ service, credentials, origins, scheduler, log });
  http.on("upgrade", (request, socket, head) => hub.upgrade(request, socket, head));
  log.log("info", "server.listening", { host, port });

  const close = async (): Promise<void> => {
    hub.close();
    const cancel = scheduler.after(limits.CLOSE_GRACE_MS, () => http.closeAllConnections());
    await app.close();
    cancel();
  };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    routes: known.map(({ method, path, permission }) => ({ method, path, permission })),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface ApplicationOptions {
  readonly origins: readonly string[];
  readonly log: Log;
  /** Filled here, in the order of arrival. */
  readonly turnByRequest: WeakMap<IncomingMessage, Turn>;
}

function createApplication(options: ApplicationOptions): { app: FastifyInstance; http: HttpServer } {
  const { origins, log, turnByRequest } = options;
  const turns = new Turns();
  let inFlight = 0;
  let http: HttpServer | undefined;
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      maxParamLength: limits.PATH_PARAMETER_CHARS_MAX,
    },
    serverFactory(handle) {
      const server = createServer(
        {
          maxHeaderSize: limits.HEADER_BYTES_MAX,
          headersTimeout: limits.HEADERS_TIMEOUT_MS,
          requestTimeout: limits.REQUEST_TIMEOUT_MS,
          keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
          connectionsCheckingInterval: limits.TIMEOUT_CHECK_MS,
        },
        (request, response) => {
          if (!passes(request, response, origins, inFlight)) return;
          inFlight++;
          const turn = turns.take(request.socket);
          turnByRequest.set(request, turn);
          response.once("close", () => {
            inFlight--;
            turn.end();
          });
          handle(request, response);
        },
      );
      server.maxConnections = limits.CONNECTIONS_MAX;
      server.maxRequestsPerSocket = limits.REQUESTS_PER_CONNECTION_MAX;
      http = server;
      return server;
    },
    frameworkErrors: (error, _request, reply) => send(reply as unknown as FastifyReply, toFailure(error, log)),
  });
  if (http === undefined) throw new Error("the framework made no server");
  return { app, http };
}

/** Before the framework: where the request comes from, and preflights. Answers what it does not let pass. */
function passes(
  request: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
  inFlight: number,
): boolean {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const source = checkSource(request, { port: request.socket.localPort ?? 0, origins });
  if (!source.ok) return end(response, source.error);
  if (source.value !== undefined) {
    response.setHeader("Access-Control-Allow-Origin", source.value);
    response.setHeader("Vary", "Origin");
  }
  if (inFlight >= limits.REQUESTS_IN_FLIGHT_MAX) {
    return end(response, { code: "BUSY", message: "too many requests at once: try again" });
  }
  if (request.method !== "OPTIONS") return true;
  response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE");
  response.setHeader("Access-Control-Allow-Headers", "authorization, content-type");
  response.writeHead(204).end();
  return false;
}

function end(response: ServerResponse, failure: Failure): false {
  response.setHeader("Connection", "close");
  response.writeHead(errorMapping(failure.code).status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify({ error: failure.message, code: failure.code }));
  return false;
}

/** A route without a permission, and a path without a route, ask for a token like any other. */
function addGuard(app: FastifyInstance, credentials: Credentials): void {
  app.addHook("onRequest", async (request, reply) => {
    const permission = request.routeOptions.config.permission ?? "admin";
    if (permission === "open" || credentials.isBearer(request.headers.authorization)) return;
    reply.header("WWW-Authenticate", "Bearer");
    throw new Refusal({ code: "UNAUTHORIZED", message: "send the node's token as Authorization: Bearer" });
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    const parsed = body.length === 0 ? ok(undefined) : parseJsonBytes(body as Buffer);
    if (parsed.ok) done(null, parsed.value);
    else done(new Refusal(parsed.error));
  });
}

function addRoute(app: FastifyInstance, route: Route, turnByRequest: WeakMap<IncomingMessage, Turn>): void {
  const { method, path, permission, answer, type = "application/json; charset=utf-8" } = route;
  app.route({
    method,
    url: path,
    config: { permission },
    async handler(request: FastifyRequest, reply: FastifyReply) {
      const { id } = request.params as { readonly id?: string };
      const turn = turnByRequest.get(request.raw);
      const answered = await answer({
        id,
        body: request.body,
        signal: () => goneSignal(reply),
        inTurn: (start) => (turn === undefined ? start() : turn.run(start)),
      });
      if (!answered.ok) return send(reply, answered.error);
      return reply.type(type).send(answered.value);
    },
  });
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return gone.signal;
}

/** The other verbs of a known path, under the strictest permission that the path has. */
function addVerbRefusal(app: FastifyInstance, path: string, routes: readonly KnownRoute[]): void {
  const known: string[] = routes.filter((route) => route.path === path).map((route) => route.method);
  app.route({
    method: VERBS.filter((verb) => !known.includes(verb)),
    url: path,
    config: { permission: "admin" },
    handler: (_request, reply) =>
      send(reply.header("Allow", known.join(", ")), { code: "VERB_REFUSED", message: `use ${known.join(" or ")}` }),
  });
}

/** Open to all: a browser sends no token when it opens a page, and the files hold no secret. */
function addPage(app: FastifyInstance, page: Page | undefined): void {
  const config = { permission: "open" } as const;
  app.get("/", { config }, (_request, reply) => reply.redirect("/app/", 302));
  app.get("/app", { config }, (_request, reply) => reply.redirect("/app/", 302));
  app.get("/app/*", { config }, async (request, reply) => {
    const file = await page?.read((request.params as { readonly "*": string })["*"]);
    if (file === undefined) return send(reply, { code: "ROUTE_UNKNOWN", message: "no such file" });
    return reply.type(file.type).send(file.bytes);
  });
}

function addFailures(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, _request, reply) => send(reply, toFailure(error, log)));
  app.setNotFoundHandler((_request, reply) => send(reply, { code: "ROUTE_UNKNOWN", message: "no such route" }));
}

/** The shape of the 0.10 server's admin errors, with the code beside. */
function send(reply: FastifyReply, failure: Failure): FastifyReply {
  return reply
    .status(errorMapping(failure.code).status)
    .type("application/json; charset=utf-8")
    .send({ error: failure.message, code: failure.code });
}

function listenFailure(error: unknown, host: string, port: number): ServerFailure {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    return new ServerFailure(
      "PORT_TAKEN",
      `port ${port} is taken: stop what listens there, or set another server.port`,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ServerFailure("LISTEN_FAILED", `cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}
