/**
 * What a call may use where it is not what every call may: limits change results, so those of a call stand in its record,
 * and whoever repeats it judges by them and by nothing of its own.
 *
 * ```
 * count (varint, 1 to the number of limits) | count times: number of the limit u8, ascending | value (varint)
 * ```
 *
 * A value is within its bounds and not the default. So a set of limits has one encoding; none stands for the defaults.
 */
import { must, type Reader, type Writer } from "@dunlin/core/base";
import { GUEST_LIMITS_DEFAULT, type GuestLimits } from "./limits.ts";

/** Limits that differ from the default; of fuel as a number. */
export type GuestLimitChanges = { readonly [N in keyof GuestLimits]?: number };

interface Bounds {
  /** In records: for ever. */
  readonly code: number;
  readonly min: number;
  readonly max: number;
}

/**
 * A limit may be lowered. It may be raised where that costs only the node that runs the call: what a record may cost
 * others, and what one delta carries, is the same for all.
 */
export const GUEST_LIMIT_BOUNDS: { readonly [N in keyof GuestLimits]: Bounds } = {
  fuel: { code: 1, min: 1000, max: 2_000_000_000 },
  stackBytes: { code: 2, min: 16_384, max: 320 * 1024 },
  registersMax: { code: 3, min: 1, max: 1000 },
  registerBytesMax: { code: 4, min: 1024, max: 100 * 1024 * 1024 },
  registersBytesMax: { code: 5, min: 1024, max: 128 * 1024 * 1024 },
  logsMax: { code: 6, min: 0, max: 1000 },
  logBytesMax: { code: 7, min: 0, max: 64 * 1024 },
  eventsMax: { code: 8, min: 0, max: 100 },
  eventKindBytesMax: { code: 9, min: 1, max: 100 },
  eventDataBytesMax: { code: 10, min: 0, max: 16 * 1024 },
  crossCallsMax: { code: 11, min: 0, max: 1000 },
  crossCallFunctionBytesMax: { code: 12, min: 1, max: 256 },
  crossCallParamsBytesMax: { code: 13, min: 0, max: 768 * 1024 },
  storageKeyBytesMax: { code: 14, min: 32, max: 1024 },
  storageValueBytesMax: { code: 15, min: 1024, max: 8 * 1024 * 1024 - 1024 },
  writtenBytesMax: { code: 16, min: 1024, max: 64 * 1024 * 1024 },
  blobHandlesMax: { code: 17, min: 0, max: 1000 },
  blobChunkBytesMax: { code: 18, min: 1024, max: 10 * 1024 * 1024 },
  blobBytesMax: { code: 19, min: 0, max: 64 * 1024 * 1024 },
  returnBytesMax: { code: 20, min: 0, max: 8 * 1024 * 1024 },
  artifactBytesMax: { code: 21, min: 1024, max: 768 * 1024 },
  contextChangesMax: { code: 22, min: 0, max: 1000 },
  proposalsMax: { code: 23, min: 0, max: 1000 },
};

const NAMES = (Object.keys(GUEST_LIMIT_BOUNDS) as (keyof GuestLimits)[]).sort(
  (a, b) => GUEST_LIMIT_BOUNDS[a].code - GUEST_LIMIT_BOUNDS[b].code,
);
const nameByCode = new Map(NAMES.map((name) => [GUEST_LIMIT_BOUNDS[name].code, name]));

/** The defaults with these changes, each of which must be within its bounds. */
export function guestLimits({ fuel, ...numbers }: GuestLimitChanges): GuestLimits {
  return { ...GUEST_LIMITS_DEFAULT, ...numbers, ...(fuel === undefined ? {} : { fuel: BigInt(fuel) }) };
}

/** What of these limits differs from the defaults. */
export function limitChanges(limits: GuestLimits): GuestLimitChanges {
  const changed = NAMES.filter((name) => limits[name] !== GUEST_LIMITS_DEFAULT[name]);
  return Object.fromEntries(changed.map((name) => [name, Number(limits[name])]));
}

/** Writes changes of which there is at least one. */
export function writeLimits(writer: Writer, changes: GuestLimitChanges): Writer {
  const changed = NAMES.filter((name) => changes[name] !== undefined);
  writer.varint(changed.length);
  for (const name of changed) writer.u8(GUEST_LIMIT_BOUNDS[name].code).varint(must(changes[name], "a changed limit"));
  return writer;
}

/** Fails the reader on what `writeLimits` would not have written. */
export function readLimits(reader: Reader): GuestLimitChanges {
  const changes: Partial<Record<keyof GuestLimits, number>> = {};
  const count = reader.count(NAMES.length, 2);
  if (count === 0) reader.fail();
  let last = 0;
  for (let i = 0; i < count && !reader.failed; i++) {
    const code = reader.u8();
    const value = reader.varint();
    const name = nameByCode.get(code);
    if (name === undefined || code <= last || !isChange(name, value)) reader.fail();
    else changes[name] = value;
    last = code;
  }
  return changes;
}

function isChange(name: keyof GuestLimits, value: number): boolean {
  const { min, max } = GUEST_LIMIT_BOUNDS[name];
  return value >= min && value <= max && value !== Number(GUEST_LIMITS_DEFAULT[name]);
}
