/** Limits of the transports for databases without a node. */

/** A frame of sync: its own limit. */
export const LINK_FRAME_BYTES_MAX = 1_048_576;
/** What a relay carries: a sealed frame with the address before it. */
export const RELAY_MESSAGE_BYTES_MAX: number = LINK_FRAME_BYTES_MAX + 256;
/** Peers in one room: each keeps a session with each, so frames grow with the square. */
export const ROOM_PEERS_MAX = 64;
/** Peers that came and went during one connection to a relay: after that a new connection, which forgets them. */
export const KEYS_SEEN_MAX = 65_536;
/** A relay's access token. */
export const RELAY_TOKEN_BYTES_MAX = 1_024;
/** A reason on the wire. */
export const RELAY_REASON_BYTES_MAX = 256;
/** Bytes that wait for a slow peer: beyond it sync marks the peer as behind. Holds at least four largest frames. */
export const LINK_QUEUE_BYTES_MAX: number = 4 << 20;
/** The first wait before connecting again; it doubles, with jitter. */
export const RECONNECT_FIRST_MS = 500;
export const RECONNECT_MAX_MS = 30_000;
/** A connection that lived this long starts the next wait from the beginning. */
export const STABLE_AFTER_MS = 10_000;
/** Tabs that were parted from and are remembered. */
export const PARTED_MAX = 1_024;
/** How often a tab says that it is there. */
export const TAB_ALIVE_MS = 5_000;
/** A tab that was silent for this long is gone: browsers wake hidden tabs only once a minute. */
export const TAB_SILENT_MS = 150_000;
