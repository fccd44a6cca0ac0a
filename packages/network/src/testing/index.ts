export { type FaultProxy, type FaultProxyOptions, type Faults, openFaultProxy } from "./fault-proxy.ts";
export { seededRandom, systemScheduler } from "./ports.ts";
export { openRawPeer, type RawPeer, untilClosed } from "./raw-peer.ts";
export { openTestNode, type TestEvent, type TestNode, type TestNodeOptions } from "./test-node.ts";
export { createVirtualTime, type VirtualTime } from "./virtual-time.ts";
