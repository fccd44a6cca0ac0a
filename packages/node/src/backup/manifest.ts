/**
 * The list of what a backup holds, as text that the usual tools read too:
 *
 *     dunlin-backup 1
 *     taken 1790000000000                     ms since 1970
 *     program 0.1.0
 *     missing <name>                          a chunk that the store names and that was not sound: none or more
 *     file <sha-256 hex> <bytes> <path>       in order of the paths, which lie below home/
 *     end <sha-256 hex of all lines above>
 *
 * Refused: anything that is not exactly this, so that a list that was cut or changed is no list; a newer version.
 */
import { createHash } from "node:crypto";
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result } from "@dunlin/core/base";
import { BACKUP_FILES_MAX, BACKUP_PATH_CHARS_MAX } from "../limits.ts";

export interface BackedUpFile {
  /** Below the home, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

export interface Manifest {
  readonly takenMs: number;
  /** The version of the program that took it. */
  readonly program: string;
  /** Chunks of blobs that the store names and that were not sound when it was taken. */
  readonly missing: readonly string[];
  readonly files: readonly BackedUpFile[];
}

/** Raised when an older program would misread a backup. */
const VERSION = 1;
const HEAD = /^dunlin-backup ([1-9]\d{0,8})$/;
const TAKEN = /^taken (0|[1-9]\d{0,15})$/;
const PROGRAM = /^program ([0-9A-Za-z.+-]{1,64})$/;
const MISSING = /^missing ([1-9A-HJ-NP-Za-km-z]{1,64})$/;
const FILE = /^file ([0-9a-f]{64}) (0|[1-9]\d{0,15}) (\S+)$/;
/** Names of files and folders as a home has them: no `..`, nothing hidden, nothing absolute. */
const PATH = /^[0-9A-Za-z][0-9A-Za-z._-]*(\/[0-9A-Za-z][0-9A-Za-z._-]*)*$/;

export function encodeManifest({ takenMs, program, missing, files }: Manifest): string {
  const text = [
    `dunlin-backup ${VERSION}`,
    `taken ${takenMs}`,
    `program ${program}`,
    ...missing.map((name) => `missing ${name}`),
    ...files.map(({ sha256, bytes, path }) => `file ${sha256} ${bytes} ${path}`),
    "",
  ].join("\n");
  return `${text}end ${hashOf(text)}\n`;
}

/** Fails with `BACKUP_INVALID` or `BACKUP_NEWER`. */
export function decodeManifest(text: string): Result<Manifest> {
  const lines = text.split("\n");
  const version = HEAD.exec(lines[0] ?? "")?.[1];
  if (version === undefined) return invalid("it does not begin as one does");
  if (Number(version) > VERSION) {
    const message = `the backup has format ${version}, this program knows up to ${VERSION}: install a newer one`;
    return err<ApiErrorCode>("BACKUP_NEWER", message);
  }
  const end = text.lastIndexOf("end ");
  if (text.slice(end) !== `end ${hashOf(text.slice(0, Math.max(0, end)))}\n`) return invalid("it was cut or changed");
  const takenMs = Number(TAKEN.exec(lines[1] ?? "")?.[1]);
  const program = PROGRAM.exec(lines[2] ?? "")?.[1];
  if (!Number.isSafeInteger(takenMs) || program === undefined) return invalid("its head is malformed");
  const rest = readRest(lines.slice(3, -2));
  return rest.ok ? ok({ takenMs, program, ...rest.value }) : rest;
}

function readRest(lines: readonly string[]): Result<Pick<Manifest, "missing" | "files">> {
  if (lines.length > BACKUP_FILES_MAX) return invalid("it names more files than a backup has");
  const missing: string[] = [];
  const files: BackedUpFile[] = [];
  for (const line of lines) {
    const name = files.length === 0 ? MISSING.exec(line)?.[1] : undefined;
    const file = name === undefined ? readFile(line) : undefined;
    const before = files.at(-1)?.path;
    if (name !== undefined) missing.push(name);
    else if (file === undefined || (before !== undefined && file.path <= before)) return invalid("a line is malformed");
    else files.push(file);
  }
  return ok({ missing, files });
}

function readFile(line: string): BackedUpFile | undefined {
  const [, sha256 = "", bytes = "", path = ""] = FILE.exec(line) ?? [];
  const isSound = path.length <= BACKUP_PATH_CHARS_MAX && PATH.test(path) && Number.isSafeInteger(Number(bytes));
  return isSound ? { path, bytes: Number(bytes), sha256 } : undefined;
}

function invalid(why: string): Result<never> {
  return err<ApiErrorCode>("BACKUP_INVALID", `the list of what the backup holds is no good: ${why}`);
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
