export { NodeFailure } from "./failure.ts";
export { openNode } from "./open-node.ts";
export { systemClock, systemRandom, systemScheduler } from "./platform.ts";
export { VERSION } from "./version.ts";
