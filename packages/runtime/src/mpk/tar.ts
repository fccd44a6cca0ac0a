/**
 * Tar archives, as far as bundles use them: plain files with their names, ustar, with the extended headers of others
 * passed over. What people pack on a Mac holds files beside the files: they are read and left to the caller.
 *
 * ```
 * block 512:   name 100 | mode 8 | owner 8 | group 8 | size 12 octal | time 12 | checksum 8 octal | kind 1 | ... | "ustar" | ... prefix 155
 * ```
 *
 * Refused: a bad checksum, a size past the end, a name that leads out of the archive, more files than the limit.
 */
import { concatBytes, err, ok, type Result, utf8 } from "@dunlin/core/base";
import type { MpkErrorCode } from "./errors.ts";
import { TAR_FILES_MAX } from "./limits.ts";

const BLOCK_BYTES = 512;
const CHECKSUM_AT = 148;
const KIND_AT = 156;
const PREFIX_AT = 345;
const FILE_KINDS: ReadonlySet<number> = new Set([0, 0x30]);
const text = new TextDecoder();

/** The plain files of an archive, by name without a leading "./". */
export function readTar(bytes: Uint8Array): Result<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return ok(files);
    const size = readOctal(header, 124, 12);
    if (size === undefined || readOctal(header, CHECKSUM_AT, 8) !== checksum(header)) return refuse("a damaged header");
    const from = at + BLOCK_BYTES;
    if (from + size > bytes.length) return refuse("a file that is cut off");
    at = from + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (!FILE_KINDS.has(header[KIND_AT] as number)) continue;
    const name = readName(header);
    if (name === "" || name.startsWith("/") || name.split("/").includes(".."))
      return refuse("a name that leads outside");
    if (files.size >= TAR_FILES_MAX) return refuse(`more than ${TAR_FILES_MAX} files`);
    files.set(name, bytes.subarray(from, from + size));
  }
  return refuse("no end");
}

/** An archive of these files, in their order; the same files give the same bytes. */
export function writeTar(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, content] of files) {
    const header = new Uint8Array(BLOCK_BYTES);
    header.set(utf8(name));
    header.set(utf8("0000644\u00000000000\u00000000000\u0000"), 100);
    header.set(utf8(`${content.length.toString(8).padStart(11, "0")}\u000000000000000\u0000`), 124);
    header.set(utf8("0ustar\u000000"), KIND_AT);
    header.copyWithin(257, KIND_AT + 1, KIND_AT + 9);
    header.fill(0, KIND_AT + 1, KIND_AT + 9);
    header.set(utf8(`${checksum(header).toString(8).padStart(6, "0")}\u0000 `), CHECKSUM_AT);
    parts.push(header, content, new Uint8Array((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES));
  }
  return concatBytes(...parts, new Uint8Array(2 * BLOCK_BYTES));
}

function readName(header: Uint8Array): string {
  const prefix = readText(header, PREFIX_AT, 155);
  const isUstar = readText(header, 257, 5) === "ustar";
  const name = readText(header, 0, 100);
  return (isUstar && prefix !== "" ? `${prefix}/${name}` : name).replace(/^(\.\/)+/, "");
}

function readText(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return text.decode(end < 0 ? field : field.subarray(0, end));
}

function readOctal(header: Uint8Array, at: number, length: number): number | undefined {
  const digits = readText(header, at, length).trim();
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** The sum of a header's bytes, with those of the sum taken for spaces. */
function checksum(header: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < header.length; i++) {
    sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? 0x20 : (header[i] as number);
  }
  return sum;
}

function refuse(what: string): Result<never> {
  return err<MpkErrorCode>("MPK_INVALID", `the bundle is an archive with ${what}`);
}
