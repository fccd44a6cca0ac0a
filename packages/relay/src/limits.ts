/** Limits of the relay: what strangers can make it hold or do is bounded here. */

/** Connections in all; each costs some 20 KB when idle. */
export const CONNECTIONS_MAX = 4_096;
/** Connections from one address; a whole office may stand behind one. */
export const CONNECTIONS_PER_ADDRESS_MAX = 256;
/** From the opening of a connection to its join. */
export const JOIN_DEADLINE_MS = 10_000;
/** Bytes that wait for a slow peer before those who send to it are made to wait. */
export const WAITING_BYTES_MAX: number = 4 << 20;
/** A peer that has so much waiting and takes none of it for this long is let go of. */
export const STALLED_MS = 30_000;
/** How often idle connections are pinged, below the usual 30 s of middleboxes; one that missed a ping is dead. */
export const PING_INTERVAL_MS = 20_000;
/** How often senders that wait look whether they may go on. */
export const DRAIN_CHECK_MS = 10;
