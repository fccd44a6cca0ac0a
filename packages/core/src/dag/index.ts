export type { VersionVector } from "./chains.ts";
export {
  type AuthenticDelta,
  actorOf,
  type DeltaErrorCode,
  type DeltaHeader,
  decodeDelta,
  hasPrunedForm,
  pruneDelta,
  type ReceivedDelta,
  type SignedDelta,
  signatureOf,
  signDelta,
  trustStored,
  verifyDelta,
} from "./delta.ts";
export {
  type Author,
  type Cause,
  type DeltaBody,
  decodeBody,
  decodePruned,
  type Extension,
  encodeBody,
  REPLICA_ID_BYTES,
  SIGNATURE_BYTES,
} from "./envelope.ts";
export {
  type Equivocation,
  type EquivocationErrorCode,
  type EquivocationProof,
  encodeEquivocation,
  verifyEquivocation,
} from "./equivocation.ts";
export { Graph, type GraphReader, type Order, type Place } from "./graph.ts";
export {
  COPIES_CHECKED_PER_BATCH_MAX,
  DELTA_BYTES_MAX,
  DELTA_PARENTS_MAX,
  MISSING_FRONTIER_MAX,
  SIGNATURES_PER_UNPROVEN_MAX,
  VOUCHERS_MAX,
} from "./limits.ts";
export { Moments } from "./moments.ts";
export { type Held, Pending, type Waiting } from "./pending.ts";
export { type Proven, proveAny, proveNamed, proveSigned, type Unproven } from "./proof.ts";
