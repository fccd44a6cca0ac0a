/** Every limit of the network, with its reason. What a peer can make this node hold or do is bounded here. */

/** A frame holds a batch of deltas or a page of a snapshot; larger things are split by the layer above. */
export const FRAME_BYTES_MAX: number = 1 << 20;
/** Memory taken on the word of a length prefix alone; more is taken as the bytes arrive. */
export const FRAME_TRUSTED_BYTES: number = 1 << 16;

/** Frames that wait for a slow peer: beyond it the sync session is the cheaper way to catch up. */
export const QUEUE_FRAMES_MAX = 4096;
/** Bytes that wait for a slow peer; 128 peers at the cap are half a gigabyte. Holds at least four largest frames. */
export const QUEUE_BYTES_MAX: number = 4 << 20;
/** Frames go to the stream in batches of this size: with the muxer's header, one packet of the encryption (65519). */
export const BATCH_BYTES = 65_000;

/** All connections, in both directions: about 8 MB each at worst (queue, and what the stream buffers). */
export const CONNECTIONS_MAX = 128;
/** Of all connections, those that others may open: strangers cannot use up what this node needs for its own dials. */
export const INBOUND_SHARE = 0.75;
/** Connections of one peer: one in use, one that is dialled at the same time, one that replaces a dead one. */
export const CONNECTIONS_PER_PEER_MAX = 4;
/** Inbound connections that have not finished their handshake. */
export const INBOUND_PENDING_MAX = 32;
/** New connections per second from one host; a whole office may stand behind one address. */
export const INBOUND_PER_HOST_PER_SECOND = 64;
/** Streams per connection and direction: this protocol, identify, and room for two in negotiation. */
export const STREAMS_PER_CONNECTION_MAX = 4;

/** From the opening of a connection to the end of both greetings. */
export const GREETING_DEADLINE_MS = 10_000;
export const DIAL_DEADLINE_MS = 10_000;
/** Addresses tried for one peer, and peers kept connected: both come from configuration and invitations. */
export const ADDRESSES_PER_DIAL_MAX = 16;
export const KEPT_PEERS_MAX = 1024;

/** An idle stream carries an empty frame this often, below the usual 30 s of middleboxes that forget connections. */
export const KEEP_ALIVE_MS = 15_000;
/** A peer that sends nothing for this many keep-alive periods (45 s) is dead. */
export const SILENT_PERIODS_MAX = 3;
/** A frame that is not complete after this many periods (60 s) is held open on purpose, or the link is useless. */
export const FRAME_PERIODS_MAX = 4;
/** A peer that accepts no byte for this many periods (60 s) while some wait is not reading. */
export const STALLED_PERIODS_MAX = 4;

/** Dials at once: more make each other slow, as set-up is bound by the processor. */
export const DIALS_AT_ONCE_MAX = 4;
/** Between the starts of two dials, so that nodes started together do not all dial in one moment. */
export const DIAL_STAGGER_MS = 25;
export const RECONNECT_FIRST_MS = 1000;
export const RECONNECT_MAX_MS = 30_000;
/** A connection that lived this long starts the next backoff from the beginning. */
export const STABLE_AFTER_MS = 30_000;

/** How often a node asks the local network who is there; each that is there answers. */
export const DISCOVERY_INTERVAL_MS = 30_000;
/** Addresses of one node that are taken from what the local network claims. */
export const DISCOVERY_ADDRESSES_MAX = 4;
