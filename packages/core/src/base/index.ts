export { AssertionError, assert, must, unreachable } from "./assert.ts";
export { base58ToBytes, bytesToBase58 } from "./base58.ts";
export {
  bytesEqual,
  bytesToHex,
  compareBytes,
  concatBytes,
  EMPTY_BYTES,
  hexToBytes,
  prefixEnd,
  utf8,
  utf8ToString,
} from "./bytes.ts";
export { Reader, Writer } from "./codec.ts";
export {
  type AsyncCompression,
  type BlockFailure,
  type BlockFailureCode,
  type BlockOptions,
  type Compression,
  packBlock,
  packBlockAsync,
  unpackBlock,
  unpackBlockAsync,
} from "./compression.ts";
export { nextStamp, STAMP_MAX, STAMP_ZERO, type Stamp, stamp, stampAheadMs, stampToMs } from "./hlc.ts";
export {
  ACTOR_BYTES,
  type ActorId,
  type ApplicationId,
  actorId,
  applicationId,
  type BlobId,
  blobId,
  type ChunkId,
  type ContainerId,
  type ContextId,
  chunkId,
  containerId,
  contextId,
  type DeltaId,
  deltaId,
  ID_BYTES,
  type Id,
  idKey,
  idKeyToBytes,
  idToText,
  type PublicKey,
  publicKey,
  textToId,
} from "./ids.ts";
export { type Json, jsonToValue, type Primitive, type Value, valueToJson } from "./json.ts";
export {
  type Entry,
  type KeyValueStore,
  Miss,
  type RangeOptions,
  type ReadView,
  runLoaded,
  StoreFailure,
  type StoreFailureCode,
  type Turns,
  type WriteOperation,
} from "./key-value.ts";
export { BLOCK_GAIN_MAX, BLOCK_RATIO_MAX } from "./limits.ts";
export { isPacked } from "./packed.ts";
export { BufferPool, type Lease, ObjectPool, type ObjectPoolOptions } from "./pool.ts";
export {
  type Cancel,
  type Clock,
  type Log,
  type LogLevel,
  type PeerId,
  peerId,
  type Random,
  type Scheduler,
  type SendOutcome,
  type Signer,
  silentLog,
  type Transport,
  type TransportEvents,
} from "./ports.ts";
export { createPrng, type Prng } from "./prng.ts";
export { type Err, err, type Failure, type Ok, ok, type Result } from "./result.ts";
