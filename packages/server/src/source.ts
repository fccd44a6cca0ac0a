/**
 * Where a request comes from, judged before anything else is, on every request and upgrade alike.
 *
 * Invariant: nothing is answered to a request whose `Host` is not this server's own (so a name that an attacker
 * points at 127.0.0.1 is of no use) or whose `Origin`, when there is one, is not served (so another page in the same
 * browser cannot reach it). Cookies are never used, so an absent `Origin` leaves only the token to be judged.
 */
import type { IncomingMessage } from "node:http";
import { err, ok, type Result } from "@dunlin/core/base";

/** What of a request is looked at. `rawHeaders` shows a header that was sent twice. */
export type SourceRequest = Pick<IncomingMessage, "headers" | "rawHeaders" | "url">;

const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];
const DEFAULT_PORT = 80;

/** The `Host` values of a loopback server at a port. */
export function ownHosts(port: number): readonly string[] {
  const hosts = LOOPBACK_NAMES.map((name) => `${name}:${port}`);
  return port === DEFAULT_PORT ? [...hosts, ...LOOPBACK_NAMES] : hosts;
}

/** Yields the request's `Origin` when it has one that is served. */
export function checkSource(
  request: SourceRequest,
  served: { readonly port: number; readonly origins: readonly string[] },
): Result<string | undefined> {
  const hosts = ownHosts(served.port);
  const host = request.headers.host;
  // The absolute form of a target would overrule Host (RFC 9112, 3.2.2): only the origin form is served.
  const foreignTarget = request.url?.startsWith("/") !== true;
  if (foreignTarget || host === undefined || countHeader(request, "host") !== 1 || !hosts.includes(host)) {
    return err("HOST_REFUSED", `the Host header must be one of ${hosts.join(", ")}`);
  }
  const origin = request.headers.origin;
  if (origin === undefined) return ok(undefined);
  const own = hosts.some((name) => origin === `http://${name}`);
  if (countHeader(request, "origin") !== 1 || !(own || served.origins.includes(origin))) {
    return err("ORIGIN_REFUSED", "this page's origin is not served by this node");
  }
  return ok(origin);
}

function countHeader(request: SourceRequest, name: string): number {
  let count = 0;
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    if (request.rawHeaders[at]?.toLowerCase() === name) count++;
  }
  return count;
}
