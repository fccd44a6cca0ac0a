export { type AccessState, type Cut, Cuts, EMPTY_CUT } from "./cuts.ts";
export { type Invitation, type InvitationErrorCode, signInvitation, verifyInvitation } from "./invitation.ts";
export { ACTORS_PER_MEMBER_MAX, INVITATION_BYTES_MAX, INVITATION_USES_MAX } from "./limits.ts";
export {
  decodeStatement,
  encodeStatement,
  NONCE_BYTES,
  type Role,
  roleOfRank,
  roleRank,
  type Statement,
} from "./statement.ts";
