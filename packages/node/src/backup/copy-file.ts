/** Copying files so that what was read is what is there: hashed on the way, and flushed. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BackedUpFile } from "./manifest.ts";

/** Copies the file `path` from below one folder to below another, which only its owner reads. */
export async function copyFile(from: string, to: string, path: string): Promise<BackedUpFile> {
  const target = join(to, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const hash = createHash("sha256");
  let bytes = 0;
  const file = await open(target, "wx", 0o600);
  try {
    for await (const part of createReadStream(join(from, path))) {
      hash.update(part);
      bytes += part.length;
      await file.writeFile(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { path, bytes, sha256: hash.digest("hex") };
}

export async function hashFile(folder: string, path: string): Promise<BackedUpFile> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const part of createReadStream(join(folder, path))) {
    hash.update(part);
    bytes += part.length;
  }
  return { path, bytes, sha256: hash.digest("hex") };
}

/** The names in a folder survive a power cut after this. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
