export type ModuleErrorCode =
  /** Not a WebAssembly module, or one that does not validate. */
  | "MODULE_MALFORMED"
  /** Uses what applications may not: threads, vectors, shared memory, an import that is no function. */
  | "MODULE_UNSUPPORTED"
  /** More bytes, memory, functions or locals than an application may have. */
  | "MODULE_TOO_LARGE"
  /** Imports what the host does not have. */
  | "IMPORT_UNKNOWN"
  /** Imports a host function with other parameters or results than it has. */
  | "IMPORT_SIGNATURE";
