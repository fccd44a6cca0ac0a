/**
 * Takes an application in: builds a TypeScript file, or reads what was built (a bundle, a `.wasm`, an `.mpk`), and checks
 * all of it that can be checked before anybody calls it. What is kept is the artefact, under the hash of its bytes.
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { ApiErrorCode, ApplicationInfo } from "@dunlin/api";
import { err, idToText, ok, type Result } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import {
  type Application,
  applicationIdOf,
  type BuildError,
  buildApplication,
  checkUpgrade,
  createGuestEngine,
  encodeBundle,
  type GuestApplication,
  readApplication,
} from "@dunlin/runtime";
import type { Home } from "./home.ts";

const SOURCES: readonly string[] = [".ts", ".js", ".mts", ".mjs"];

export async function installApplication(
  home: Home,
  path: string,
): Promise<Result<{ readonly applicationId: string }>> {
  const artefact = await readOrBuild(path);
  if (!artefact.ok) return artefact;
  const refused = check(home, artefact.value);
  if (refused && !refused.ok) return refused;
  const id = applicationIdOf(artefact.value);
  home.writeApplication(id, artefact.value);
  return ok({ applicationId: idToText(id) });
}

/** What the node tells of an installed application; undefined for one that this version does not read. */
export function applicationInfo(home: Home, id: Uint8Array): ApplicationInfo | undefined {
  const bytes = home.readApplication(id);
  const read = bytes && readApplication(bytes);
  if (!read?.ok) return undefined;
  const { name, version, abi } = describeApplication(read.value);
  return { id: idToText(id), name, version, size: bytes?.length ?? 0, source: "", abi };
}

function describeApplication(application: Application): Pick<ApplicationInfo, "name" | "version" | "abi"> {
  if (application.kind === "bundle") return application.bundle;
  const { name, version, abi } = application.guest;
  return { name, version, abi: abi ?? null };
}

/** The artefact's bytes. */
async function readOrBuild(path: string): Promise<Result<Uint8Array>> {
  if (SOURCES.includes(extname(path))) {
    const built = await buildApplication(path);
    return built.ok ? ok(encodeBundle(built.value)) : err(built.error.code, describe(built.error));
  }
  try {
    return ok(new Uint8Array(await readFile(path)));
  } catch (thrown) {
    return err<ApiErrorCode>("PARAMS_INVALID", `${path} cannot be read: ${(thrown as Error).message}`);
  }
}

function check(home: Home, bytes: Uint8Array): Result<unknown> | undefined {
  const read = readApplication(bytes);
  if (!read.ok || read.value.kind === "bundle") return read;
  const { guest } = read.value;
  for (const other of installedGuests(home, guest.package)) {
    const upgrade = checkUpgrade(other, guest);
    if (!upgrade.ok) return upgrade;
  }
  return createGuestEngine(guest.module, createCrypto());
}

/** The installed versions of a package. */
function installedGuests(home: Home, name: string | undefined): GuestApplication[] {
  if (name === undefined) return [];
  return home.applicationIds().flatMap((id) => {
    const bytes = home.readApplication(id);
    const read = bytes && readApplication(bytes);
    return read?.ok && read.value.kind === "guest" && read.value.guest.package === name ? [read.value.guest] : [];
  });
}

/** With the author's file and line, where the build knows them. */
function describe({ message, file, line, column }: BuildError): string {
  return file === undefined ? message : `${message} (${file}:${line ?? 1}:${column ?? 1})`;
}
