/**
 * The application's own page: the files of one folder, served as they are under `/app/`.
 *
 * Invariant: only files that were regular files in the folder when the server opened are served, found by looking
 * their path up in a table; a request's path never becomes a path on disk. Links and names that begin with a dot are
 * passed over, and files of unknown types refused when the table is made.
 */
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { PAGE_DEPTH_MAX, PAGE_FILE_BYTES_MAX, PAGE_FILES_MAX } from "./limits.ts";
import { ServerFailure } from "./server-failure.ts";

export interface Page {
  /** The file of a path below `/app/`; undefined when there is none. */
  read(path: string): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined>;
}

const TYPE_BY_EXTENSION: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
};

/** Scripts, styles and sockets of this server alone; nothing inline, nothing embedded, no framing. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export async function openPage(folder: string): Promise<Page> {
  const fileByPath = new Map<string, string>();
  await collect(folder, "", 0, fileByPath);
  if (!fileByPath.has("index.html")) throw new ServerFailure("PAGE_INVALID", `${folder} has no index.html`);
  return {
    async read(path) {
      const wanted = path === "" ? "index.html" : path;
      const file = fileByPath.get(wanted);
      const bytes = file === undefined ? undefined : await readBounded(file);
      if (bytes === undefined) return undefined;
      return { type: TYPE_BY_EXTENSION[extname(wanted)] ?? "application/octet-stream", bytes };
    },
  };
}

async function collect(folder: string, prefix: string, depth: number, files: Map<string, string>): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new ServerFailure("PAGE_INVALID", `${folder} cannot be read`, { cause });
  });
  for (const entry of entries) {
    const path = prefix + entry.name;
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory() && depth < PAGE_DEPTH_MAX) {
      await collect(join(folder, entry.name), `${path}/`, depth + 1, files);
    } else if (entry.isFile() && Object.hasOwn(TYPE_BY_EXTENSION, extname(entry.name))) {
      if (files.size >= PAGE_FILES_MAX) {
        throw new ServerFailure(
          "PAGE_INVALID",
          `${folder} holds more than ${PAGE_FILES_MAX} files: name a smaller one`,
        );
      }
      files.set(path, join(folder, entry.name));
    }
  }
}

/** Read at each request, so that an edited page shows on reload; not through a link put there since. */
async function readBounded(file: string): Promise<Uint8Array | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  try {
    const { size } = await handle.stat();
    return size > PAGE_FILE_BYTES_MAX ? undefined : await handle.readFile();
  } finally {
    await handle.close();
  }
}
