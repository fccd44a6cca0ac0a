/**
 * A delta's payload as it is sealed: authenticated together with all of the body before it, so that it opens in this
 * delta and in no other.
 *
 *     payload of the body = AEAD(key of the epoch, body up to the payload, payload in the clear)
 *
 * What does not open under the key that its epoch commits to, or does not decode, counts as empty, alike on all nodes.
 * Access statements in it are void: they are for those to read who have no key yet.
 */
import { EMPTY_BYTES } from "../../base/index.ts";
import { AEAD_OVERHEAD_BYTES, type Aead } from "../../crypto/index.ts";
import { type AuthenticDelta, type DeltaBody, encodeBody, SIGNATURE_BYTES } from "../../dag/index.ts";
import { decodePayload, type PayloadEntry } from "../payload.ts";

export function sealPayload(aead: Aead, body: DeltaBody): DeltaBody {
  const length = body.payload.length + AEAD_OVERHEAD_BYTES;
  const blank = encodeBody({ ...body, sealed: true, payload: new Uint8Array(length) });
  const payload = aead.seal(blank.subarray(0, blank.length - length), body.payload);
  return { ...body, sealed: true, payload };
}

export function openPayload(aead: Aead, delta: AuthenticDelta): readonly PayloadEntry[] {
  const { bytes, payload = EMPTY_BYTES } = delta;
  const head = bytes.subarray(0, bytes.length - SIGNATURE_BYTES - payload.length);
  const opened = aead.open(head, payload);
  const entries = opened && decodePayload(opened);
  return entries?.filter(({ kind }) => kind === "call") ?? [];
}
