/**
 * A ticket: an invitation and the secret of its bearer, as one text that can be sent in a message or shown as a code.
 * Whoever has it can join, until it has expired or was used as often as it says: hand it over as one would a password.
 *
 *   base58 of: u8 1 | bearer's secret 32 | invitation
 *
 * Refused: text that is no ticket, an invitation that is not its inviter's, a secret that is not the one it names.
 */
import { base58ToBytes, bytesEqual, bytesToBase58, concatBytes, err, ok, type Result } from "../base/index.ts";
import { type Crypto, createSigner, SEED_BYTES } from "../crypto/index.ts";
import { type Invitation, verifyInvitation } from "./invitation.ts";
import { INVITATION_BYTES_MAX } from "./limits.ts";

const VERSION = 1;
const HEAD_BYTES: number = 1 + SEED_BYTES;
/** Base58 takes less than 1.4 characters per byte. */
export const TICKET_CHARS_MAX: number = Math.ceil((HEAD_BYTES + INVITATION_BYTES_MAX) * 1.4);

export type TicketErrorCode =
  /** Not a ticket, or a damaged one. */
  "TICKET_INVALID";

export interface Ticket {
  readonly invitation: Invitation;
  /** The invitation as signed. */
  readonly bytes: Uint8Array;
  readonly bearerSecret: Uint8Array;
}

export function ticketToText(ticket: Pick<Ticket, "bytes" | "bearerSecret">): string {
  return bytesToBase58(concatBytes(Uint8Array.of(VERSION), ticket.bearerSecret, ticket.bytes));
}

export function textToTicket(crypto: Crypto, text: string): Result<Ticket> {
  const all = base58ToBytes(text.trim(), TICKET_CHARS_MAX);
  if (all === undefined || all.length <= HEAD_BYTES || all[0] !== VERSION) return invalid("it is not one");
  const bearerSecret = all.slice(1, HEAD_BYTES);
  const bytes = all.slice(HEAD_BYTES);
  const verified = verifyInvitation(crypto, bytes);
  if (!verified.ok) return invalid(verified.error.message);
  const { holder } = verified.value;
  const isBearers = bytesEqual(createSigner(crypto, bearerSecret).publicKey, holder.key);
  if (holder.kind !== "bearer" || !isBearers) return invalid("its secret does not belong to its invitation");
  return ok({ invitation: verified.value, bytes, bearerSecret });
}

function invalid(why: string): Result<never> {
  return err<TicketErrorCode>("TICKET_INVALID", `not a valid ticket: ${why}`);
}
