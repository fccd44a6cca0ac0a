import { type ApiErrorCode, errorMapping } from "@dunlin/api";
import type { InvitationErrorCode } from "@dunlin/core/access";
import type { BlobErrorCode } from "@dunlin/core/blobs";
import type { WriteRefusalCode } from "@dunlin/core/crdt";
import type { LoadErrorCode, ReplicaErrorCode } from "@dunlin/core/replica";
import type { SyncErrorCode } from "@dunlin/core/sync";
import type { CallErrorCode, ModuleErrorCode, MpkErrorCode } from "@dunlin/runtime";
import { expect, it } from "vitest";

/** What the parts below a node fail with, and a node passes on. */
type PassedOn =
  | CallErrorCode
  | InvitationErrorCode
  | LoadErrorCode
  | ModuleErrorCode
  | MpkErrorCode
  | BlobErrorCode
  | ReplicaErrorCode
  | SyncErrorCode
  | WriteRefusalCode;

/** Compiles only while the API's table has every one of them. */
const documented: (code: PassedOn) => ApiErrorCode = (code) => code;

it("passes on codes that the API documents", () => {
  expect(errorMapping(documented("SYNC_NOT_CONNECTED")).status).toBe(503);
  expect(errorMapping(documented("ACCESS_DENIED")).status).toBe(403);
});
