/** Limits of the server: what one client may hold open or make it hold. The unit is in the name. */

/** Sockets at once: a browser opens six, so this serves dozens of pages and scripts. */
export const CONNECTIONS_MAX = 256;
/** Requests being answered at once; pipelining could otherwise pass the cap of connections. */
export const REQUESTS_IN_FLIGHT_MAX = 1024;
/** A connection is renewed after so many requests, so that none lives for ever. */
export const REQUESTS_PER_CONNECTION_MAX = 100_000;
/** All headers of one request. */
export const HEADER_BYTES_MAX = 16_384;
/** A client that does not finish its headers in this time is cut off. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** And one that does not finish its body. */
export const REQUEST_TIMEOUT_MS = 30_000;
export const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** How often the two above are looked at. */
export const TIMEOUT_CHECK_MS = 5000;
/** How long a join may wait for the context's state. */
export const JOIN_TIMEOUT_MS = 60_000;
/** How long closing waits for answers under way. */
export const CLOSE_GRACE_MS = 3000;
/** A path parameter: an id has at most 44 characters. */
export const PATH_PARAMETER_CHARS_MAX = 64;

/** A token shorter than this can be guessed. */
export const TOKEN_CHARS_MIN = 32;
/** A ticket is exchanged for a socket at once. */
export const TICKET_LIFE_MS = 30_000;
/** Tickets that live at once: the oldest goes first. */
export const TICKETS_MAX = 256;

/** WebSocket clients at once. */
export const SOCKETS_MAX = 64;
/** One message of a client: a subscription to a few hundred contexts. */
export const SOCKET_MESSAGE_BYTES_MAX = 65_536;
/** Contexts that one client follows. */
export const SUBSCRIPTIONS_MAX = 1024;
/** What waits for a slow client before it is closed with 1013. */
export const SOCKET_QUEUE_BYTES_MAX: number = 1024 * 1024;
export const SOCKET_QUEUE_FRAMES_MAX = 1024;
/** A client that has not answered the ping before is closed at the next. */
export const PING_INTERVAL_MS = 30_000;

/** Files of a page. */
export const PAGE_FILES_MAX = 256;
export const PAGE_DEPTH_MAX = 8;
export const PAGE_FILE_BYTES_MAX: number = 8 * 1024 * 1024;
