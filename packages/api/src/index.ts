export type {
  ApplicationEvent,
  ApplicationInfo,
  ContextEvent,
  ContextInfo,
  ContextStatus,
  ExecuteOutcome,
  ExecuteRequest,
  InviteRequest,
  NodeService,
  NodeStatus,
  PeerStatus,
} from "./service.ts";
