export type { Abi, AbiEvent, AbiField, AbiMethod, AbiType } from "./abi/abi.ts";
export { type BuildError, buildApplication } from "./build.ts";
export { type ApplicationBundle, applicationIdOf, decodeBundle, encodeBundle } from "./bundle.ts";
export type {
  CallError,
  CallErrorCode,
  CallEvent,
  CallOutcome,
  CallRequest,
  MethodKind,
  StackFrame,
} from "./call.ts";
export type { Description } from "./description.ts";
export { createEngine, type Engine, type EngineOptions, type EngineSource, type LoadError } from "./engine.ts";
export type { StateField } from "./frame.ts";
export type { ContainerType, HostHandle, HostState, HostValue } from "./host-state.ts";
export { quickjsModule } from "./quickjs/module.ts";
