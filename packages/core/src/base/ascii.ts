/** Short ASCII texts from their bytes. */

/** Up to here a loop over characters beats a native call, and a length takes one byte. */
export const SHORT_CHARS_MAX = 24;

/** Arrays of each length, filled again and again: a text is then made by one call, and nothing else is. */
const CODES = Array.from({ length: SHORT_CHARS_MAX + 1 }, (_, length) => new Array<number>(length).fill(0));

export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  const codes = CODES[end - start] as number[];
  for (let at = start; at < end; at++) codes[at - start] = bytes[at] as number;
  return String.fromCharCode(...codes);
}
