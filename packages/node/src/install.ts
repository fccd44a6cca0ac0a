/**
 * Takes an application in: builds a TypeScript file, or reads what was built (a bundle, a `.wasm`, an `.mpk`), and checks
 * all of it that can be checked before anybody calls it. What is kept is the artefact, under the hash of its bytes.
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { ApiErrorCode, ApplicationInfo, InstalledApplication } from "@dunlin/api";
import { type ApplicationId, applicationId, err, idToText, ok, type Result, textToId } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import {
  type Application,
  applicationIdOf,
  type BuildError,
  buildApplication,
  checkUpgrade,
  createGuestEngine,
  encodeBundle,
  furtherServices,
  type GuestApplication,
  readApplication,
} from "@dunlin/runtime";
import type { Home } from "./home.ts";

const SOURCES: readonly string[] = [".ts", ".js", ".mts", ".mjs"];

export async function installApplication(home: Home, path: string): Promise<Result<InstalledApplication>> {
  const artefact = await readOrBuild(path);
  if (!artefact.ok) return artefact;
  const further = furtherServices(artefact.value);
  for (const bytes of [artefact.value, ...further.values()]) {
    const refused = check(home, bytes);
    if (refused && !refused.ok) return refused;
  }
  const applicationId = keep(home, artefact.value);
  if (further.size === 0) return ok({ applicationId });
  const services = [...further].map(([name, bytes]) => ({ name, applicationId: keep(home, bytes) }));
  return ok({ applicationId, services });
}

function keep(home: Home, artefact: Uint8Array): string {
  const id = applicationIdOf(artefact);
  home.writeApplication(id, artefact);
  return idToText(id);
}

/** The application that a service of an installed one is; that one itself when no service is named. */
export function serviceOf(home: Home, application: string, serviceName: string | undefined): Result<ApplicationId> {
  const id = textToId(application);
  const bytes = id && home.readApplication(id);
  if (!bytes) {
    return err<ApiErrorCode>("APPLICATION_NOT_FOUND", `application ${application} is not installed on this node`);
  }
  if (serviceName === undefined) return ok(applicationId(id));
  const further = furtherServices(bytes);
  const artefact = further.get(serviceName);
  if (artefact) return ok(applicationIdOf(artefact));
  const names = [...further.keys()].join(", ");
  const message = `no further service ${serviceName}; there are: ${names || "none"}. The first is the application itself`;
  return err<ApiErrorCode>("PARAMS_INVALID", message);
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
