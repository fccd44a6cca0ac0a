export { Admission, type AdmissionErrorCode, type AdmitOutcome, type Admitted } from "./admission.ts";
export { type AuditErrorCode, type AuditReport, auditContext } from "./audit.ts";
export type { Commit, CommittedDelta, Frontier } from "./committer.ts";
export { createGenesis, type Genesis } from "./create.ts";
export { DRIFT_MAX_MS, ENTRY_BYTES_MAX } from "./limits.ts";
export type { LoadErrorCode } from "./load.ts";
export { type LoggedCall, loggedCalls, readLog } from "./log.ts";
export type { CountedAs } from "./meters.ts";
export { decodePayload, type EntryEvent, encodePayload, type PayloadEntry } from "./payload.ts";
export type { ReplicaPorts } from "./ports.ts";
export {
  type CallMeta,
  type CallOutcome,
  type CallReceipt,
  type DeltaPage,
  Replica,
  type ReplicaErrorCode,
  type ReplicaOptions,
  type RunCall,
} from "./replica.ts";
export { tablePrefix } from "./rows.ts";
