/** Limits of records. A local write that exceeds one is refused; a decoder refuses what no honest writer makes. */

/** UTF-8 bytes of a document's id: room for any id that people use, and cell keys stay short. */
export const RECORD_ID_BYTES_MAX = 256;
/** UTF-8 bytes of a field's name. */
export const FIELD_NAME_IN_RECORD_BYTES_MAX = 128;
/** Fields of one document that a local write may make. */
export const RECORD_FIELDS_MAX = 1_024;
/** Fields that a decoder takes: what several writers made at the same time joins to more than each may write. */
export const RECORD_FIELDS_DECODED_MAX = 65_536;
/** Fields of a record whose shape is shared with other records: so wide ones are few, and cost too much to look up. */
export const SHAPE_FIELDS_SHARED_MAX = 64;
/** Shapes of records that are shared: more than applications have, and few enough that made-up ones fill no memory. */
export const SHAPES_SHARED_MAX = 1_024;
/** Elements of one set field, tombstones included: beyond some thousands a set of its own is the better place. */
export const RECORD_ELEMENTS_MAX = 65_536;
/** Encoded bytes that one document may have after a local write: large things are texts, lists or blobs of their own. */
export const RECORD_BYTES_MAX = 1_048_576;
/** Records in memory that are neither changed nor pinned, by an estimate of their bytes, unless the opener says else. */
export const RECORD_CACHE_BYTES_DEFAULT = 67_108_864;
