/** Imported public keys that Node's verifier keeps: importing costs twice what verifying does. Some 2 MB at most. */
export const IMPORTED_KEYS_MAX = 4096;

/**
 * The longest HKDF output in bytes: RFC 5869 counts blocks of 32 in one byte.
 */
export const HKDF_OUTPUT_BYTES_MAX: number = 255 * 32;
