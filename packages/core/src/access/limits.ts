/** Limits of membership. */

/** Installations that one member may write from in a context. */
export const ACTORS_PER_MEMBER_MAX = 16;
/** An encoded invitation, signature included. */
export const INVITATION_BYTES_MAX = 4_096;
/** Network addresses that an invitation names. */
export const INVITATION_ADDRESSES_MAX = 16;
/** One network address of an invitation. */
export const INVITATION_ADDRESS_BYTES_MAX = 256;
/** Members that may join by one invitation. */
export const INVITATION_USES_MAX = 1_000_000;
/** Members that one epoch's key is sealed to when it starts; others are handed it. */
export const EPOCH_MEMBERS_MAX = 4_096;
/** Keys of epochs that a redeemer hands to who joins, so that they fit a frame: the latest ones. */
export const BOXES_HANDED_MAX = 4_096;
/** Keys of earlier epochs that one epoch wraps. */
export const EPOCHS_WRAPPED_MAX = 64;
