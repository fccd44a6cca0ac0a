/** Limits of the sync protocol. */

/** One frame: the transport's own limit. */
export const FRAME_BYTES_MAX = 1_048_576;
/** Deltas in one reply or push go on in the next frame above this. */
export const DELTAS_PAGE_BYTES_SOFT = 262_144;
/** Deltas in one frame, as decoded from anybody. */
export const DELTAS_PER_FRAME_MAX = 4_096;
/** Pages that one pull may ask for: a round trip brings up to a megabyte. */
export const PULL_PAGES_MAX = 4;
/** Contexts offered in one frame; more go on in the next. */
export const OFFER_TAGS_MAX = 1_024;
/** Tags that are remembered of one peer: contexts it offered and this node has not opened yet. */
export const PEER_TAGS_MAX = 4_096;
/** Contexts shared with one peer. */
export const PEER_CHANNELS_MAX = 4_096;
/** Contexts named in one periodic message; more go on in the next. */
export const DIGEST_ENTRIES_MAX = 1_024;
/** Actors in one version vector. */
export const VECTOR_ACTORS_MAX = 16_384;
/** Heads named in one frame. */
export const STATE_HEADS_MAX = 1_024;
/** Ids asked for in one frame. */
export const PULL_WANTED_MAX = 256;
/** Missing ids of one context that a peer was asked for and did not have: asked again later and later. */
export const FRONTIER_ASKED_MAX = 1_024;
/** Deltas that wait for their flush here before the next page is asked for. */
export const PULL_BACKLOG_MAX = 4_096;
/** After this long without a page another peer may be asked for the same. */
export const PULL_PATIENCE_MS = 1_000;
/** Doubles with each failure in a row, from one second to this: how long a peer that fails is not asked. */
export const BACKOFF_MAX_MS = 256_000;
/** Doubles with each answer that does not bring what the peer had named, up to this. */
export const EMPTY_WAIT_MAX_MS = 16_000;
/** How often the engine looks after what waits. */
export const TICK_MS = 1_000;
/** What a peer announced may still be under way from elsewhere for so long; longer where it was seen to take longer. */
export const PATIENCE_MIN_MS = 500;
export const PATIENCE_MAX_MS = 10_000;
/** A parent that is missing is usually under way from its author, so it is asked for only after this, at least. */
export const FRONTIER_AFTER_MS = 150;
/** A session tells its state at most this often, whatever the peer's messages make it want to say. */
export const STATE_SPACING_MS = 1_000;
/** Own and forwarded deltas are gathered for at least so long under load; the first one goes at once. */
export const BATCH_WINDOW_MIN_MS = 8;
/** The longest that they are gathered for, however busy this node is. */
export const BATCH_WINDOW_MAX_MS = 250;
/** One frame per millisecond is what a node aims at: the window is at least a millisecond per neighbour. */
export const BATCH_WINDOW_PER_NEIGHBOUR_MS = 1;
/** Of a group that is not fully connected: what a member writes is a frame at each of the others. */
export const BATCH_WINDOW_PER_MEMBER_MS = 3;
/** What others write is gathered for a part of the window, at least as long as the shortest: each hop adds its own. */
export const FORWARDINGS_PER_WINDOW = 4;
/** So much that waits is sent without waiting for the window's end. */
export const BATCH_BYTES_SOFT = 131_072;
/** More than this is not pushed to a neighbour but announced, and pulled as it has room. */
export const BATCH_BYTES_MAX = 4_194_304;
/** How often, at most, a node tells a neighbour what it holds of authors that it does not forward to it. */
export const ANNOUNCE_MIN_MS = 1_000;
export const ANNOUNCE_MAX_MS = 4_000;
/** What was pulled is announced sooner: others may be waiting for it. */
export const ANNOUNCE_PULLED_MS = 100;
/** Announcements are this far apart for each neighbour, so that their number does not grow with the neighbours. */
export const ANNOUNCE_PER_NEIGHBOUR_MS = 100;
/** Announcements are so many windows apart, so that in a large or busy group they stay few beside what is pushed. */
export const ANNOUNCE_WINDOWS = 16;
/** Authors named in one routing frame. */
export const ROUTE_ACTORS_MAX = 1_024;
/** A neighbour that brings what the parent does not so many times in a row takes its place. */
export const STRAYS_MAX = 3;
/** An author's deltas that keep coming after this, although they were declined, are declined again. */
export const PRUNE_AGAIN_MS = 2_000;
/** Deltas that were refused of one peer before its connection is cut. */
export const PEER_REFUSED_MAX = 16;
/** Name of a failure on the wire. */
export const CODE_BYTES_MAX = 64;
/** Other members' nodes told of in one frame. */
export const PEERS_TOLD_MAX = 64;
/** Network addresses of one node. */
export const ADDRESSES_PER_PEER_MAX = 8;
/** One network address or peer id. */
export const ADDRESS_BYTES_MAX = 256;
/** Ranges asked about in one frame. */
export const RANGES_PER_FRAME_MAX = 16;
/** Parts that a range that differs is answered by, when it holds many. */
export const RANGE_PARTS = 16;
/** Ids that a range that differs is answered by, when it holds no more. */
export const RANGE_IDS_MAX = 64;
/** A larger context is not searched by ranges: its forks are followed id by id. */
export const RANGE_ITEMS_MAX = 1_000_000;
/** How long the sums of a search are kept for its next question. */
export const RANGE_KEPT_MS = 30_000;
/** Searches for what vectors cannot tell are so far apart, with one peer. */
export const RANGE_SEARCH_AGAIN_MS = 10_000;
/** Acknowledgements are told to a peer at most so often: a receipt of a lone write comes at once, of many a little later. */
export const RECEIPTS_INTERVAL_MS = 5_000;
/** In a group of more installations the interval grows in proportion: each checks a signature of every other in it. */
export const RECEIPTS_INSTALLATIONS = 20;
/** What acknowledgements may take of a connection and context on average; larger groups are told less often. */
export const RECEIPTS_BYTES_PER_SECOND = 8_192;
/** Acknowledgements in one frame: of all installations that are kept, and the sender's own. */
export const RECEIPTS_PER_FRAME_MAX = 1_025;
/** Acknowledgements go on in a later frame above this. */
export const RECEIPTS_BYTES_SOFT = 262_144;
/** Installations that a peer says it hears from themselves: as many as may be kept. */
export const HEARD_ACTORS_MAX = 1_024;
/** Acknowledgements of one peer that are kept because their members are not known here yet. */
export const RECEIPTS_EARLY_MAX = 64;
/** One that is kept so. */
export const RECEIPTS_EARLY_BYTES_MAX = 4_096;
/** What an installation shows of itself: a cursor, a selection, a name. */
export const PRESENCE_DATA_BYTES_MAX = 4_096;
/** How long it is shown unless it is said again: long enough to be said again in time, short enough to be true. */
export const PRESENCE_TTL_MS_MIN = 1_000;
export const PRESENCE_TTL_MS_MAX = 300_000;
/** A sequence is remembered for so long after its entry is gone. */
export const PRESENCE_REMEMBERED_MS = 600_000;
/** What is said within this goes out once. */
export const PRESENCE_SPACING_MS = 50;
/** Installations that are there in one context, in all and of one member. */
export const PRESENCES_MAX = 1_024;
export const PRESENCES_PER_MEMBER_MAX = 16;
/** Entries that are kept because their members are not known here yet. */
export const PRESENCES_EARLY_MAX = 64;
/** Entries in one frame: a quarter of a megabyte at most. */
export const PRESENCES_PER_FRAME_MAX = 64;
/** Entries that a peer may send of a context: more are passed over. */
export const PRESENCE_ENTRIES_PER_SECOND = 200;
export const PRESENCE_BURST_MAX = 2_048;
/** One entry: its data, and what stands around it. */
export const PRESENCE_BYTES_MAX = 4_352;
/** Hashes of a state's pages in one frame; more go on in the next. */
export const SNAPSHOT_HASHES_PER_FRAME_MAX = 8_192;
/** Bytes of a state's page in one frame: a page is larger only when it is a single cell. */
export const SNAPSHOT_PART_BYTES_MAX = 524_288;
/** Pages that one peer is asked for at a time. */
export const SNAPSHOT_PAGES_IN_FLIGHT = 8;
/** A peer that brings nothing of a snapshot for so long is set aside, and its pages are asked of others. */
export const SNAPSHOT_PATIENCE_MS = 5_000;
/** After so long without anything new of a snapshot deltas are pulled with their payloads, and missing ones by id. */
export const SNAPSHOT_GIVE_UP_MS = 60_000;
/** A peer's word that it has dropped what was asked for is acted on so seldom: until then other peers may have it. */
export const SNAPSHOT_NOTICE_SPACING_MS = 300_000;
/** Words of peers that wait until a context at rest is open: a proof of each peer that it may share, with room. */
export const RESTING_WORDS_MAX = 1_024;
