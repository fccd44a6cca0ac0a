/** What each code is to those outside: one table. A code that is in none is a defect of this program. */
import type { ApiErrorCode } from "./errors.ts";

/** The `type` of a JSON-RPC error. */
export type RpcErrorType =
  | "ParseError"
  | "InternalError"
  | "FunctionCallError"
  | "ContextNotFound"
  | "Unauthorized"
  | "Uninitialized"
  | "ApplicationNotInstalled";

export interface ErrorMapping {
  readonly type: RpcErrorType;
  readonly status: number;
  readonly exit: number;
}

/** What a command ends with. Stable: scripts test for them. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  notFound: 5,
  failed: 6,
  config: 7,
  store: 8,
  busy: 9,
} as const;

const entry = (type: RpcErrorType, status: number, exit: number): ErrorMapping => ({ type, status, exit });
const INTERNAL = entry("InternalError", 500, EXIT.internal);
const parse = (status: number): ErrorMapping => entry("ParseError", status, EXIT.usage);
const called = (status: number): ErrorMapping => entry("FunctionCallError", status, EXIT.failed);
const stored = (status: number): ErrorMapping => entry("InternalError", status, EXIT.store);
const config = entry("InternalError", 500, EXIT.config);

export const ERROR_MAPPINGS: Readonly<Record<ApiErrorCode, ErrorMapping>> = {
  UNAUTHORIZED: entry("Unauthorized", 401, EXIT.refused),
  HOST_REFUSED: entry("Unauthorized", 403, EXIT.refused),
  ORIGIN_REFUSED: entry("Unauthorized", 403, EXIT.refused),
  ROUTE_UNKNOWN: entry("ParseError", 404, EXIT.notFound),
  VERB_REFUSED: parse(405),
  CONTENT_TYPE_REFUSED: parse(415),
  BODY_TOO_LARGE: parse(413),
  JSON_MALFORMED: parse(400),
  JSON_TOO_DEEP: parse(400),
  JSON_KEY_REFUSED: parse(400),
  PARAMS_INVALID: parse(400),
  RPC_METHOD_UNKNOWN: parse(400),
  UNSUPPORTED: parse(501),
  BUSY: entry("InternalError", 503, EXIT.busy),
  TIMEOUT: entry("InternalError", 504, EXIT.busy),

  CONTEXT_NOT_FOUND: entry("ContextNotFound", 404, EXIT.notFound),
  BLOB_NOT_FOUND: entry("FunctionCallError", 404, EXIT.notFound),
  BLOB_TOO_LARGE: entry("ParseError", 413, EXIT.refused),
  BLOB_MISMATCH: entry("ParseError", 400, EXIT.refused),
  BLOB_IN_USE: entry("FunctionCallError", 409, EXIT.refused),
  CONTEXT_UNINITIALIZED: entry("Uninitialized", 409, EXIT.failed),
  APPLICATION_NOT_FOUND: entry("ApplicationNotInstalled", 404, EXIT.notFound),
  APPLICATION_BUILD_FAILED: called(422),
  APPLICATION_INVALID: called(422),
  UPGRADE_REFUSED: entry("FunctionCallError", 409, EXIT.refused),
  MIGRATION_DUE: entry("FunctionCallError", 409, EXIT.refused),
  NOT_A_MEMBER: entry("Unauthorized", 403, EXIT.refused),
  ACCESS_DENIED: entry("Unauthorized", 403, EXIT.refused),
  INVITATION_INVALID: called(422),
  INVITATION_EXPIRED: called(422),
  INVITATION_NOT_FOR_YOU: called(422),
  INVITATION_REVOKED: called(422),
  MEMBER_UNKNOWN: entry("FunctionCallError", 404, EXIT.notFound),
  LAST_ADMIN: entry("FunctionCallError", 409, EXIT.refused),
  INVITATION_USED: called(422),
  INVITATION_UNKNOWN_CONTEXT: called(422),
  REDEEMER_NOT_CONNECTED: entry("FunctionCallError", 409, EXIT.refused),
  SYNC_NOT_CONNECTED: entry("InternalError", 503, EXIT.busy),
  JOIN_PENDING: entry("InternalError", 504, EXIT.busy),
  RECEIPT_UNKNOWN_DELTA: entry("FunctionCallError", 404, EXIT.notFound),
  RECEIPT_OVERLOADED: entry("InternalError", 503, EXIT.busy),
  RECEIPT_CLOSED: stored(503),
  PRESENCE_TOO_LARGE: parse(413),
  CALL_INTERRUPTED: entry("InternalError", 503, EXIT.failed),
  SHARD_FAILED: stored(500),
  CALLS_OVERLOADED: entry("InternalError", 503, EXIT.busy),
  BUDGET_FUEL: entry("FunctionCallError", 429, EXIT.busy),
  BUDGET_DELTAS: entry("FunctionCallError", 429, EXIT.busy),
  BUDGET_STORAGE: entry("FunctionCallError", 507, EXIT.failed),
  BUDGET_BLOBS: entry("FunctionCallError", 507, EXIT.failed),
  CALL_NOT_RECORDED: entry("FunctionCallError", 404, EXIT.notFound),
  CALL_NOT_REPEATABLE: called(422),
  REPLICA_CLOSED: stored(503),
  CONTEXT_DAMAGED: stored(500),
  CONTEXT_NEWER: stored(500),
  CONTEXT_OLDER: stored(500),
  VALUE_INVALID: called(422),
  VALUE_TOO_LARGE: called(422),
  KEY_INVALID: called(422),
  KEY_TOO_LONG: called(422),
  COUNTER_OUT_OF_RANGE: called(422),
  COUNTER_ONLY_GROWS: called(422),
  TEXT_OUT_OF_RANGE: called(422),
  NODE_MISSING: called(422),
  NODE_EXISTS: called(422),
  NODE_CYCLE: called(422),
  TREE_OUT_OF_RANGE: called(422),
  TREE_PLACE_FULL: called(422),
  MARK_NAME_INVALID: called(422),
  LIST_OUT_OF_RANGE: called(422),
  RECORD_EXISTS: called(422),
  RECORD_MISSING: called(422),
  VERTEX_MISSING: called(422),
  PATH_MISSING: called(422),
  PATH_TYPE: called(422),
  PATH_INVALID: called(422),
  TRANSACTION_TOO_LARGE: called(422),
  BUNDLE_INVALID: called(422),
  NO_PEERS: entry("InternalError", 503, EXIT.busy),
  METHOD_NOT_FOUND: called(404),
  METHOD_KIND: called(422),
  ARGS_INVALID: called(422),
  APPLICATION_ERROR: called(422),
  TIME_LIMIT: called(422),
  MEMORY_LIMIT: called(422),
  STACK_LIMIT: called(422),
  FUEL_LIMIT: called(422),
  GUEST_TRAP: called(422),
  MODULE_MALFORMED: called(422),
  MODULE_UNSUPPORTED: called(422),
  MODULE_TOO_LARGE: called(422),
  IMPORT_UNKNOWN: called(422),
  IMPORT_SIGNATURE: called(422),
  MPK_INVALID: called(422),
  MPK_SIGNATURE_INVALID: called(422),
  MPK_UPGRADE_REFUSED: entry("FunctionCallError", 409, EXIT.refused),
  HANDLER_NOT_DEAD: entry("FunctionCallError", 404, EXIT.notFound),
  LIMIT_EXCEEDED: called(422),
  ENGINE_TRAP: INTERNAL,
  STORE_LOCKED: stored(503),
  STORE_CORRUPT: stored(500),
  STORE_NEWER: stored(500),
  STORE_OLDER: stored(500),
  STORE_WRITE_FAILED: stored(507),
  STORE_CLOSED: stored(503),
  NODE_CLOSED: entry("InternalError", 503, EXIT.busy),

  USAGE: parse(400),
  CONFIG_INVALID: config,
  PORT_TAKEN: config,
  HOST_NOT_LOOPBACK: config,
  PAGE_INVALID: config,
  LISTEN_INVALID: config,
  LISTEN_FAILED: config,
  ADDRESS_INVALID: config,
  NODE_UNREACHABLE: entry("InternalError", 502, EXIT.unreachable),
  HOME_INVALID: config,
  FOLDER_NOT_EMPTY: entry("InternalError", 500, EXIT.refused),
  BACKUP_INVALID: stored(500),
  BACKUP_NEWER: stored(500),
  INTERNAL,
};

/** The mapping of a code; that of a defect when the code is in no table. */
export function errorMapping(code: string): ErrorMapping {
  return Object.hasOwn(ERROR_MAPPINGS, code) ? ERROR_MAPPINGS[code as ApiErrorCode] : INTERNAL;
}

export function isApiErrorCode(code: unknown): code is ApiErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_MAPPINGS, code);
}
