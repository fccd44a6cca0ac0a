export { type SessionStatus, SyncEngine } from "./engine.ts";
export { decodeFrame, encodeFrame, type Frame, type PeerAddresses } from "./frames.ts";
export { FRAME_BYTES_MAX, TICK_MS } from "./limits.ts";
export type { Discovery, SyncPorts } from "./ports.ts";
export {
  Presence,
  type PresenceChange,
  type PresenceErrorCode,
  type Present,
} from "./presence/presence.ts";
export type { SyncErrorCode } from "./redemptions.ts";
export type { RestingContext } from "./resting.ts";
export type { SessionState } from "./session-state.ts";
export { DEFAULT_SYNC_SETTINGS, type SyncSettings } from "./settings.ts";
export type { SharedContext } from "./shared-context.ts";
