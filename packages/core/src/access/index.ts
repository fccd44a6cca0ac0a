export { type Cut, Cuts, EMPTY_CUT, type Said } from "./cuts.ts";
export type { Epoch, Epochs } from "./epochs.ts";
export { type Invitation, type InvitationErrorCode, signInvitation, verifyInvitation } from "./invitation.ts";
export {
  ACTORS_PER_MEMBER_MAX,
  BOXES_HANDED_MAX,
  EPOCH_MEMBERS_MAX,
  EPOCHS_WRAPPED_MAX,
  INVITATION_BYTES_MAX,
  INVITATION_USES_MAX,
} from "./limits.ts";
export type { AccessState } from "./state.ts";
export {
  decodeStatement,
  type EpochStatement,
  encodeStatement,
  type MemberBox,
  NONCE_BYTES,
  type Role,
  roleOfRank,
  roleRank,
  type Statement,
  type WrappedKey,
} from "./statement.ts";
export { TICKET_CHARS_MAX, type Ticket, type TicketErrorCode, textToTicket, ticketToText } from "./ticket.ts";
