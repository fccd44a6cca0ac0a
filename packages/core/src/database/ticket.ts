/** Tickets to a database: invitations that go with the secret of their bearer (`access/ticket.ts`). */
import { INVITATION_USES_MAX, NONCE_BYTES, type Role, signInvitation, ticketToText } from "../access/index.ts";
import type { Clock, ContextId, Random, Signer } from "../base/index.ts";
import { CollectionError } from "../collections/index.ts";
import { type Crypto, createSigner, SEED_BYTES } from "../crypto/index.ts";

const ROLES: readonly Role[] = ["reader", "writer", "admin"];

export type InviteErrorCode =
  /** An invitation with a role, a number of uses or a time that cannot be. */
  "INVITE_INVALID";

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
    redeemer: inviter.publicKey,
    redeemerPeer: "",
    redeemerAddresses: [],
  });
  return ticketToText({ bytes, bearerSecret });
}
