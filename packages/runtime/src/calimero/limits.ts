/** What one call of a Calimero application may use: the figures of that node, where a comment says nothing else. */
export interface GuestLimits {
  /** Units of fuel, as `fuel/meter.ts` charges them; as much again for the work of host functions. */
  readonly fuel: bigint;
  readonly stackBytes: number;
  readonly registersMax: number;
  readonly registerBytesMax: number;
  readonly registersBytesMax: number;
  readonly logsMax: number;
  readonly logBytesMax: number;
  readonly eventsMax: number;
  readonly eventKindBytesMax: number;
  readonly eventDataBytesMax: number;
  readonly crossCallsMax: number;
  readonly crossCallFunctionBytesMax: number;
  readonly crossCallParamsBytesMax: number;
  readonly storageKeyBytesMax: number;
  readonly storageValueBytesMax: number;
  readonly writtenBytesMax: number;
  readonly blobHandlesMax: number;
  readonly blobChunkBytesMax: number;
  readonly blobBytesMax: number;
  readonly returnBytesMax: number;
  readonly artifactBytesMax: number;
  readonly contextChangesMax: number;
  readonly proposalsMax: number;
}

export const GUEST_LIMITS_DEFAULT: GuestLimits = {
  /** About two seconds of work. */
  fuel: 2_000_000_000n,
  /** Of native stack, as the pass counts it: a third of what the engine has. */
  stackBytes: 320 * 1024,
  /** Registers of a call. */
  registersMax: 100,
  /** Bytes of one register. */
  registerBytesMax: 100 * 1024 * 1024,
  /** Bytes of all registers together: twice a guest's memory; the original takes 1 GiB. */
  registersBytesMax: 128 * 1024 * 1024,
  /** Lines of log. */
  logsMax: 100,
  /** Bytes of one line of log. */
  logBytesMax: 16 * 1024,
  /** Events of a call. */
  eventsMax: 100,
  /** Bytes of an event's kind. */
  eventKindBytesMax: 100,
  /** Bytes of an event's data. */
  eventDataBytesMax: 16 * 1024,
  /** Calls of other contexts that a call may ask for. */
  crossCallsMax: 100,
  /** Bytes of the name of the method in one of them. */
  crossCallFunctionBytesMax: 100,
  /** Bytes of its arguments. */
  crossCallParamsBytesMax: 16 * 1024,
  /** Bytes of a key: what a row of the store has room for; the original takes 32 and passes over longer ones. */
  storageKeyBytesMax: 1024,
  /** Bytes of a value: what a row of the store takes, less some; the original takes 10 MiB. */
  storageValueBytesMax: 8 * 1024 * 1024 - 1024,
  /** Bytes that a call may write to its storage in all. */
  writtenBytesMax: 64 * 1024 * 1024,
  /** Open blobs. */
  blobHandlesMax: 100,
  /** Bytes of one read or write of a blob. */
  blobChunkBytesMax: 10 * 1024 * 1024,
  /** Bytes of all blobs that a call writes: they are in memory until it ends. */
  blobBytesMax: 64 * 1024 * 1024,
  /** Bytes that a method may return. */
  returnBytesMax: 8 * 1024 * 1024,
  /** Bytes of an artifact: it travels in one delta. */
  artifactBytesMax: 768 * 1024,
  /** Changes of contexts and members that a call may ask for. */
  contextChangesMax: 100,
  /** Proposals and approvals of a call. */
  proposalsMax: 100,
};

/** The length of a method's name. */
export const METHOD_NAME_BYTES_MAX = 256;
/** The length of an alias. */
export const ALIAS_BYTES_MAX = 50;
/** Of a text that a guest gives for an error, what is handed on. */
export const GUEST_TEXT_BYTES_MAX: number = 16 * 1024;
/** Of a record in the log: what one delta carries, less some. */
export const ARTIFACT_BYTES_MAX: number = 768 * 1024;
export const INPUT_BYTES_MAX: number = 768 * 1024;
/** How far the time that a call saw may lie ahead of its delta's stamp: what the drift of clocks allows. */
export const TIME_AHEAD_NS_MAX = 60_000_000_000n;
/** Records that can be taken back one by one; an earlier one means that all are applied anew. */
export const UNDO_RECORDS_MAX = 256;
/** Bytes of what one record replaced, to be taken back by: more is not kept, and taking it back means a new beginning. */
export const UNDO_BYTES_MAX: number = 4 * 1024 * 1024;
/** How long the fold keeps the thread. */
export const FOLD_TURN_MS = 50;
