/**
 * A home from a backup. Every file is checked against the list while it is copied, and the home gets its name when all
 * are there: a backup that is damaged or too new leaves nothing.
 */
import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ApiErrorCode } from "@dunlin/api";
import { err, ok, type Result } from "@dunlin/core/base";
import { openLmdbReader } from "@dunlin/store/lmdb";
import { BACKED_UP_FILES, BACKED_UP_FOLDERS } from "../home.ts";
import { BACKUP_MANIFEST_BYTES_MAX } from "../limits.ts";
import { type BackupProgress, CONTENT_FOLDER, MANIFEST_NAME } from "./back-up.ts";
import { copyFile, flushFolder, isMissing } from "./copy-file.ts";
import { decodeManifest, type Manifest } from "./manifest.ts";
import { attempt, isEmptyOrMissing } from "./target.ts";

export interface RestoreOptions {
  readonly backup: string;
  /** A folder that is not there or is empty. */
  readonly home: string;
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** What no home is without. */
const NEEDED = ["node.key", "store/data.mdb"];

/** Fails with `FOLDER_NOT_EMPTY`, `BACKUP_INVALID`, `BACKUP_NEWER` or a code of the store; then no home is left. */
export async function restore({ backup, home, onProgress }: RestoreOptions): Promise<Result<Manifest>> {
  const [source, target] = [resolve(backup), resolve(home)];
  if (!(await isEmptyOrMissing(target))) {
    return err<ApiErrorCode>("FOLDER_NOT_EMPTY", `${target} is not empty: restore to a new folder, or move it away`);
  }
  const read = await readManifest(source);
  if (!read.ok) return read;
  const manifest = read.value;
  const paths = manifest.files.map(({ path }) => path);
  const strange = paths.find((path) => !isOfHome(path));
  if (strange !== undefined) return invalid(`${strange} is no file of a home`);
  const absent = NEEDED.find((path) => !paths.includes(path));
  if (absent !== undefined) return invalid(`${absent} is not in it`);
  const draft = `${target}.${process.pid}.part`;
  return attempt(draft, async () => {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(draft, { mode: 0o700 });
    const copied = await copyAll(source, draft, manifest, onProgress);
    if (!copied.ok) return copied;
    await checkStore(join(draft, "store"));
    await rename(draft, target);
    await flushFolder(dirname(target));
    return ok(manifest);
  });
}

async function readManifest(source: string): Promise<Result<Manifest>> {
  const path = join(source, MANIFEST_NAME);
  try {
    const { size } = await stat(path);
    if (size > BACKUP_MANIFEST_BYTES_MAX) return invalid(`${path} has more than ${BACKUP_MANIFEST_BYTES_MAX} bytes`);
    return decodeManifest(await readFile(path, "utf8"));
  } catch (thrown) {
    return invalid(`${path} cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

async function copyAll(
  source: string,
  draft: string,
  { files }: Manifest,
  onProgress: RestoreOptions["onProgress"],
): Promise<Result<null>> {
  let bytes = 0;
  const folders = new Set([draft]);
  for (const [at, file] of files.entries()) {
    const copied = await copyFile(join(source, CONTENT_FOLDER), draft, file.path).catch((thrown) => {
      if (isMissing(thrown)) return undefined;
      throw thrown;
    });
    if (!copied) return invalid(`${file.path} is missing`);
    if (copied.sha256 !== file.sha256 || copied.bytes !== file.bytes) return invalid(`${file.path} was changed`);
    folders.add(dirname(join(draft, file.path)));
    bytes += file.bytes;
    onProgress?.({ files: at + 1, bytes });
  }
  for (const folder of folders) await flushFolder(folder);
  return ok(null);
}

/** Refuses a store of a newer format now, and not at the first start. */
async function checkStore(path: string): Promise<void> {
  const reader = await openLmdbReader(path);
  await reader[Symbol.asyncDispose]();
}

function isOfHome(path: string): boolean {
  const [first = "", second, third] = path.split("/");
  if (third !== undefined) return false;
  return second === undefined
    ? BACKED_UP_FILES.includes(first)
    : BACKED_UP_FOLDERS.includes(first) || path === "store/data.mdb";
}

function invalid(why: string): Result<never> {
  return err<ApiErrorCode>("BACKUP_INVALID", `the backup is no good: ${why}`);
}
