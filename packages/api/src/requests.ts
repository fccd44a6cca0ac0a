/**
 * What clients send: one type and one shape each. Names and fields are those of the 0.10 server; fields of our own
 * have names that it does not use.
 */
import { err, ok, type Result } from "@dunlin/core/base";
import type { ApiErrorCode } from "./errors.ts";
import { CONTEXT_LIMIT_RANGES, limitProblem, type SetContextLimitsRequest } from "./limit-settings.ts";
import {
  EVENTS_PER_DELTA_MAX,
  INVITATION_CHARS_MAX,
  INVITATION_USES_MAX,
  INVITATION_VALID_MS_MAX,
  METHOD_CHARS_MAX,
  PATH_CHARS_MAX,
  PRESENCE_TTL_MS_MAX,
  PRESENCE_TTL_MS_MIN,
  RECEIPT_COUNT_MAX,
  RECEIPT_WAIT_MS_MAX,
  SERVICE_NAME_CHARS_MAX,
  SUBSCRIBE_CONTEXTS_MAX,
} from "./limits.ts";
import { anything, flag, id, integer, list, object, oneOf, optional, type Shape, text } from "./shape.ts";

/** `params` of the JSON-RPC method `execute`. */
export interface ExecuteParams {
  readonly contextId: string;
  readonly method: string;
  readonly argsJson: unknown;
  /** The member who calls; the context's owned one when absent. */
  readonly executorPublicKey: string | undefined;
}

export const executeParams: Shape<ExecuteParams> = object<ExecuteParams>({
  contextId: id,
  method: text(METHOD_CHARS_MAX),
  argsJson: anything,
  executorPublicKey: optional(id),
});

/** `params` of the WebSocket methods `subscribe` and `unsubscribe`. */
export interface SubscribeParams {
  readonly contextIds: readonly string[];
}

export const subscribeParams: Shape<SubscribeParams> = object<SubscribeParams>({
  contextIds: list(id, SUBSCRIBE_CONTEXTS_MAX),
});

export interface InstallDevApplicationBody {
  readonly path: string;
}

export const installDevApplicationBody: Shape<InstallDevApplicationBody> = object<InstallDevApplicationBody>({
  path: text(PATH_CHARS_MAX),
});

export interface InstallApplicationBody {
  readonly url: string;
}

export const installApplicationBody: Shape<InstallApplicationBody> = object<InstallApplicationBody>({
  url: text(PATH_CHARS_MAX),
});

export interface CreateContextBody {
  readonly applicationId: string;
  readonly serviceName: string | undefined;
  readonly contextSeed: unknown;
  readonly initializationParams: unknown;
}

export const createContextBody: Shape<CreateContextBody> = object<CreateContextBody>({
  applicationId: id,
  serviceName: optional(text(SERVICE_NAME_CHARS_MAX)),
  contextSeed: anything,
  initializationParams: anything,
});

/** Of `POST /admin-api/contexts/:id/application`. */
export interface UpgradeContextBody {
  readonly applicationId: string;
  readonly executorPublicKey: string | undefined;
  readonly migrateMethod: string | undefined;
  readonly dryRun: boolean | undefined;
}

export const upgradeContextBody: Shape<UpgradeContextBody> = object<UpgradeContextBody>({
  applicationId: id,
  executorPublicKey: optional(id),
  migrateMethod: optional(text(METHOD_CHARS_MAX)),
  dryRun: optional(flag),
});

export interface InviteBody {
  readonly contextId: string;
  readonly inviterId: string | undefined;
  readonly inviteeId: string | undefined;
  readonly uses: number | undefined;
  readonly redeemerId: string | undefined;
  readonly role: "admin" | "writer" | "reader" | undefined;
  readonly validForMs: number | undefined;
}

export const inviteBody: Shape<InviteBody> = object<InviteBody>({
  contextId: id,
  inviterId: optional(id),
  inviteeId: optional(id),
  uses: optional(integer(1, INVITATION_USES_MAX)),
  redeemerId: optional(id),
  role: optional(oneOf("admin", "writer", "reader")),
  validForMs: optional(integer(1, INVITATION_VALID_MS_MAX)),
});

