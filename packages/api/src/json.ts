/**
 * JSON from outside, into values that are safe to hand on.
 *
 * Refused: more nesting than the limit (found by a scan of the text, before `JSON.parse` builds anything), a key
 * `__proto__` at any depth (`Object.assign` would rewire a prototype by it), and strings with lone surrogates (they
 * have no UTF-8 form, so they would change on their way to another node). RFC 8259, narrowed towards RFC 7493.
 */
import { err, ok, type Result } from "@dunlin/core/base";
import { JSON_DEPTH_MAX } from "./limits.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value of a JSON text in UTF-8. */
export function parseJsonBytes(bytes: Uint8Array): Result<Json> {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return err("JSON_MALFORMED", "the body is not valid UTF-8");
  }
  return parseJson(text);
}

export function parseJson(text: string): Result<Json> {
  if (depthExceeds(text, JSON_DEPTH_MAX)) {
    return err("JSON_TOO_DEEP", `the JSON nests deeper than ${JSON_DEPTH_MAX} levels`);
  }
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return err("JSON_MALFORMED", `not JSON: ${error instanceof Error ? oneLine(error.message) : "unreadable"}`);
  }
  // Without an escape and without the word itself, neither a refused key nor a lone surrogate can be in it.
  if (!text.includes("\\u") && !text.includes("__proto__") && text.isWellFormed()) return ok(value);
  return check(value);
}

/** Counts brackets outside strings; what is not JSON at all is left for the parser to refuse. */
function depthExceeds(text: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > max) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/** Recursion is bounded: the depth has been checked on the text. */
function check(value: Json): Result<Json> {
  if (typeof value === "string") {
    return value.isWellFormed() ? ok(value) : err("JSON_MALFORMED", "a string holds a lone surrogate");
  }
  if (typeof value !== "object" || value === null) return ok(value);
  if (Array.isArray(value)) {
    for (const item of value) {
      const checked = check(item);
      if (!checked.ok) return checked;
    }
    return ok(value);
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") return err("JSON_KEY_REFUSED", "a key __proto__ is refused");
    if (!key.isWellFormed()) return err("JSON_MALFORMED", "a key holds a lone surrogate");
    const checked = check(item as Json);
    if (!checked.ok) return checked;
  }
  return ok(value);
}

function oneLine(message: string): string {
  return message.replace(/[\r\n]+/g, " ").slice(0, 200);
}
