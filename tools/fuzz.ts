/**
 * The fuzz harness of every decoder: seeded mutations of valid inputs, and three checks on each.
 *
 * 1. The decoder never throws: foreign bytes are refused, not crashed on.
 * 2. What it accepts re-encodes to the same bytes: a format has one encoding per value.
 * 3. Every input of the corpus is accepted, so a decoder that refuses everything cannot pass.
 *
 * A failure names the seed, the index and the bytes in hexadecimal: paste them into a test of their own. The number of
 * inputs comes from DUNLIN_FUZZ_INPUTS; `npm test` uses the default, `npm run verify` a million.
 */
import { bytesEqual, bytesToHex, createPrng, type Prng, type Result } from "@dunlin/core/base";

export interface FuzzOptions<T> {
  readonly name: string;
  readonly seed: number;
  /** Valid encodings to start from: small ones, of every shape that the format has. */
  readonly corpus: readonly Uint8Array[];
  /** The value, or `undefined` for a refusal; `orUndefined` adapts a decoder that gives a `Result`. */
  readonly decode: (bytes: Uint8Array) => T | undefined;
  readonly encode: (value: T) => Uint8Array;
  /** How many inputs, instead of DUNLIN_FUZZ_INPUTS: for decoders that are slow by design. */
  readonly inputs?: number;
}

export interface FuzzReport {
  readonly inputs: number;
  /** How many mutated inputs were accepted: the corpus itself is not counted. */
  readonly accepted: number;
}

/** Inputs per decoder without DUNLIN_FUZZ_INPUTS. */
export const FUZZ_INPUTS_DEFAULT = 50_000;

/** A mutated input is at most this much longer than what it came from: enough to pass every length check by a lot. */
const GROWTH_MAX_BYTES = 64;

/** Values at the edges of bytes and varints. */
const EDGE_BYTES = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/** Byte runs at the edges of longer integers: 2^53-1, 2^53, 2^64-1 and an over-long zero as varints, and a u32. */
const EDGE_RUNS: readonly Uint8Array[] = [
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Uint8Array.of(0x80, 0x00),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x00, 0x00, 0x00, 0x80),
];

/** Throws an error that replays on the first violation; otherwise tells how much was tried. */
export function fuzzDecoder<T>(options: FuzzOptions<T>): FuzzReport {
  const { corpus, seed } = options;
  if (corpus.length === 0) throw new Error(`fuzz ${options.name}: the corpus is empty`);
  for (const [index, bytes] of corpus.entries()) {
    if (!tryInput(options, bytes, `corpus[${index}]`)) {
      throw new Error(failure(options, `corpus[${index}]`, "the decoder refuses a valid input", bytes));
    }
  }
  const inputs = options.inputs ?? fuzzInputs();
  const prng = createPrng(seed);
  let accepted = 0;
  for (let index = 0; index < inputs; index++) {
    const bytes = mutate(prng, corpus);
    if (tryInput(options, bytes, `input ${index}`)) accepted++;
  }
  return { inputs, accepted };
}

/** Makes a decoder that gives a `Result` fit for `decode`. */
export function orUndefined<T>(
  decode: (bytes: Uint8Array) => Result<T, unknown>,
): (bytes: Uint8Array) => T | undefined {
  return (bytes) => {
    const result = decode(bytes);
    return result.ok ? result.value : undefined;
  };
}

/** How many inputs DUNLIN_FUZZ_INPUTS asks for, or the default. */
export function fuzzInputs(): number {
  const text = process.env["DUNLIN_FUZZ_INPUTS"];
  if (text === undefined || text === "") return FUZZ_INPUTS_DEFAULT;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`DUNLIN_FUZZ_INPUTS is not a count: ${text}`);
  return count;
}

/** One to four mutations of one item of the corpus. Exported for harnesses that check something else than decoding. */
export function mutate(prng: Prng, corpus: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = prng.pick(corpus).slice();
  const rounds = 1 + (prng.u32() & 3);
  for (let round = 0; round < rounds; round++) bytes = mutateOnce(prng, bytes, corpus);
  return bytes;
}

function mutateOnce(prng: Prng, bytes: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  const at = prng.below(bytes.length + 1);
  switch (prng.below(10)) {
    case 0:
      return overwrite(bytes, at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << prng.below(8))));
    case 1:
      return overwrite(bytes, at, Uint8Array.of(prng.u32() & 255));
    case 2:
      return overwrite(bytes, at, Uint8Array.of(prng.pick(EDGE_BYTES)));
    case 3:
      return overwrite(bytes, at, prng.pick(EDGE_RUNS));
    case 4:
      return replace(bytes, at, at, randomBytes(prng, 1 + prng.below(8)));
    case 5:
      return replace(bytes, at, Math.min(bytes.length, at + 1 + prng.below(8)), new Uint8Array(0));
    case 6:
      return bytes.slice(0, at);
    case 7:
      return replace(bytes, bytes.length, bytes.length, randomBytes(prng, 1 + prng.below(GROWTH_MAX_BYTES >> 2)));
    case 8: {
      const other = prng.pick(corpus);
      const from = prng.below(other.length + 1);
      return replace(bytes, at, bytes.length, other.subarray(from, from + bytes.length - at + prng.below(8)));
    }
    default:
      return swap(bytes, at, prng.below(bytes.length + 1));
  }
}

function tryInput<T>(options: FuzzOptions<T>, bytes: Uint8Array, where: string): boolean {
  let value: T | undefined;
  try {
    value = options.decode(bytes);
  } catch (thrown) {
    throw new Error(failure(options, where, `the decoder throws ${String(thrown)}`, bytes), { cause: thrown });
  }
  if (value === undefined) return false;
  let again: Uint8Array;
  try {
    again = options.encode(value);
  } catch (thrown) {
    throw new Error(failure(options, where, `what was accepted does not encode: ${String(thrown)}`, bytes), {
      cause: thrown,
    });
  }
  if (!bytesEqual(again, bytes)) {
    throw new Error(failure(options, where, `accepted, but re-encodes to ${bytesToHex(again)}`, bytes));
  }
  return true;
}

function failure<T>(options: FuzzOptions<T>, where: string, what: string, bytes: Uint8Array): string {
  return `fuzz ${options.name}: ${what}\n  seed ${options.seed}, ${where}, bytes ${bytesToHex(bytes)}`;
}

/** `bytes` is always a copy of its own here, so it may change in place. */
function overwrite(bytes: Uint8Array, at: number, run: Uint8Array): Uint8Array {
  for (let i = 0; i < run.length && at + i < bytes.length; i++) bytes[at + i] = run[i] as number;
  return bytes;
}

function replace(bytes: Uint8Array, from: number, to: number, run: Uint8Array): Uint8Array {
  const out = new Uint8Array(from + run.length + bytes.length - to);
  out.set(bytes.subarray(0, from));
  out.set(run, from);
  out.set(bytes.subarray(to), from + run.length);
  return out;
}

function swap(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const [low, high] = from < to ? [from, to] : [to, from];
  return replace(bytes, low, high, bytes.slice(low, high).reverse());
}

function randomBytes(prng: Prng, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = prng.u32() & 255;
  return out;
}
