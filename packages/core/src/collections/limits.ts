/** Limits of collections: what a document, an index and a query may take. */

/** UTF-8 bytes of a document's id, as the records container has it. */
export const DOCUMENT_ID_BYTES_MAX = 256;
/** Fields of one schema: far above what a form has, and a bound on what a record's readers walk. */
export const SCHEMA_FIELDS_MAX = 256;
/** UTF-8 bytes of the name of a collection, a field or an index. */
export const NAME_BYTES_MAX = 128;
/** Indexes of one collection: each costs every write a row. */
export const INDEXES_MAX = 64;
/**
 * Bytes of one column of an index key. A longer one keeps its beginning and a hash, so that equality stays exact and
 * order holds up to there; with context, table and id a row's key stays below the 1900 bytes of a store.
 */
export const INDEX_COLUMN_BYTES_MAX = 256;
/** Columns of one index. */
export const INDEX_COLUMNS_MAX = 4;
/** Keys that one document may have in one index: words of a text, elements of a set. The first ones count. */
export const KEYS_PER_DOCUMENT_MAX = 1024;
/** UTF-16 units of a word in a text index: longer ones are cut, in texts and in searches alike. */
export const WORD_UNITS_MAX = 64;
/** Rows that a query reads at once, and documents that an iteration does. */
export const READ_PAGE_ROWS = 256;
/** Documents whose index keys are written in one commit while an index is built. */
export const BUILD_PAGE_DOCUMENTS = 512;
/** Nesting that is looked at in a value that was handed in; the codec's own limit is below it. */
export const INPUT_DEPTH_MAX = 64;
/** Bytes of one line of an import. */
export const IMPORT_LINE_BYTES_MAX = 8_388_608;
/** Documents that an import writes in one commit. */
export const IMPORT_PAGE_DOCUMENTS = 500;
/** Containers around a nested one on the way to its document: more than that, and its changes wake nobody. */
export const OWNER_DEPTH_MAX = 64;
/** Bytes of a word of a text index: three for each of its UTF-16 units. */
export const WORD_BYTES_MAX: number = 3 * WORD_UNITS_MAX;
/** Deltas, and bytes of them, that an index of a text's words takes in at once: a page of its commit. */
export const TEXT_LOG_DELTAS = 1_024;
export const TEXT_LOG_BYTES = 1_000_000;
