/**
 * The folder of a node: `config.json`, `token`, and, while a node runs, `api.json` (`{ url, token, pid }`).
 *
 * Invariant: the folder is its owner's alone (0700), and so are the files that hold the token (0600); they are
 * written beside and renamed, so that a reader never sees half of one.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CONFIG_BYTES_MAX, integer, object, parseJson, type Shape, text } from "@dunlin/api";
import { type Config, defaultConfig, parseConfig } from "./config.ts";
import { CommandFailure, unwrap } from "./failure.ts";
import { HOME_FILE_BYTES_MAX } from "./limits.ts";

/** How commands reach the node that runs on a home. */
export interface ApiAddress {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

const apiAddress: Shape<ApiAddress> = object<ApiAddress>({
  url: text(256),
  token: text(256),
  pid: integer(1, Number.MAX_SAFE_INTEGER),
});

const TOKEN_BYTES = 32;
const TOKEN_FORM = /^[A-Za-z0-9_-]{32,256}$/;
const OTHERS = 0o077;

export function homeFolder(named: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return resolve(named ?? env["DUNLIN_HOME"] ?? join(homedir(), ".dunlin"));
}

/** Makes the folder when it is missing, and closes it to others when it is open to them. */
export async function prepareHome(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (((await stat(folder)).mode & OTHERS) !== 0) await chmod(folder, 0o700);
  } catch (cause) {
    throw new CommandFailure("HOME_INVALID", `the home folder ${folder} cannot be used: ${reason(cause)}`, { cause });
  }
}

/** The configuration of a home; the defaults when it has none. */
export async function readConfig(folder: string): Promise<Config> {
  const source = await readBounded(join(folder, "config.json"), CONFIG_BYTES_MAX);
  return source === undefined ? defaultConfig() : unwrap(parseConfig(source));
}

/** The node's token: drawn once, so that pages and scripts stay good over a restart. */
export async function readToken(folder: string): Promise<string> {
  const path = join(folder, "token");
  const kept = (await readBounded(path, HOME_FILE_BYTES_MAX))?.trim();
  if (kept !== undefined) {
    if (TOKEN_FORM.test(kept)) {
      await chmod(path, 0o600);
      return kept;
    }
    throw new CommandFailure("HOME_INVALID", `${path} holds no token: remove it and a new one is drawn`);
  }
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  await writePrivate(path, `${token}\n`);
  return token;
}

export async function writeApiAddress(folder: string, address: ApiAddress): Promise<void> {
  await writePrivate(join(folder, "api.json"), `${JSON.stringify(address)}\n`);
}

export async function removeApiAddress(folder: string): Promise<void> {
  await rm(join(folder, "api.json"), { force: true });
}

/** Undefined when no node has left its address. */
export async function readApiAddress(folder: string): Promise<ApiAddress | undefined> {
  const source = await readBounded(join(folder, "api.json"), HOME_FILE_BYTES_MAX);
  if (source === undefined) return undefined;
  const parsed = parseJson(source);
  const address = parsed.ok ? apiAddress(parsed.value, "api.json") : parsed;
  if (!address.ok)
    throw new CommandFailure("HOME_INVALID", `${join(folder, "api.json")} is damaged: start the node again`);
  return address.value;
}

async function readBounded(path: string, bytesMax: number): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > bytesMax) throw new Error(`larger than ${bytesMax} bytes`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new CommandFailure("HOME_INVALID", `${path} cannot be read: ${reason(cause)}`, { cause });
  }
}

async function writePrivate(path: string, contents: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    await rm(beside, { force: true });
    await writeFile(beside, contents, { mode: 0o600, flag: "wx" });
    const handle = await open(beside, "r");
    await handle.sync().finally(() => handle.close());
    await rename(beside, path);
  } catch (cause) {
    throw new CommandFailure("HOME_INVALID", `${path} cannot be written: ${reason(cause)}`, { cause });
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
