export type { PresentMember } from "@dunlin/api";
export { ClientError, type ClientErrorCode } from "./client-error.ts";
export {
  type ContextSummary,
  connectNode,
  type Executed,
  type ExecuteOptions,
  type JoinedContext,
  type NodeClient,
  type PresenceOptions,
} from "./node-client.ts";
export type { ReceiptGoal } from "./receipts.ts";
export type { CallOptions, NodeAddress } from "./requests.ts";
export type { ContextCommit, WatchedEvent, WatchOptions, WatchSocket } from "./watch.ts";
