/** What is done with the home of a node by hand, apart from the node itself, which starts without loading any of it. */
export { type BackupOptions, type BackupProgress, backUp } from "./backup/back-up.ts";
export type { BackedUpFile, Manifest } from "./backup/manifest.ts";
export { type RestoreOptions, restore } from "./backup/restore.ts";
export { type ExamineOptions, examineHome } from "./doctor/examine.ts";
export type { Finding, HomeReport } from "./doctor/finding.ts";
export { forgetContext } from "./doctor/forget.ts";
export {
  type RecordedCall,
  type ReplayedCall,
  recordedCalls,
  replayCall,
  type Verification,
  verifyCalls,
} from "./recordings/replay.ts";
