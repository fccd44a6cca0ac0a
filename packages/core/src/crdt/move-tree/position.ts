/**
 * Positions: where a node stands among its siblings, as text that sorts, so that a node can be put between any two
 * others without touching either.
 *
 *   position = 1 to 200 digits, each 5 characters of the alphabet below: 30 bits, the most significant first
 *
 * Siblings sort by their position followed by one more digit, the tie, a hash of the node's id. Two nodes that were put
 * at one place at the same time get one position; their ties order them, alike everywhere, and leave room between. A
 * new digit is begun in the middle and advances by small steps, so a run of nodes in either direction stays short.
 *
 * Refused: other lengths and characters. What is not kept: two runs that are inserted at one place at the same time may
 * mix; a list keeps them apart.
 */
import { assert } from "../../base/index.ts";
import { POSITION_CHARS_MAX } from "./limits.ts";

const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const POSITION = /^(?:[-0-9A-Z_a-z]{5})+$/;
const DIGIT_CHARS = 5;
const DIGITS = 2 ** 30;
/** Eight halvings fit between neighbours of a run, and two million steps into one half of a digit. */
const STEP = 256;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const VALUES: Uint8Array = createValues();

export function isPosition(text: string): boolean {
  return text.length <= POSITION_CHARS_MAX && POSITION.test(text);
}

/** What a node sorts by among its siblings; of two that are equal, which only a forger makes, the id decides. */
export function sortKeyOf(position: string, node: string): string {
  return position + writeDigit(hashOf(node) >>> 2);
}

/**
 * A position between two sort keys of which the left one is smaller; undefined stands for no neighbour. Gives undefined
 * when there is none within the limit.
 */
export function positionBetween(left: string | undefined, right: string | undefined): string | undefined {
  let position = "";
  let low: string | undefined = left;
  let high: string | undefined = right;
  for (let at = 0; at < POSITION_CHARS_MAX; at += DIGIT_CHARS) {
    const isRightOver = high !== undefined && at >= high.length;
    if (isRightOver) return undefined;
    const above = high === undefined ? DIGITS : readDigit(high, at);
    const below = low === undefined || at >= low.length ? -1 : readDigit(low, at);
    if (above - below > 1) return position + writeDigit(choose(below, above));
    // No room here: follow the left neighbour, and once it is left behind by the right one, only that.
    if (below < 0) {
      low = undefined;
      position += writeDigit(0);
    } else {
      if (below < above) high = undefined;
      position += writeDigit(below);
    }
  }
  return undefined;
}

/** A digit between two, which are -1 and `DIGITS` where there is no bound. */
function choose(below: number, above: number): number {
  const step = Math.min(STEP, Math.floor((above - below) / 2));
  if (below >= 0) return below + step;
  return above < DIGITS ? above - step : DIGITS / 2;
}

function readDigit(key: string, at: number): number {
  let digit = 0;
  for (let i = at; i < at + DIGIT_CHARS; i++) digit = digit * 64 + (VALUES[key.charCodeAt(i)] as number);
  return digit;
}

function writeDigit(digit: number): string {
  assert(digit >= 0 && digit < DIGITS, "a digit has 30 bits");
  const char = (shift: number): string => ALPHABET.charAt((digit >>> shift) & 63);
  return char(24) + char(18) + char(12) + char(6) + char(0);
}

/** FNV-1a over UTF-16 units: only spreads ties. */
function hashOf(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

function createValues(): Uint8Array {
  const values = new Uint8Array(128);
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
  return values;
}
