/** Limits of the contract: how much a request may hold before it is refused. The unit is in the name. */

/** One request body, or the text of one call's arguments: a document of edits fits, a flood does not. */
export const BODY_BYTES_MAX: number = 1024 * 1024;
/** Nesting of JSON: `JSON.stringify` overflows the stack far above it, and no honest message comes near. */
export const JSON_DEPTH_MAX = 64;
/** A method's name: the 0.10 server's limit. */
export const METHOD_CHARS_MAX = 256;
/** The name of a service: what a bundle's manifest has room for. */
export const SERVICE_NAME_CHARS_MAX = 128;
/** A path or file URL on this machine: the 0.10 server's limit. */
export const PATH_CHARS_MAX = 4096;
/** An invitation in text: signed, with a few bootstrap addresses. */
export const INVITATION_CHARS_MAX = 8192;
/** Members that may join by one open invitation: as in core. */
export const INVITATION_USES_MAX = 1_000_000;
/** Contexts named in one subscribe message: more than a page shows. */
export const SUBSCRIBE_CONTEXTS_MAX = 256;
/** An invitation may be good for a year at most: a longer one is a mistake. */
export const INVITATION_VALID_MS_MAX: number = 365 * 24 * 60 * 60 * 1000;
/** How long a request may wait for a receipt: below what clients wait for an answer. */
export const RECEIPT_WAIT_MS_MAX = 20_000;
/** Installations that may be waited for: as many as a node keeps acknowledgements of. */
export const RECEIPT_COUNT_MAX = 1_024;
/** How long what a member shows of itself may live without being said again: as in core. */
export const PRESENCE_TTL_MS_MIN = 1_000;
export const PRESENCE_TTL_MS_MAX = 300_000;
/** A `requestId` in text, which every answer repeats. */
export const REQUEST_ID_CHARS_MAX = 128;
/** The file `config.json`: written by hand. */
export const CONFIG_BYTES_MAX = 65_536;
/** The place of an event among those of its delta, as a node keeps it: 16 bits. */
export const EVENTS_PER_DELTA_MAX = 65_535;
