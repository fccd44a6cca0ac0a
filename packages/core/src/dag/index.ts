export {
  type AuthenticDelta,
  actorOf,
  type DeltaErrorCode,
  type DeltaHeader,
  decodeDelta,
  type SignedDelta,
  signDelta,
  trustStored,
  verifyDelta,
} from "./delta.ts";
export {
  type Author,
  type Cause,
  type DeltaBody,
  decodeBody,
  type Extension,
  encodeBody,
  REPLICA_ID_BYTES,
  SIGNATURE_BYTES,
} from "./envelope.ts";
export { Graph, type GraphReader, type Order, type VersionVector } from "./graph.ts";
export { DELTA_BYTES_MAX, DELTA_PARENTS_MAX, MISSING_FRONTIER_MAX } from "./limits.ts";
export { Pending, type Waiting } from "./pending.ts";