export interface RemoveMemberBody {
  readonly contextId: string;
  readonly memberId: string;
}

export const removeMemberBody: Shape<RemoveMemberBody> = object<RemoveMemberBody>({ contextId: id, memberId: id });

export interface SetRoleBody extends RemoveMemberBody {
  readonly role: "admin" | "writer" | "reader";
}

export const setRoleBody: Shape<SetRoleBody> = object<SetRoleBody>({
  contextId: id,
  memberId: id,
  role: oneOf("admin", "writer", "reader"),
});

export interface ReceiptBody {
  readonly contextId: string;
  readonly deltaId: string;
  readonly until: "replicated" | "stable" | undefined;
  readonly count: number | undefined;
  readonly waitMs: number | undefined;
}

export const receiptBody: Shape<ReceiptBody> = object<ReceiptBody>({
  contextId: id,
  deltaId: id,
  until: optional(oneOf("replicated", "stable")),
  count: optional(integer(1, RECEIPT_COUNT_MAX)),
  waitMs: optional(integer(1, RECEIPT_WAIT_MS_MAX)),
});

export interface PresenceBody {
  readonly contextId: string;
  readonly data: unknown;
  readonly ttlMs: number | undefined;
}

export const presenceBody: Shape<PresenceBody> = object<PresenceBody>({
  contextId: id,
  data: anything,
  ttlMs: optional(integer(PRESENCE_TTL_MS_MIN, PRESENCE_TTL_MS_MAX)),
});

export const leavePresenceBody: Shape<{ readonly contextId: string }> = object<{ readonly contextId: string }>({
  contextId: id,
});

export interface SettleDeadLetterBody {
  readonly contextId: string;
  readonly deltaId: string;
  readonly event: number;
  readonly how: "retry" | "drop";
}

export const settleDeadLetterBody: Shape<SettleDeadLetterBody> = object<SettleDeadLetterBody>({
  contextId: id,
  deltaId: id,
  event: integer(0, EVENTS_PER_DELTA_MAX),
  how: oneOf("retry", "drop"),
});

/** Of the 0.10 server, whose open invitations are good for so many blocks of a chain: here a block is a second. */
export interface OpenInviteBody {
  readonly contextId: string;
  readonly inviterId: string | undefined;
  readonly validForBlocks: number | undefined;
}

export const openInviteBody: Shape<OpenInviteBody> = object<OpenInviteBody>({
  contextId: id,
  inviterId: optional(id),
  validForBlocks: optional(integer(1, INVITATION_VALID_MS_MAX / 1000)),
});

/** What `invite_by_open_invitation` gave, passed on as it is. */
export interface JoinOpenBody {
  readonly invitation: { readonly ticket: string };
  readonly newMemberPublicKey: string | undefined;
}

export const joinOpenBody: Shape<JoinOpenBody> = object<JoinOpenBody>({
  invitation: object<JoinOpenBody["invitation"]>({ ticket: text(INVITATION_CHARS_MAX) }),
  newMemberPublicKey: optional(id),
});

/** Of `POST /admin-api/contexts/:id/limits`. */
export interface LimitsBody {
  readonly changes: SetContextLimitsRequest["changes"];
}

export const limitsBody: Shape<LimitsBody> = object<LimitsBody>({ changes: limitChanges });

/** Every limit that is named is known, and its number within its bounds, or null. */
function limitChanges(value: unknown, at: string): Result<LimitsBody["changes"]> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return err<ApiErrorCode>("PARAMS_INVALID", `${at} must be an object`);
  for (const [name, number] of Object.entries(value)) {
    const isReset = number === null && Object.hasOwn(CONTEXT_LIMIT_RANGES, name);
    const problem = isReset ? undefined : limitProblem(name, number);
    if (problem !== undefined) return err<ApiErrorCode>("PARAMS_INVALID", `${at}: ${problem}`);
  }
  return ok(value as LimitsBody["changes"]);
}

export interface JoinBody {
  readonly invitationPayload: string;
  readonly memberId: string | undefined;
}

export const joinBody: Shape<JoinBody> = object<JoinBody>({
  invitationPayload: text(INVITATION_CHARS_MAX),
  memberId: optional(id),
});
