/**
 * A backup of a home: a folder with a list of its files and their hashes (`manifest.ts`), and the files below `home/`.
 * It needs nothing of the node, which may run and write meanwhile.
 *
 *   1. the store as of one commit
 *   2. files that never change once they are there: chunks of blobs, bundles, keys. They are written before the commit
 *      that names them, so they are there, unless a blob went meanwhile: then the store is copied anew
 *   3. the list; then the folder gets its name
 *
 * It holds the secret keys, and is as private as the home. It holds no `installation`: what is restored writes as new
 * actors, since the node that it is of has gone on, or may.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ApiErrorCode } from "@dunlin/api";
import { bytesToBase58, err, hexToBytes, idToText, must, ok, type Result } from "@dunlin/core/base";
import { storedChunks } from "@dunlin/core/blobs";
import { copyLmdbStore, openLmdbReader } from "@dunlin/store/lmdb";
import { BACKED_UP_FILES, BACKED_UP_FOLDERS, UNFINISHED } from "../home.ts";
import { BACKUP_ATTEMPTS_MAX } from "../limits.ts";
import { BLOBS_PREFIX } from "../shard/shard-blobs.ts";
import { copyFile, flushFolder, hashFile, isMissing } from "./copy-file.ts";
import { type BackedUpFile, encodeManifest, type Manifest } from "./manifest.ts";
import { attempt, isEmptyOrMissing } from "./target.ts";

export const MANIFEST_NAME = "manifest.txt";
export const CONTENT_FOLDER = "home";
const STORE_FILE = "store/data.mdb";
const CHUNKS = "blobs";

export interface BackupProgress {
  readonly files: number;
  readonly bytes: number;
}

export interface BackupOptions {
  readonly home: string;
  /** A folder that is not there or is empty. */
  readonly target: string;
  /** Of this program. */
  readonly version: string;
  readonly nowMs: number;
  /** Told of each file that was copied. */
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** Fails with `HOME_INVALID`, `FOLDER_NOT_EMPTY` or a code of the store; then nothing is left of it. */
export async function backUp(options: BackupOptions): Promise<Result<Manifest>> {
  const home = resolve(options.home);
  const target = resolve(options.target);
  if (!existsSync(join(home, STORE_FILE))) {
    return err<ApiErrorCode>("HOME_INVALID", `${home} is no node's home: it has no store`);
  }
  if (!(await isEmptyOrMissing(target))) {
    return err<ApiErrorCode>("FOLDER_NOT_EMPTY", `${target} is not empty: name a folder that is to be made`);
  }
  const draft = `${target}.${process.pid}.part`;
  return attempt(draft, async () => {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(draft, { mode: 0o700 });
    const manifest = await new Copy(home, join(draft, CONTENT_FOLDER), options).run();
    await writeFile(join(draft, MANIFEST_NAME), encodeManifest(manifest), { mode: 0o600, flush: true });
    await flushFolder(draft);
    await rename(draft, target);
    await flushFolder(dirname(target));
    return ok(manifest);
  });
}

class Copy {
  readonly #from: string;
  readonly #to: string;
  readonly #options: BackupOptions;
  readonly #files = new Map<string, BackedUpFile>();
  #bytes = 0;

  constructor(from: string, to: string, options: BackupOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async run(): Promise<Manifest> {
    let missing = await this.#pass();
    for (let i = 1; i < BACKUP_ATTEMPTS_MAX && missing.length > 0; i++) {
      const before = missing.join();
      missing = await this.#pass();
      // Missing in two stores in a row: it is missing, and not going.
      if (missing.join() === before) break;
    }
    for (const name of BACKED_UP_FILES) await this.#copy(name);
    const { version, nowMs } = this.#options;
    const files = [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return { takenMs: nowMs, program: version, missing, files };
  }

  /** Copies the store, and what is not copied yet of the files that it names; gives the chunks that are not sound. */
  async #pass(): Promise<readonly string[]> {
    const store = join(this.#to, "store");
    await rm(store, { recursive: true, force: true });
    await copyLmdbStore(join(this.#from, "store"), store);
    const named = await chunksOf(store);
    for (const lock of ["lock.mdb", "dunlin.lock"]) await rm(join(store, lock), { force: true });
    this.#add(await hashFile(this.#to, STORE_FILE));
    for (const folder of BACKED_UP_FOLDERS) {
      for (const name of await namesIn(join(this.#from, folder))) await this.#copy(`${folder}/${name}`);
    }
    return named.filter((name) => !this.#files.has(`${CHUNKS}/${name}`)).sort();
  }

  /** Passes over what is gone, and over a chunk that is not what its name says. */
  async #copy(path: string): Promise<void> {
    if (this.#files.has(path)) return;
    try {
      const file = await copyFile(this.#from, this.#to, path);
      if (isSound(file)) return this.#add(file);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    await rm(join(this.#to, path), { force: true });
  }

  #add(file: BackedUpFile): void {
    this.#files.set(file.path, file);
    this.#bytes += file.bytes;
    this.#options.onProgress?.({ files: this.#files.size, bytes: this.#bytes });
  }
}

function isSound({ path, sha256 }: BackedUpFile): boolean {
  const [folder, name] = path.split("/");
  return folder !== CHUNKS || name === bytesToBase58(must(hexToBytes(sha256), "a hash in hex"));
}

async function chunksOf(store: string): Promise<string[]> {
  await using reader = await openLmdbReader(store);
  return [...storedChunks(reader, BLOBS_PREFIX).chunks.values()].map(({ id }) => idToText(id));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    return files.filter((name) => !UNFINISHED.some((end) => name.endsWith(end)));
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}
