/** Limits of the state of a context. A decoder refuses what exceeds them; a local write that would is refused. */

/** Nesting of arrays and objects in one value: bounds the recursion of every decoder, far above what people nest. */
export const VALUE_DEPTH_MAX = 32;
/** Elements and properties in one value, over all levels: bounds the objects that 1 MiB of zeros can unfold to. */
export const VALUE_ITEMS_MAX = 65_536;
/** Encoded bytes of one value: larger things are blobs, which are chunked and fetched on demand. */
export const VALUE_BYTES_MAX = 1_048_576;
/** Magnitude of a bigint: 4096 bits, the largest integers that cryptography passes around as numbers. */
export const BIGINT_BYTES_MAX = 512;
/** UTF-8 bytes of a map key, and canonical bytes of a set element: a cell key stays below the 1978 bytes of LMDB. */
export const ENTRY_KEY_BYTES_MAX = 1024;
/** UTF-8 bytes of the name of a root container. */
export const FIELD_NAME_BYTES_MAX = 256;
/** One actor's sums in a counter: two of them subtract exactly, and sums of many are exact in a bigint. */
export const COUNTER_SUM_MAX = 4_503_599_627_370_496;
/** Actors in one set element: 16 live ones for each of some 4000 members. */
export const SET_ACTORS_MAX = 65_536;
/** Keys of a container that are searched one by one: up to here that is quicker than a table, and most have fewer. */
export const KEYS_SCANNED_MAX = 8;

/** Places that a look-up of a key tries: chance never leads there in a table half full, keys made to collide do. */
export const KEY_PROBES_MAX = 256;

/** Containers in one joins blob. */
export const JOIN_CONTAINERS_MAX = 65_536;
/** Cells in one joins blob: what a decoder builds for a blob stays in the tens of megabytes. */
export const JOINS_MAX = 262_144;
/** Pages of the hash tree in memory that the store has, by an estimate of their bytes. */
export const TREE_BYTES_MAX = 67_108_864;
/** Bytes of one joins blob as decoded; who puts blobs into deltas asks a transaction for less. */
export const JOINS_BYTES_MAX = 16_777_216;

/** Entries of one page: what parsing a page at first touch costs stays below a millisecond. */
export const PAGE_ENTRIES_MAX = 4096;

/** Weight of the entries of one page, about its bytes: a page with more is split, unless it has one entry. */
export const PAGE_WEIGHT_MAX = 65_536;

/** Bytes of one page: above any page that is written, which is as large as its largest cell and 64 KiB. */
export const PAGE_BYTES_MAX = 8_388_608;
/** Bytes of one entry of a log: as of a value. */
export const LOG_ENTRY_BYTES_MAX = 1_048_576;
/** UTF-8 bytes of the name of a mark, such as "bold". */
export const MARK_NAME_BYTES_MAX = 256;
