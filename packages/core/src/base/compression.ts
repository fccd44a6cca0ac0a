/**
 * A block: bytes as they are stored or exported, compressed where that pays.
 *
 *   algorithm (u8)   0 none          | the bytes
 *                    1 deflate-raw   | length of the bytes (varint, above 0) | RFC 1951
 *
 * Blocks are independent of one another. They are never hashed or signed: two versions of one compressor give different
 * bytes. Refused, before memory is taken for it: a block that says it holds more than the caller's limit, or more times
 * its own length than any that is packed here; a block that holds another length than it says.
 */
import { Reader, Writer } from "./codec.ts";
import { err, type Failure, ok, type Result } from "./result.ts";

/** A compressor that answers at once. */
export interface Compression {
  /** A raw deflate stream. Level 1 is the quickest, 9 the smallest. */
  deflateRaw(bytes: Uint8Array, level: number): Uint8Array;
  /** What a raw deflate stream holds; undefined when it is malformed or holds more than `bytesMax`. */
  inflateRaw(stream: Uint8Array, bytesMax: number): Uint8Array | undefined;
}

/** A compressor of the platform's streams, whose level is the platform's. */
export interface AsyncCompression {
  deflateRaw(bytes: Uint8Array): Promise<Uint8Array>;
  inflateRaw(stream: Uint8Array, bytesMax: number): Promise<Uint8Array | undefined>;
}

export interface BlockOptions {
  readonly level?: number;
  /** Bytes below which nothing is compressed. */
  readonly thresholdBytes?: number;
}

export type BlockFailureCode =
  /** The block is cut short, or holds something else than it says. */
  | "BLOCK_MALFORMED"
  /** The block would unfold to more than is allowed, or to more times its length than any honest one. */
  | "BLOCK_TOO_LARGE"
  /** The block's algorithm is unknown, or this platform has no decompressor. */
  | "BLOCK_UNSUPPORTED";

export type BlockFailure = Failure<BlockFailureCode>;

/** Below this a block is not worth the call. */
export const BLOCK_THRESHOLD_BYTES_DEFAULT = 1024;
/** The quickest: on state pages the smallest saves a few hundredths more and takes several times as long. */
export const BLOCK_LEVEL_DEFAULT = 1;
/** Compressed must be at most this part of the bytes, or decompressing is not worth it. */
export const BLOCK_GAIN_MAX = 0.9;
/** Bytes of content for each byte of a stream. Deflate reaches 1032, but for bytes that say nothing. */
export const BLOCK_RATIO_MAX = 256;

const NONE = 0;
const DEFLATE_RAW = 1;

/** Without a compressor the block holds the bytes as they are. */
export function packBlock(bytes: Uint8Array, compression?: Compression, options: BlockOptions = {}): Uint8Array {
  if (compression === undefined || isBelowThreshold(bytes, options)) return frame(bytes, undefined);
  return frame(bytes, compression.deflateRaw(bytes, options.level ?? BLOCK_LEVEL_DEFAULT));
}

export async function packBlockAsync(
  bytes: Uint8Array,
  compression?: AsyncCompression,
  options: Pick<BlockOptions, "thresholdBytes"> = {},
): Promise<Uint8Array> {
  if (compression === undefined || isBelowThreshold(bytes, options)) return frame(bytes, undefined);
  return frame(bytes, await compression.deflateRaw(bytes));
}

/** The bytes, at most `bytesMax`: of an uncompressed block a view of it. */
export function unpackBlock(
  block: Uint8Array,
  bytesMax: number,
  compression?: Compression,
): Result<Uint8Array, BlockFailure> {
  const opened = openBlock(block, bytesMax, compression !== undefined);
  if (!opened.ok || opened.value.stream === undefined || compression === undefined) return toContent(opened);
  const { stream, length } = opened.value;
  return checkLength(compression.inflateRaw(stream, length), length);
}

export async function unpackBlockAsync(
  block: Uint8Array,
  bytesMax: number,
  compression?: AsyncCompression,
): Promise<Result<Uint8Array, BlockFailure>> {
  const opened = openBlock(block, bytesMax, compression !== undefined);
  if (!opened.ok || opened.value.stream === undefined || compression === undefined) return toContent(opened);
  const { stream, length } = opened.value;
  return checkLength(await compression.inflateRaw(stream, length), length);
}

/** Bytes as they are, or a stream and how many bytes it says it holds. */
type Opened =
  | { readonly bytes: Uint8Array; readonly stream?: undefined }
  | { readonly stream: Uint8Array; readonly length: number };

function isBelowThreshold(bytes: Uint8Array, { thresholdBytes }: BlockOptions): boolean {
  return bytes.length < Math.max(1, thresholdBytes ?? BLOCK_THRESHOLD_BYTES_DEFAULT);
}

function frame(bytes: Uint8Array, stream: Uint8Array | undefined): Uint8Array {
  const pays =
    stream !== undefined &&
    stream.length <= bytes.length * BLOCK_GAIN_MAX &&
    bytes.length <= stream.length * BLOCK_RATIO_MAX;
  const writer = new Writer((pays ? stream : bytes).length + 16);
  if (pays) writer.u8(DEFLATE_RAW).varint(bytes.length).raw(stream);
  else writer.u8(NONE).raw(bytes);
  return writer.toBytes();
}

function openBlock(block: Uint8Array, bytesMax: number, canInflate: boolean): Result<Opened, BlockFailure> {
  const reader = new Reader(block);
  const algorithm = reader.u8();
  if (reader.failed) return err("BLOCK_MALFORMED", "a block has at least one byte");
  if (algorithm === NONE) {
    const bytes = reader.raw(reader.remaining);
    return bytes.length > bytesMax ? tooLarge(bytesMax) : ok({ bytes });
  }
  if (algorithm !== DEFLATE_RAW || !canInflate) {
    return err("BLOCK_UNSUPPORTED", `this program cannot unpack blocks of algorithm ${algorithm}`);
  }
  const length = reader.varint();
  const stream = reader.raw(reader.remaining);
  if (!reader.finish() || length === 0) return err("BLOCK_MALFORMED", "a compressed block says how much it holds");
  return length > bytesMax || length > stream.length * BLOCK_RATIO_MAX ? tooLarge(bytesMax) : ok({ stream, length });
}

function toContent(opened: Result<Opened, BlockFailure>): Result<Uint8Array, BlockFailure> {
  if (!opened.ok) return opened;
  return ok(opened.value.stream ?? opened.value.bytes);
}

function checkLength(bytes: Uint8Array | undefined, length: number): Result<Uint8Array, BlockFailure> {
  if (bytes?.length === length) return ok(bytes);
  return err("BLOCK_MALFORMED", "a compressed block is damaged, or holds another length than it says");
}

function tooLarge(bytesMax: number): Result<never, BlockFailure> {
  return err("BLOCK_TOO_LARGE", `a block here holds at most ${bytesMax} bytes, and ${BLOCK_RATIO_MAX} times its own`);
}
