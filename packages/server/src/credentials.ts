/**
 * Who may ask: the bearer of the node's token, or, for one socket, of a ticket that the token was exchanged for.
 *
 * Secrets are compared by their hashes in constant time. A ticket is good once, for 30 seconds, so that what appears
 * in a URL is worthless by the time anybody reads it there.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { assert, type Clock } from "@dunlin/core/base";
import { TICKET_LIFE_MS, TICKETS_MAX, TOKEN_CHARS_MIN } from "./limits.ts";

export interface Credentials {
  /** Whether an `Authorization` header bears the token. */
  isBearer(authorization: string | undefined): boolean;
  issueTicket(): { readonly ticket: string; readonly validForMs: number };
  /** True once for a ticket that lives. */
  redeemTicket(ticket: string): boolean;
}

const TICKET_BYTES = 32;
const SCHEME = "bearer ";

export function createCredentials(options: { readonly token: string; readonly clock: Clock }): Credentials {
  const { token, clock } = options;
  assert(token.length >= TOKEN_CHARS_MIN, `a token has at least ${TOKEN_CHARS_MIN} characters`);
  const tokenHash = hash(token);
  const expiryByTicketHash = new Map<string, number>();

  return {
    isBearer(authorization) {
      if (authorization?.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return false;
      return timingSafeEqual(hash(authorization.slice(SCHEME.length)), tokenHash);
    },
    issueTicket() {
      for (const [key, expiry] of expiryByTicketHash) {
        if (expiry > clock.now() && expiryByTicketHash.size < TICKETS_MAX) break;
        expiryByTicketHash.delete(key);
      }
      const ticket = randomBytes(TICKET_BYTES).toString("base64url");
      expiryByTicketHash.set(hash(ticket).toString("hex"), clock.now() + TICKET_LIFE_MS);
      return { ticket, validForMs: TICKET_LIFE_MS };
    },
    redeemTicket(ticket) {
      const key = hash(ticket).toString("hex");
      const expiry = expiryByTicketHash.get(key);
      expiryByTicketHash.delete(key);
      return expiry !== undefined && clock.now() < expiry;
    },
  };
}

function hash(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}
