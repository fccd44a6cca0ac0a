/** The files of a home beside the store: keys, identities, bundles, and whether others may read them. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bytesEqual, bytesToBase58, hexToBytes, textToId } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { applicationIdOf, readApplication } from "@dunlin/runtime";
import { UNFINISHED } from "../home.ts";
import type { Finding } from "./finding.ts";

const OTHERS = 0o077;
const SEED_BYTES = 32;

export async function examineFiles(home: string): Promise<Finding[]> {
  return [...examineKeys(home), ...(await examineIdentities(home)), ...(await examineApplications(home))];
}

function examineKeys(home: string): Finding[] {
  const findings: Finding[] = [];
  if ((statSync(home).mode & OTHERS) !== 0) {
    const message = "others on this machine may look into the home, which holds secret keys";
    findings.push({ severity: "warning", code: "HOME_OPEN", where: ".", message, advice: `chmod 700 ${home}` });
  }
  const key = join(home, "node.key");
  if (existsSync(key) && seedOf(key) === undefined) {
    findings.push({
      severity: "error",
      code: "HOME_INVALID",
      where: "node.key",
      message: "it does not hold a key",
      advice: "restore it from a backup, or remove it: the node then gets another address, and members must learn it",
    });
  }
  return findings;
}

async function examineIdentities(home: string): Promise<Finding[]> {
  const crypto = createCrypto();
  const advice = "restore it from a backup: without it the node cannot write in the contexts of this member";
  const findings: Finding[] = [];
  for (const name of await namesIn(join(home, "identities"))) {
    const seed = seedOf(join(home, "identities", name));
    const isOwn = seed && bytesToBase58(crypto.createSigner(seed).publicKey) === name;
    const message = "it does not hold the key that its name says";
    if (!isOwn)
      findings.push({ severity: "error", code: "HOME_INVALID", where: `identities/${name}`, message, advice });
  }
  return findings;
}

async function examineApplications(home: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of await namesIn(join(home, "applications"))) {
    const bytes = new Uint8Array(readFileSync(join(home, "applications", name)));
    const id = textToId(name);
    if (id && bytesEqual(applicationIdOf(bytes), id) && readApplication(bytes).ok) continue;
    findings.push({
      severity: "error",
      code: "APPLICATION_INVALID",
      where: `applications/${name}`,
      message: "it is not the application that its name says",
      advice: "install the application again: the same source gives the same name",
    });
  }
  return findings;
}

function seedOf(file: string): Uint8Array | undefined {
  const seed = hexToBytes(readFileSync(file, "utf8").trim());
  return seed?.length === SEED_BYTES ? seed : undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => !UNFINISHED.some((end) => name.endsWith(end)));
}
