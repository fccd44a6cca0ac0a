export type { Dump } from "@dunlin/runtime";
export { NotConverged } from "./agreement.ts";
export {
  CallFailed,
  type SimulatedContext,
  type SimulatedEvent,
  type SimulatedNode,
  type SimulateOptions,
  Simulation,
  simulate,
} from "./simulation.ts";
