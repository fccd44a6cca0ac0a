/**
 * The routes of blobs, in the shapes of the 0.10 server: bodies that stream both ways, and never lie whole in memory.
 *
 *   PUT    /admin-api/blobs?hash=&context_id=   the raw body; base58 of its SHA-256, and a context to give it to
 *   GET    /admin-api/blobs                     all blobs of this node
 *   GET    /admin-api/blobs/:id?context_id=     the content, or the range that `Range` asks for (RFC 9110, section 14)
 *   HEAD   the same without the content;   DELETE   unless a context has it
 *
 * Content is served as bytes of no type: what members share must not run as a page of this origin.
 */
import { Readable } from "node:stream";
import { type BlobSummary, type NodeService, id as readId } from "@dunlin/api";
import { bytesToHex, must, type Result, textToId } from "@dunlin/core/base";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "./failure.ts";
import type { Permission } from "./route.ts";

export interface BlobRoute {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly path: string;
  readonly permission: Permission;
}

type Handler = (service: NodeService, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

interface Query {
  readonly hash?: unknown;
  readonly context_id?: unknown;
}

const ALL = "/admin-api/blobs";
const ONE = "/admin-api/blobs/:id";
const BYTES = "application/octet-stream";

const HANDLERS: readonly (BlobRoute & { readonly handler: Handler })[] = [
  { method: "PUT", path: ALL, permission: "write", handler: put },
  { method: "GET", path: ALL, permission: "read", handler: list },
  { method: "GET", path: ONE, permission: "read", handler: content },
  { method: "HEAD", path: ONE, permission: "read", handler: head },
  { method: "DELETE", path: ONE, permission: "write", handler: remove },
];

export const BLOB_ROUTES: readonly BlobRoute[] = HANDLERS.map(({ method, path, permission }) => ({
  method,
  path,
  permission,
}));

/** In a scope of its own: there a body of any type is a stream, of any length. */
export function addBlobRoutes(app: FastifyInstance, service: NodeService): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, taken) => taken(null, payload));
    for (const { method, path, permission, handler } of HANDLERS) {
      scope.route({
        method,
        url: path,
        bodyLimit: Number.MAX_SAFE_INTEGER,
        config: { permission },
        handler: (request, reply) => handler(service, request, reply),
      });
    }
    done();
  });
}

async function put(service: NodeService, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { hash, context_id } = request.query as Query;
  const length = request.headers["content-length"];
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  const stored = value(
    await service.putBlob(body as AsyncIterable<Uint8Array>, {
      hash: optionalId(hash, "hash"),
      contextId: optionalId(context_id, "context_id"),
      size: length === undefined ? undefined : Number(length),
    }),
  );
  return json(reply, { data: { blob_id: stored.id, size: stored.size } });
}

async function list(service: NodeService, _request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const blobs = await service.blobs();
  return json(reply, { data: { blobs: blobs.map(({ id, size }) => ({ blob_id: id, size })) } });
}

async function content(service: NodeService, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const blob = await find(service, request);
  const range = rangeOf(request.headers.range, blob.size);
  describe(reply, blob);
  if (range === "unsatisfiable") {
    return reply.status(416).header("Content-Range", `bytes */${blob.size}`).send();
  }
  const { start, end } = range ?? { start: 0, end: blob.size };
  if (range) reply.status(206).header("Content-Range", `bytes ${start}-${end - 1}/${blob.size}`);
  return reply.header("Content-Length", end - start).send(Readable.from(service.readBlob(blob.id, { start, end })));
}

async function head(service: NodeService, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const blob = await find(service, request);
  describe(reply, blob);
  return reply.header("Content-Length", blob.size).send();
}

async function remove(service: NodeService, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const id = value(readId((request.params as { readonly id?: unknown }).id, "id"));
  const { deleted } = value(await service.deleteBlob(id));
  return json(reply, { blob_id: id, deleted });
}

async function find(service: NodeService, request: FastifyRequest): Promise<BlobSummary> {
  const id = value(readId((request.params as { readonly id?: unknown }).id, "id"));
  const contextId = optionalId((request.query as Query).context_id, "context_id");
  return value(await service.blob(id, contextId === undefined ? {} : { contextId }));
}

function describe(reply: FastifyReply, { id, hash }: BlobSummary): void {
  const hex = bytesToHex(must(textToId(hash), "a hash in base58"));
  reply.header("Content-Type", BYTES).header("Content-Disposition", "attachment").header("Accept-Ranges", "bytes");
  reply.header("ETag", `"${hex}"`).header("Cache-Control", "private, max-age=3600, immutable");
  reply.header("X-Blob-ID", id).header("X-Blob-Hash", hex).header("X-Blob-MIME-Type", BYTES);
}

/** One range of bytes; undefined for none, and for a form that need not be understood. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  const [first = "", last = ""] = match?.slice(1) ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : "unsatisfiable";
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start < size ? { start, end } : "unsatisfiable";
}

function optionalId(text: unknown, name: string): string | undefined {
  return text === undefined || text === "" ? undefined : value(readId(text, name));
}

function json(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(body);
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Refusal(result.error);
  return result.value;
}
