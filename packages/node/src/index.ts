export { type BackupOptions, type BackupProgress, backUp } from "./backup/back-up.ts";
export type { BackedUpFile, Manifest } from "./backup/manifest.ts";
export { type RestoreOptions, restore } from "./backup/restore.ts";
export { type ExamineOptions, examineHome } from "./doctor/examine.ts";
export type { Finding, HomeReport } from "./doctor/finding.ts";
export { forgetContext } from "./doctor/forget.ts";
export { NodeFailure } from "./failure.ts";
export { openNode, VERSION } from "./node.ts";
export { systemClock, systemRandom, systemScheduler } from "./platform.ts";
export {
  type RecordedCall,
  type ReplayedCall,
  recordedCalls,
  replayCall,
  type Verification,
  verifyCalls,
} from "./recordings/replay.ts";
