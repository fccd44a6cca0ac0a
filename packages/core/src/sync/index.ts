export { type SessionStatus, SyncEngine } from "./engine.ts";
export { decodeFrame, encodeFrame, type Frame, type PeerAddresses } from "./frames.ts";
export { FRAME_BYTES_MAX, STATE_INTERVAL_MS, TICK_MS } from "./limits.ts";
export type { Discovery, SyncPorts } from "./ports.ts";
export type { SyncErrorCode } from "./redemptions.ts";
export type { SessionState } from "./session.ts";
