export { NotConverged } from "./agreement.ts";
export {
  CallFailed,
  type SimulatedEvent,
  type SimulatedNode,
  type SimulateOptions,
  Simulation,
  simulate,
} from "./simulation.ts";
export type { Dump } from "./state-dump.ts";
