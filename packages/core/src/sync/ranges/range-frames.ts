/**
 * The bodies of the two frames of a search by ranges.
 *
 *   claims:  varint n ‖ n times (bound from ‖ bound to ‖ varint count ‖ sum 16)
 *   bound:   u8 0, the beginning or the end | u8 1 ‖ varint stamp ‖ id 32
 */
import { type DeltaId, ID_BYTES, type Reader, type Stamp, type Writer } from "../../base/index.ts";
import { RANGE_PARTS, RANGES_PER_FRAME_MAX } from "../limits.ts";
import { type Bound, FINGERPRINT_BYTES } from "./range-set.ts";
import type { RangeClaim } from "./reconcile.ts";

/** Two flags, a count and a sum. */
const CLAIM_BYTES_MIN = 3 + FINGERPRINT_BYTES;
export const RANGE_CLAIMS_MAX: number = RANGES_PER_FRAME_MAX * RANGE_PARTS;

export function writeClaims(writer: Writer, claims: readonly RangeClaim[]): Writer {
  writer.varint(claims.length);
  for (const { from, to, fingerprint } of claims) {
    writeBound(writer, from);
    writeBound(writer, to);
    writer.varint(fingerprint.count).raw(fingerprint.sum);
  }
  return writer;
}

export function readClaims(reader: Reader, max: number): RangeClaim[] {
  const claims: RangeClaim[] = [];
  const count = reader.count(max, CLAIM_BYTES_MIN);
  for (let i = 0; i < count && !reader.failed; i++) {
    const [from, to] = [readBound(reader), readBound(reader)];
    claims.push({ from, to, fingerprint: { count: reader.varint(), sum: reader.raw(FINGERPRINT_BYTES) } });
  }
  return claims;
}

function writeBound(writer: Writer, bound: Bound | undefined): void {
  writer.u8(bound ? 1 : 0);
  if (bound) writer.varint(bound.stamp).raw(bound.id);
}

function readBound(reader: Reader): Bound | undefined {
  const flag = reader.u8();
  if (flag > 1) reader.fail();
  if (flag !== 1) return undefined;
  // Kept over the frame's end, as what is asked for next.
  return { stamp: reader.varint() as Stamp, id: reader.raw(ID_BYTES).slice() as DeltaId };
}
