export { Counts } from "./counts.ts";
export { mix, mixUnit } from "./mix.ts";
export { Network, type NetworkPorts, nodeOf, peerOf } from "./network.ts";
export { Trace } from "./trace.ts";
export { type Turns, VirtualTime } from "./virtual-time.ts";
export type { Weather } from "./weather.ts";
