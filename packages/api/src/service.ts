/**
 * What a node does for those outside it: the face that the server and the command line program against, and that
 * `@dunlin/node` implements. Ids are base58 text here; every failure is data with a code of the table in `errors.ts`.
 */
import type { Result } from "@dunlin/core/base";
import type { MetricSnapshot } from "@dunlin/core/metrics";
import type { ContextLimitsInfo, ContextUsage, SetContextLimitsRequest } from "./limit-settings.ts";

export interface NodeService {
  /** Builds (a `.ts` file) or reads (a built bundle, a `.wasm`, an `.mpk`) an application from a path on this machine and installs it. */
  installApplication(request: { readonly path: string }): Promise<Result<InstalledApplication>>;
  applications(): Promise<readonly ApplicationInfo[]>;

  /** Draws an identity (a member key pair) that can be invited; its private key never leaves the node. */
  createIdentity(): Promise<{ readonly publicKey: string }>;

  createContext(
    request: CreateContextRequest,
  ): Promise<Result<{ readonly contextId: string; readonly memberPublicKey: string }>>;
  /** A signed invitation, for one identity or for whoever has it, redeemed by this node or by another admin's. */
  invite(request: InviteRequest): Promise<Result<{ readonly payload: string }>>;
  /** Gives a member another role, up or down; this node's member must be an admin. Resolves after its flush. */
  setRole(request: SetRoleRequest): Promise<Result<null>>;
  /** Takes a member out: it may do nothing any more, nor read what is written from now on. Oneself: to leave. */
  removeMember(request: RemoveMemberRequest): Promise<Result<null>>;
  /** Redeems an invitation, for an identity of this node or open; resolves once the context's state has arrived. */
  join(
    request: JoinRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Result<{ readonly contextId: string; readonly memberPublicKey: string }>>;
  /**
   * Has a context run another installed application from here on, on every member's node; this node's member must be an
   * admin. The state stays, and a migration that the application has is run on it. Resolves after its flush.
   */
  upgradeContext(request: UpgradeContextRequest): Promise<Result<UpgradeOutcome>>;
  contexts(): Promise<readonly ContextInfo[]>;
  context(contextId: string): Promise<Result<ContextInfo>>;
  /** Members of a context; `owned` only those whose keys this node holds. */
  identities(contextId: string, options: { readonly owned: boolean }): Promise<Result<readonly string[]>>;

  /** What calls of a context may use on this node, and what they have. */
  contextLimits(contextId: string): Promise<Result<ContextLimitsInfo>>;
  /** Changes limits of a context on this node, from the next call on; kept over a restart. */
  setContextLimits(request: SetContextLimitsRequest): Promise<Result<ContextLimitsInfo>>;

  /** Runs a method of the context's application; resolves after the flush that covers what it wrote. */
  execute(request: ExecuteRequest): Promise<Result<ExecuteOutcome>>;
  /** How far a delta has got: when the request says until when, once that is so or its time is over. */
  receipt(request: ReceiptRequest): Promise<Result<DeltaReceipt>>;
  /** Shows the context's members something of who uses this node, until it is said again, left or over. Not stored. */
  setPresence(request: PresenceRequest): Promise<Result<null>>;
  leavePresence(contextId: string): Promise<Result<null>>;
  /** Who is there now, and what they show. */
  presence(contextId: string): Promise<Result<readonly PresentMember[]>>;
  /** Tells of every change of who is there; returns what ends it. */
  subscribePresence(listener: (event: PresenceEvent) => void): () => void;
  /** Asks for a sync with a connected member now; of all contexts when none is named. */
  requestSync(contextId?: string): Promise<Result<null>>;

  /** Takes in a blob; durable when this resolves. With a context, its members may have it. */
  putBlob(content: AsyncIterable<Uint8Array>, options: PutBlobOptions): Promise<Result<BlobSummary>>;
  /** What is known of a blob; fetched from members of the context when it is not here and a context is named. */
  blob(id: string, options: { readonly contextId?: string }): Promise<Result<BlobSummary>>;
  /** The bytes from `start` to before `end` of a blob that is here. Rejects when its file is damaged. */
  readBlob(id: string, range: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
  blobs(): Promise<readonly BlobSummary[]>;
  deleteBlob(id: string): Promise<Result<{ readonly deleted: boolean }>>;

  /** Handlers of a context that failed too often on an event, oldest first: they run no more until they are retried. */
  deadLetters(contextId: string): Promise<Result<readonly DeadLetter[]>>;
  /** Has one run again from its first attempt, or gives it up for good. */
  settleDeadLetter(request: SettleDeadLetterRequest): Promise<Result<null>>;

  /** Tells of every commit, local or remote, in order per context; returns what ends it. */
  subscribe(listener: (event: ContextEvent) => void): () => void;

  status(): Promise<NodeStatus>;
  /** Counters, gauges and histograms of the node, by dotted name. */
  metrics(): Promise<readonly MetricSnapshot[]>;
}

/** A handler that is to run on an event, and whose runs have all failed. */
export interface DeadLetter {
  /** The delta that told the event, and which of its events it is. */
  readonly deltaId: string;
  readonly event: number;
  readonly kind: string;
  readonly handler: string;
  /** The event's payload as JSON text. */
  readonly data: string;
  readonly attempts: number;
  /** Why the last run failed; `HANDLER_DEPTH` for one that was never run. */
  readonly code: string;
}

export interface SettleDeadLetterRequest extends Pick<DeadLetter, "deltaId" | "event"> {
  readonly contextId: string;
  readonly how: "retry" | "drop";
}

export interface BlobSummary {
  readonly id: string;
  readonly size: number;
  /** SHA-256 of the content, in base58. */
  readonly hash: string;
}

export interface PutBlobOptions {
  readonly contextId?: string | undefined;
  /** What the content is said to be; refused when it is not. */
  readonly size?: number | undefined;
  readonly hash?: string | undefined;
}

export interface ApplicationInfo {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly source: string;
  /** The ABI in the WASM-ABI v1 form. */
  readonly abi: unknown;
}

export interface InstalledApplication {
  readonly applicationId: string;
  /** The further services of a bundle: applications of their own, by their names. Absent where there are none. */
  readonly services?: readonly { readonly name: string; readonly applicationId: string }[];
}

export interface CreateContextRequest {
  readonly applicationId: string;
  /** Of a bundle of several services the one that is to run, by default the first. */
  readonly serviceName?: string | undefined;
  /** Arguments for the `init` of an application that keeps its state itself; when absent it is left to be called. */
  readonly initialization?: unknown;
}

export interface UpgradeContextRequest {
  readonly contextId: string;
  readonly applicationId: string;
  /** Changes nothing and says what it would do. */
  readonly dryRun?: boolean;
}

export interface UpgradeOutcome {
  /** Whether a migration ran; in a dry run, whether one would. */
  readonly migrated: boolean;
  /** In a dry run, what it would change: the first places, by their path. */
  readonly differences?: readonly StateDifference[];
}

export interface StateDifference {
  /** Names and indices from the field on. */
  readonly path: string;
  /** JSON, cut where it is long; "nothing" for what is not there. */
  readonly before: string;
  readonly after: string;
}

export interface InviteRequest {
  readonly contextId: string;
  /** A member of the context whose key this node holds; its first when absent. */
  readonly inviterId?: string;
  /** Who may use it. Absent for an open invitation: whoever has its text may join, so hand it over like a password. */
  readonly inviteeId?: string;
  /** How many may join by an open one. Default 1. */
  readonly uses?: number;
  /** The admin whose node lets in; it must be connected now. This node when absent. */
  readonly redeemerId?: string;
  readonly role?: "admin" | "writer" | "reader";
  /** How long the invitation is good for. Default 7 days. */
  readonly validForMs?: number;
}

export interface JoinRequest {
  readonly invitationPayload: string;
  /** As which identity of this node an open invitation is used; a new one when absent. */
  readonly memberId?: string;
}

export interface RemoveMemberRequest {
  readonly contextId: string;
  readonly memberId: string;
}

export interface SetRoleRequest extends RemoveMemberRequest {
  readonly role: "admin" | "writer" | "reader";
}

export interface ContextInfo {
  readonly id: string;
  readonly applicationId: string;
  /** The canonical state hash, equal on all nodes whose heads are equal. */
  /** Empty while it is not known: nobody had asked for it before, and calls are under way. */
  readonly rootHash: string;
  /** The root that an application which keeps its state itself tells of it; absent for others, and before a call. */
  readonly guestRoot?: string;
  readonly heads: readonly string[];
  readonly deltas: number;
  readonly pending: number;
  readonly members: readonly { readonly publicKey: string; readonly role: string }[];
}

export interface ExecuteRequest {
  readonly contextId: string;
  readonly method: string;
  readonly args: unknown;
  /** The member who calls; the context's owned one when absent. */
  readonly executor?: string;
}

export interface ExecuteOutcome {
  /** What the method returned, as JSON; null for nothing. */
  readonly output: unknown;
  /** The delta that holds the call's writes; null for a call that wrote nothing. */
  readonly deltaId: string | null;
}

export interface ReceiptRequest {
  readonly contextId: string;
  readonly deltaId: string;
  /** Waits until as many other installations as `count` have flushed it, or every one of every member. */
  readonly until?: "replicated" | "stable";
  /** 1 unless said. */
  readonly count?: number;
  /** How long at most; 20 s unless said. */
  readonly waitMs?: number;
}

/** Beyond this node a receipt rests on what members signed after their flush, so it says no more than is true. */
export interface DeltaReceipt {
  /** In this node's state. */
  readonly applied: boolean;
  /** On this node's disk. */
  readonly persisted: boolean;
  /** Other installations of members that have it on their disk. */
  readonly replicated: number;
  /** Whose these are: each member's public key once. */
  readonly members: readonly string[];
  /** Every member has it on its disk: each of its installations that ever wrote, but those retired or dormant. */
  readonly stable: boolean;
}

export interface PresenceRequest {
  readonly contextId: string;
  /** Any JSON of at most 4 KiB. */
  readonly data: unknown;
  /** 1 s to 5 min; 30 s unless said. */
  readonly ttlMs?: number;
}

export interface PresentMember {
  readonly publicKey: string;
  /** A member may be there with several nodes. */
  readonly installation: string;
  readonly data: unknown;
}

export interface PresenceEvent extends PresentMember {
  readonly contextId: string;
  /** False when it left or was not heard of in time; `data` is null then. */
  readonly present: boolean;
}

export interface ContextEvent {
  readonly contextId: string;
  /** Rises by one per event of a context on this node while it runs. */
  readonly sequence: number;
  /** Root hash after the commit. */
  /** Empty when it is not known: nobody had asked for roots before this commit. */
  readonly newRoot: string;
  /** True when the commit was made on this node. */
  readonly local: boolean;
  /** The deltas of the commit, oldest first. */
  readonly deltas: readonly string[];
  readonly events: readonly ApplicationEvent[];
}

export interface ApplicationEvent {
  readonly kind: string;
  /** The event's payload as JSON text. */
  readonly data: string;
  readonly handler: string | null;
}

export interface NodeStatus {
  readonly version: string;
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly uptimeMs: number;
  readonly peers: readonly PeerStatus[];
  readonly contexts: readonly ContextStatus[];
  /** Counters since start, by dotted name. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface PeerStatus {
  readonly peerId: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface SyncStatus {
  readonly peerId: string;
  readonly state: string;
  /** Why it is at that, in words. */
  readonly reason: string;
  readonly lastSuccessMs: number | null;
}

export interface ContextStatus {
  readonly contextId: string;
  readonly deltas: number;
  readonly pending: number;
  readonly heads: number;
  /** What is used of each budget that is set for the context; absent when none is. */
  readonly budgets?: ContextUsage;
  /** Calls that were refused since the context was opened because a budget was spent; absent for none. */
  readonly refusedCalls?: number;
  /** Actors that were seen to write two deltas in one place: a lying member, or a copied store. */
  readonly equivocations: readonly {
    readonly member: string;
    readonly actor: string;
    readonly deltas: readonly string[];
  }[];
  /** Members reached now, and what the last sync with each came to, in words. */
  readonly syncs: readonly SyncStatus[];
}
