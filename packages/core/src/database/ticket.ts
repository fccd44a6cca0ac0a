/**
 * A ticket: an invitation and the secret of its bearer, as one text that can be sent in a message or shown as a code.
 * Whoever has it can join, until it has expired or was used as often as it says: hand it over as one would a password.
 *
 *   base58 of: u8 1 | bearer's secret 32 | invitation
 *
 * Refused: text that is no ticket, an invitation that is not its inviter's, a secret that is not the one it names.
 */
import {
  INVITATION_BYTES_MAX,
  INVITATION_USES_MAX,
  type Invitation,
  NONCE_BYTES,
  type Role,
  signInvitation,
  verifyInvitation,
} from "../access/index.ts";
import {
  base58ToBytes,
  bytesEqual,
  bytesToBase58,
  type Clock,
  type ContextId,
  concatBytes,
  err,
  ok,
  type Random,
  type Result,
  type Signer,
} from "../base/index.ts";
import { CollectionError } from "../collections/index.ts";
import { type Crypto, createSigner, SEED_BYTES } from "../crypto/index.ts";

const VERSION = 1;
const ROLES: readonly Role[] = ["reader", "writer", "admin"];
const HEAD_BYTES: number = 1 + SEED_BYTES;
/** Base58 takes less than 1.4 characters per byte. */
const TICKET_CHARS_MAX: number = Math.ceil((HEAD_BYTES + INVITATION_BYTES_MAX) * 1.4);

export type TicketErrorCode =
  /** Not a ticket, or a damaged one. */
  | "TICKET_INVALID"
  /** An invitation with a role, a number of uses or a time that cannot be. */
  | "INVITE_INVALID";

export interface Ticket {
  readonly invitation: Invitation;
  /** The invitation as signed. */
  readonly bytes: Uint8Array;
  readonly bearerSecret: Uint8Array;
}

export interface InviteOptions {
  /** What the joiner may do. "writer" unless said. */
  readonly role?: Role;
  /** How many may join by it. 1 unless said. */
  readonly uses?: number;
  /** How long it is good for. Seven days unless said. */
  readonly validForMs?: number;
}

const VALID_MS = 604_800_000;
const DAY_MS = 86_400_000;
/** Ten years: an invitation that outlives its maker's memory is a hole. */
const VALID_MS_MAX = 3_650 * DAY_MS;

/** The text of a ticket to the inviter's database. Throws a `CollectionError` when the options are out of bounds. */
export function createTicket(
  ports: { readonly crypto: Crypto; readonly clock: Clock; readonly random: Random },
  inviter: Signer,
  context: ContextId,
  { role = "writer", uses = 1, validForMs = VALID_MS }: InviteOptions,
): string {
  if (!Number.isInteger(uses) || uses < 1 || uses > INVITATION_USES_MAX) {
    throw new CollectionError("INVITE_INVALID", `uses is a whole number from 1 to ${INVITATION_USES_MAX}`);
  }
  if (!(validForMs > 0 && validForMs <= VALID_MS_MAX)) {
    throw new CollectionError("INVITE_INVALID", "validForMs is above 0 and at most ten years");
  }
  if (!ROLES.includes(role)) throw new CollectionError("INVITE_INVALID", "role is admin, writer or reader");
  const bearerSecret = ports.random.bytes(SEED_BYTES);
  const bytes = signInvitation(ports.crypto, inviter, {
    context,
    inviter: inviter.publicKey,
    holder: { kind: "bearer", key: createSigner(ports.crypto, bearerSecret).publicKey },
    role,
    nonce: ports.random.bytes(NONCE_BYTES),
    uses,
    expiresMs: Math.floor(ports.clock.now() + validForMs),
    redeemerPeer: "",
    redeemerAddresses: [],
  });
  return ticketToText({ bytes, bearerSecret });
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
