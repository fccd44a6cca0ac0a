export type {
  LimitsConfig,
  NetworkConfig,
  NodeConfig,
  OpenNode,
  OpenNodeOptions,
} from "./config.ts";
export {
  type ApiErrorCode,
  ERROR_MAPPINGS,
  type ErrorMapping,
  EXIT,
  errorMapping,
  isApiErrorCode,
  type RpcErrorType,
} from "./errors.ts";
export { type Json, parseJson, parseJsonBytes } from "./json.ts";
export {
  BODY_BYTES_MAX,
  CONFIG_BYTES_MAX,
  INVITATION_CHARS_MAX,
  INVITATION_VALID_MS_MAX,
  JSON_DEPTH_MAX,
  METHOD_CHARS_MAX,
  PATH_CHARS_MAX,
  RECEIPT_WAIT_MS_MAX,
  REQUEST_ID_CHARS_MAX,
  SUBSCRIBE_CONTEXTS_MAX,
} from "./limits.ts";
export {
  type CreateContextBody,
  createContextBody,
  type ExecuteParams,
  executeParams,
  type InstallApplicationBody,
  type InstallDevApplicationBody,
  type InviteBody,
  installApplicationBody,
  installDevApplicationBody,
  inviteBody,
  type JoinBody,
  joinBody,
  receiptBody,
  removeMemberBody,
  type SubscribeParams,
  setRoleBody,
  subscribeParams,
  type UpgradeContextBody,
  upgradeContextBody,
} from "./requests.ts";
export { type RequestId, type RpcError, type RpcRequest, readRpcRequest, requestId, rpcError } from "./rpc.ts";
export type {
  ApplicationEvent,
  ApplicationInfo,
  BlobSummary,
  ContextEvent,
  ContextInfo,
  ContextStatus,
  CreateContextRequest,
  DeltaReceipt,
  ExecuteOutcome,
  ExecuteRequest,
  InviteRequest,
  NodeService,
  NodeStatus,
  PeerStatus,
  PutBlobOptions,
  ReceiptRequest,
  RemoveMemberRequest,
  SetRoleRequest,
  SyncStatus,
  UpgradeContextRequest,
} from "./service.ts";
export { anything, id, integer, list, object, oneOf, optional, type Shape, text } from "./shape.ts";
export {
  SYNC_OVERRIDABLE,
  SYNC_PRESETS,
  SYNC_RANGES,
  type SyncConfig,
  type SyncNumbers,
  type SyncOverrides,
  type SyncPreset,
} from "./sync-config.ts";
export { typedClientSource } from "./typed-client.ts";
export {
  applicationToWire,
  contextToWire,
  eventToWire,
  type WireApplication,
  type WireContext,
  type WireContextEvent,
  type WireEvent,
} from "./wire.ts";
