/**
 * Strings as the JavaScript engine holds them in memory: UTF-8, in which a lone surrogate is a sequence of its own
 * (WTF-8), so that every string crosses exactly. A platform encoder would write U+FFFD for it.
 */
import { utf8 } from "@dunlin/core/base";

const ASCII_LOOP_CHARS_MAX = 48;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Writes `text` at the start of `into`, which has room for three bytes per unit. The bytes written. */
export function writeWtf8(text: string, into: Uint8Array): number {
  if (text.length <= ASCII_LOOP_CHARS_MAX && writeAscii(text, into)) return text.length;
  if (text.isWellFormed()) return encoder.encodeInto(text, into).written;
  const bytes = encodeLoose(text);
  into.set(bytes);
  return bytes.length;
}

export function readWtf8(bytes: Uint8Array, from: number, length: number): string {
  if (length <= ASCII_LOOP_CHARS_MAX) {
    let text = "";
    for (let i = from; i < from + length; i++) {
      const byte = bytes[i] as number;
      if (byte >= 0x80) return readAny(bytes.subarray(from, from + length));
      text += String.fromCharCode(byte);
    }
    return text;
  }
  return readAny(bytes.subarray(from, from + length));
}

function writeAscii(text: string, into: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return false;
    into[i] = code;
  }
  return true;
}

function readAny(bytes: Uint8Array): string {
  let text = "";
  let from = 0;
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    const second = bytes[at + 1] ?? 0;
    if (second < 0xa0) continue;
    text += decoder.decode(bytes.subarray(from, at));
    text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | ((bytes[at + 2] ?? 0) & 0x3f));
    from = at + 3;
  }
  return text + decoder.decode(bytes.subarray(from));
}

function encodeLoose(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xd800 && code <= 0xdfff) {
      bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      bytes.push(...utf8(character));
    }
  }
  return Uint8Array.from(bytes);
}
