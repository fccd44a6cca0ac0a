/**
 * A call of a guest as it stands in the context's log: enough to repeat it, and what its author's module made of it.
 *
 * ```
 * version 1 or 2 | method (string) | input (bytes) | time: nanoseconds, u64 big-endian | seed 32
 *   | root before 32 | root after 32 | flags 1: 1 it can be repeated | artifact (bytes)
 *   | in version 2: the limits that it ran under, where they differ from the default (`limit-changes.ts`)
 * ```
 *
 * Who called is not in it: that is the member whose delta appended it. Canonical; what does not decode counts as a call
 * without effect, alike on every node.
 */
import { ID_BYTES, Reader, Writer } from "@dunlin/core/base";
import { type GuestLimitChanges, readLimits, writeLimits } from "../limit-changes.ts";
import { ARTIFACT_BYTES_MAX, INPUT_BYTES_MAX, METHOD_NAME_BYTES_MAX } from "../limits.ts";

export interface CallRecord {
  readonly method: string;
  readonly input: Uint8Array;
  readonly timeNs: bigint;
  readonly seed: Uint8Array;
  /** The guest's root when its author called, and the one that the call left. */
  readonly rootBefore: Uint8Array;
  readonly rootAfter: Uint8Array;
  /** False when the call looked at what lies on its author's machine alone. */
  readonly isRepeatable: boolean;
  /** Empty for a module that makes none. */
  readonly artifact: Uint8Array;
  /** Limits other than the defaults; absent for a call under these. */
  readonly limits?: GuestLimitChanges;
}

const VERSION = 1;
const VERSION_WITH_LIMITS = 2;
const TIME_BYTES = 8;

export function encodeRecord(record: CallRecord): Uint8Array {
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, record.timeNs);
  const { limits = {} } = record;
  const isLimited = Object.keys(limits).length > 0;
  const writer = new Writer()
    .u8(isLimited ? VERSION_WITH_LIMITS : VERSION)
    .string(record.method)
    .bytes(record.input)
    .raw(time)
    .raw(record.seed)
    .raw(record.rootBefore)
    .raw(record.rootAfter)
    .u8(record.isRepeatable ? 1 : 0)
    .bytes(record.artifact);
  return (isLimited ? writeLimits(writer, limits) : writer).toBytes();
}

export function decodeRecord(bytes: Uint8Array): CallRecord | undefined {
  const reader = new Reader(bytes);
  const version = reader.u8();
  if (version !== VERSION && version !== VERSION_WITH_LIMITS) return undefined;
  const method = reader.string(METHOD_NAME_BYTES_MAX);
  const input = reader.bytes(INPUT_BYTES_MAX);
  const time = reader.raw(TIME_BYTES);
  const [seed, rootBefore, rootAfter] = [reader.raw(ID_BYTES), reader.raw(ID_BYTES), reader.raw(ID_BYTES)];
  const flags = reader.u8();
  const artifact = reader.bytes(ARTIFACT_BYTES_MAX);
  const limits = version === VERSION_WITH_LIMITS ? { limits: readLimits(reader) } : {};
  if (!reader.finish() || flags > 1) return undefined;
  const timeNs = new DataView(time.buffer, time.byteOffset).getBigUint64(0);
  return { method, input, timeNs, seed, rootBefore, rootAfter, isRepeatable: flags === 1, artifact, ...limits };
}
