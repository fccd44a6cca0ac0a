/** Limits of `.mpk` bundles. */

/** Bytes of a bundle as packed: a module at its limit hardly gets smaller. */
export const MPK_BYTES_MAX: number = 16 * 1024 * 1024;
/** Bytes of what is packed. */
export const MPK_UNPACKED_BYTES_MAX: number = 32 * 1024 * 1024;
/** Files in one. */
export const TAR_FILES_MAX = 256;
/** Services of one bundle: each is installed as an application. */
export const SERVICES_MAX = 16;
/** Bytes of a manifest. */
export const MANIFEST_BYTES_MAX: number = 64 * 1024;
/** Nesting of what is signed: the recursion of the canonical form. */
export const MANIFEST_DEPTH_MAX = 16;
/** Characters of a package's name, a version and a path. */
export const PACKAGE_CHARS_MAX = 128;
