/**
 * The words of a text, for text indexes and for what is searched in them: both sides are cut alike, so that a word is
 * found whatever its case, width and accents. A word is a run of letters, digits and combining marks (Unicode's
 * classes); what is compared is its compatibility decomposition in lower case, without the marks.
 */
import { KEYS_PER_DOCUMENT_MAX, WORD_UNITS_MAX } from "../limits.ts";

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const MARKS = /\p{M}+/gu;

/** The distinct words, in the order in which they come. */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const [word] of text.normalize("NFKD").matchAll(WORD)) {
    const plain = word.replace(MARKS, "").toLowerCase().slice(0, WORD_UNITS_MAX);
    if (plain !== "") words.add(plain.isWellFormed() ? plain : plain.slice(0, -1));
    if (words.size >= KEYS_PER_DOCUMENT_MAX) break;
  }
  return [...words];
}

/** Whether each of the searched words begins one of the text's. */
export function matchesWords(text: readonly string[], searched: readonly string[]): boolean {
  return searched.every((beginning) => text.some((word) => word.startsWith(beginning)));
}
