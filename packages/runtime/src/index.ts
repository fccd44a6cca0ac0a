export type { Abi, AbiEvent, AbiField, AbiMethod, AbiType } from "./abi/abi.ts";
export { type Application, furtherServices, type GuestApplication, readApplication } from "./application.ts";
export { type ApplicationBlobs, createApplicationBlobs } from "./application-blobs.ts";
export { linkWithin } from "./blob-budget.ts";
export { type BuildError, type BuildOptions, buildApplication } from "./build.ts";
export { type ApplicationBundle, applicationIdOf, decodeBundle, encodeBundle } from "./bundle.ts";
export { rootAfter } from "./calimero/fold/apply-record.ts";
export { GuestState } from "./calimero/fold/guest-state.ts";
export { type CallRecord, encodeRecord } from "./calimero/fold/record.ts";
export {
  createGuestEngine,
  type GuestEngine,
  type GuestHost,
  type GuestOutcome,
  type GuestResult,
} from "./calimero/guest-engine.ts";
export type { ContextChange, CrossCall, GuestRequest, LocalWorld } from "./calimero/host-call.ts";
export { GUEST_LIMIT_BOUNDS, type GuestLimitChanges, guestLimits, limitChanges } from "./calimero/limit-changes.ts";
export type { GuestLimits } from "./calimero/limits.ts";
export { signUserActions } from "./calimero/sign-actions.ts";
export {
  type CallError,
  type CallErrorCode,
  type CallEvent,
  type CallMember,
  type CallOutcome,
  type CallRequest,
  type CallSuccess,
  type MethodKind,
  MIGRATION,
  type StackFrame,
} from "./call.ts";
export { type BlobChanges, BlobMiss, type BlobReader, CallBlobs } from "./call-blobs.ts";
export type { CallWorld } from "./call-world.ts";
export {
  type CallMoment,
  ContextCalls,
  type ContextCallsPorts,
  type EngineCall,
  type WithinCall,
} from "./context-calls.ts";
export type { Description } from "./description.ts";
export { type Difference, differences } from "./differences.ts";
export { createEngine, type Engine, type EngineOptions, type EngineSource, type LoadError } from "./engine.ts";
export type { StateField } from "./frame.ts";
export type { ModuleErrorCode } from "./fuel/errors.ts";
export { meterModule } from "./fuel/meter.ts";
export { type HandlerHost, HandlerRunner } from "./handler-runner.ts";
export { CROSS_CALL_DEPTH_MAX } from "./limits.ts";
export type { MpkErrorCode } from "./mpk/errors.ts";
export { checkUpgrade } from "./mpk/upgrade.ts";
export { failureOfCall } from "./outcome.ts";
export { quickjsModule } from "./quickjs/module.ts";
export { recordGuest, shownStep } from "./recording/guest-call.ts";
export { type Recorded, recordNative } from "./recording/native-call.ts";
export { decodeRecording, encodeRecording, type HostStep, type Recording } from "./recording/recording.ts";
export { type Replay, type ReplayEngine, type ReplayErrorCode, replay } from "./recording/replay.ts";
export type { Difference as ReplayDifference } from "./recording/tape.ts";
export { type Dump, dumpState } from "./state-dump.ts";
export type { ContainerType, StateRoot } from "./state-root.ts";
