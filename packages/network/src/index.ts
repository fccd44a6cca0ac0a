export { isLoopback, peerOfAddress } from "./addresses.ts";
export {
  type AddressFailureCode,
  type CutCode,
  type DialFailureCode,
  NetworkFailure,
  type OpenFailureCode,
} from "./failure.ts";
export { ADDRESSES_PER_DIAL_MAX, FRAME_BYTES_MAX } from "./limits.ts";
export type { LinkCounters } from "./link.ts";
export type { OnFound } from "./local-discovery.ts";
export { type Network, type NetworkOptions, type NetworkStats, openNetwork, PROTOCOL } from "./network.ts";
export type { PeerStats, SwitchboardStats } from "./switchboard.ts";
