/** What the node's main thread and a shard's worker say to each other, in arrays: one per turn and direction. */
import type {
  BlobSummary,
  ContextEvent,
  ContextInfo,
  ContextLimitsInfo,
  ContextStatus,
  CreateContextRequest,
  DeadLetter,
  DeltaReceipt,
  ExecuteOutcome,
  ExecuteRequest,
  InviteRequest,
  LimitsConfig,
  PresenceEvent,
  PresenceRequest,
  PresentMember,
  PutBlobOptions,
  ReceiptRequest,
  RemoveMemberRequest,
  SetContextLimitsRequest,
  SetRoleRequest,
  SettleDeadLetterRequest,
  SyncConfig,
  UpgradeContextRequest,
  UpgradeOutcome,
} from "@dunlin/api";
import type { LogLevel, Result } from "@dunlin/core/base";
import type { MetricSnapshot } from "@dunlin/core/metrics";
import type { PeerAddresses } from "@dunlin/core/sync";

/** Requests that a shard answers, by name: what each takes and gives. */
export interface ShardRequests {
  execute: { readonly takes: ExecuteRequest; readonly gives: ExecuteOutcome };
  setPresence: { readonly takes: PresenceRequest; readonly gives: null };
  leavePresence: { readonly takes: { readonly contextId: string }; readonly gives: null };
  presence: { readonly takes: { readonly contextId: string }; readonly gives: readonly PresentMember[] };
  receipt: { readonly takes: ReceiptRequest; readonly gives: DeltaReceipt };
  createContext: {
    readonly takes: CreateContextRequest;
    readonly gives: { readonly contextId: string; readonly memberPublicKey: string };
  };
  invite: { readonly takes: InviteRequest; readonly gives: { readonly payload: string } };
  contextLimits: { readonly takes: { readonly contextId: string }; readonly gives: ContextLimitsInfo };
  setContextLimits: { readonly takes: SetContextLimitsRequest; readonly gives: ContextLimitsInfo };
  setRole: { readonly takes: SetRoleRequest; readonly gives: null };
  removeMember: { readonly takes: RemoveMemberRequest; readonly gives: null };
  upgradeContext: { readonly takes: UpgradeContextRequest; readonly gives: UpgradeOutcome };
  /** Checks an invitation and opens its context, empty. */
  prepareJoin: {
    readonly takes: { readonly payload: string; readonly memberId?: string | undefined };
    readonly gives: PreparedJoin;
  };
  /** Redeems it at the connected peer; resolves when the member is known here as one. */
  completeJoin: { readonly takes: PreparedJoin & { readonly payload: string }; readonly gives: null };
  /** Forgets a context whose join failed. */
  abandonJoin: { readonly takes: { readonly contextId: string }; readonly gives: null };
  contexts: { readonly takes: null; readonly gives: readonly ContextInfo[] };
  context: { readonly takes: { readonly contextId: string }; readonly gives: ContextInfo };
  identities: {
    readonly takes: { readonly contextId: string; readonly owned: boolean };
    readonly gives: readonly string[];
  };
  deadLetters: { readonly takes: { readonly contextId: string }; readonly gives: readonly DeadLetter[] };
  settleDeadLetter: { readonly takes: SettleDeadLetterRequest; readonly gives: null };
  requestSync: { readonly takes: { readonly contextId: string | undefined }; readonly gives: null };
  beginBlob: { readonly takes: null; readonly gives: { readonly upload: number } };
  writeBlob: { readonly takes: { readonly upload: number; readonly bytes: Uint8Array }; readonly gives: null };
  finishBlob: {
    readonly takes: { readonly upload: number } & Required<PutBlobOptions>;
    readonly gives: BlobSummary;
  };
  abortBlob: { readonly takes: { readonly upload: number }; readonly gives: null };
  findBlob: {
    readonly takes: { readonly id: string; readonly contextId: string | undefined };
    readonly gives: BlobSummary;
  };
  readBlob: { readonly takes: { readonly id: string; readonly start: number }; readonly gives: Uint8Array };
  blobs: { readonly takes: null; readonly gives: readonly BlobSummary[] };
  deleteBlob: { readonly takes: { readonly id: string }; readonly gives: { readonly deleted: boolean } };
  status: { readonly takes: null; readonly gives: ShardStatus };
  metrics: { readonly takes: null; readonly gives: readonly MetricSnapshot[] };
  close: { readonly takes: null; readonly gives: null };
}

export interface PreparedJoin {
  readonly contextId: string;
  readonly memberPublicKey: string;
  readonly peer: string;
  readonly addresses: readonly string[];
}

export interface ShardStatus {
  readonly contexts: readonly ContextStatus[];
  readonly counters: Readonly<Record<string, number>>;
}

export type ShardMethod = keyof ShardRequests;

export type ToShard =
  | { readonly kind: "request"; readonly id: number; readonly method: ShardMethod; readonly request: unknown }
  | { readonly kind: "connect"; readonly peer: string }
  | { readonly kind: "disconnect"; readonly peer: string }
  | { readonly kind: "frame"; readonly peer: string; readonly bytes: Uint8Array }
  /** `bytes` of frames for the peer were handed to the network, or `dropped`. */
  | { readonly kind: "handed"; readonly peer: string; readonly bytes: number; readonly dropped: boolean }
  | { readonly kind: "addresses"; readonly addresses: readonly string[] };

export type FromShard =
  | { readonly kind: "reply"; readonly id: number; readonly result: Result<unknown> }
  | { readonly kind: "send"; readonly peer: string; readonly bytes: Uint8Array }
  | { readonly kind: "cut"; readonly peer: string; readonly reason: string }
  | { readonly kind: "event"; readonly event: ContextEvent }
  | { readonly kind: "presence"; readonly event: PresenceEvent }
  /** A write did not reach the disk. The shard is of no more use: another must open the store. */
  | { readonly kind: "storeFailed"; readonly message: string }
  /** `isHint`: from an invitation, and only good for a peer that has told nothing itself. */
  | {
      readonly kind: "peer";
      readonly peer: PeerAddresses;
      /** Whose member it is said to be. */
      readonly contextId: string | undefined;
      readonly isHint: boolean;
    }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly event: string;
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    };

/** What a shard's worker is started with. */
export interface ShardData {
  readonly home: string;
  readonly self: string;
  readonly addresses: readonly string[];
  readonly limits: LimitsConfig;
  readonly profile: boolean;
  /** 0 for none. */
  readonly recordingBytesMax: number;
  readonly sync: SyncConfig;
  /** True when an earlier worker of this process held the store. */
  readonly restarted: boolean;
  /** Float64 slots, by the constants below. */
  readonly watch: SharedArrayBuffer;
}

/** Id of the request whose guest code runs, or `HANDLER_RUN`, or 0. */
export const WATCH_RUNNING = 0;
/** In place of a request's id: a handler runs, which nobody asked for. */
export const HANDLER_RUN = -1;
/** When it began, by `monotonicMs`. */
export const WATCH_SINCE_MS = 1;
/** The greatest id of a request whose guest code has begun: what is above has done nothing yet. */
export const WATCH_BEGUN = 2;
export const WATCH_SLOTS = 3;

/** Milliseconds by a clock that all threads of a process share and nothing sets back. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
