export { seededRandom, systemScheduler } from "./ports.ts";
export { createVirtualTime, type VirtualTime } from "./virtual-time.ts";
