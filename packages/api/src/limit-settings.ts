/**
 * What a call of an application may use, and what a context may use over time, as an operator sets it: for the whole
 * node, for single contexts in the configuration, and for one context while the node runs.
 *
 * They bind the calls that begin on this node. What came of a call elsewhere is judged by what is recorded with it, so
 * a setting of one node never makes its state differ from that of others.
 */

export type ContextLimitName =
  | "callFuel"
  | "guestFuel"
  | "eventsMax"
  | "eventDataBytesMax"
  | "logsMax"
  | "logBytesMax"
  | "returnBytesMax"
  | "stackBytes"
  | "registersMax"
  | "registerBytesMax"
  | "registersBytesMax"
  | "eventKindBytesMax"
  | "crossCallsMax"
  | "crossCallFunctionBytesMax"
  | "crossCallParamsBytesMax"
  | "storageKeyBytesMax"
  | "storageValueBytesMax"
  | "writtenBytesMax"
  | "blobHandlesMax"
  | "blobChunkBytesMax"
  | "blobBytesMax"
  | "artifactBytesMax"
  | "contextChangesMax"
  | "proposalsMax"
  | "fuelPerSecond"
  | "fuelPerMinute"
  | "deltasPerSecond"
  | "storageBytes"
  | "blobBytes";

export type ContextLimits = { readonly [N in ContextLimitName]?: number };

/** Inclusive bounds. */
export const CONTEXT_LIMIT_RANGES: Readonly<Record<ContextLimitName, readonly [min: number, max: number]>> = {
  /** Work of one call of a TypeScript application, in functions entered and turns of loops. */
  callFuel: [1_000_000, 100_000_000_000],
  /** Work of one call of a WebAssembly application, in instructions; as much again for the host's. */
  guestFuel: [1_000_000, 2_000_000_000],
  // Of one call; those of both kinds of application first, then those of WebAssembly applications.
  eventsMax: [0, 100],
  eventDataBytesMax: [0, 16_384],
  logsMax: [0, 1_000],
  logBytesMax: [0, 65_536],
  returnBytesMax: [0, 8_388_608],
  stackBytes: [16_384, 327_680],
  registersMax: [1, 1_000],
  registerBytesMax: [1_024, 104_857_600],
  registersBytesMax: [1_024, 134_217_728],
  eventKindBytesMax: [1, 100],
  crossCallsMax: [0, 1_000],
  crossCallFunctionBytesMax: [1, 256],
  crossCallParamsBytesMax: [0, 786_432],
  storageKeyBytesMax: [32, 1_024],
  storageValueBytesMax: [1_024, 8_387_584],
  writtenBytesMax: [1_024, 67_108_864],
  blobHandlesMax: [0, 1_000],
  blobChunkBytesMax: [1_024, 10_485_760],
  blobBytesMax: [0, 67_108_864],
  artifactBytesMax: [1_024, 786_432],
  contextChangesMax: [0, 1_000],
  proposalsMax: [0, 1_000],
  // Budgets: no bound unless said. Fuel is counted as the context's kind of application counts it.
  fuelPerSecond: [10_000, 1_000_000_000_000],
  fuelPerMinute: [10_000, 1_000_000_000_000],
  deltasPerSecond: [1, 1_000_000],
  storageBytes: [1, Number.MAX_SAFE_INTEGER],
  blobBytes: [0, Number.MAX_SAFE_INTEGER],
};

export const CONTEXT_LIMIT_NAMES: readonly ContextLimitName[] = Object.keys(CONTEXT_LIMIT_RANGES) as ContextLimitName[];

/** Why a number is none that this limit may have; undefined when it may. */
export function limitProblem(name: string, value: unknown): string | undefined {
  const known = CONTEXT_LIMIT_NAMES.find((one) => one === name);
  if (known === undefined)
    return `there is no limit ${JSON.stringify(name.slice(0, 100))}: there are ${CONTEXT_LIMIT_NAMES.join(", ")}`;
  const [min, max] = CONTEXT_LIMIT_RANGES[known];
  if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) return undefined;
  return `${known} must be an integer from ${min} to ${max}`;
}

/** Of one context. */
export interface ContextLimitsInfo {
  readonly contextId: string;
  /** What holds: the context's own, over the configuration's for it, over that for all. Absent: the default. */
  readonly limits: ContextLimits;
  /** What was set for this context while a node ran. */
  readonly own: ContextLimits;
  /** What is used of each budget that is set. */
  readonly used: ContextUsage;
}

/** Of a rate, what is used of what a full second or minute gives. */
export type ContextUsage = { readonly [N in BudgetName]?: number };

export type BudgetName = Extract<
  ContextLimitName,
  "fuelPerSecond" | "fuelPerMinute" | "deltasPerSecond" | "storageBytes" | "blobBytes"
>;

export interface SetContextLimitsRequest {
  readonly contextId: string;
  /** Those that are named change: to a number, or with null back to what the configuration says. */
  readonly changes: { readonly [N in ContextLimitName]?: number | null };
}
