export { NodeFailure } from "./failure.ts";
export { openNode, VERSION } from "./node.ts";
export { systemClock, systemRandom, systemScheduler } from "./platform.ts";
