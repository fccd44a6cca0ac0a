/** Nodes in a folder of their own, and the steps that every test begins and ends with: share a context, converge, audit. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contextId as asContextId, hexToBytes, must, textToId } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { type AuditReport, auditContext } from "@dunlin/core/replica";
import { openLmdbReader } from "@dunlin/store/lmdb";
import { type HomeConfig, type NodeProcess, startNode, writeConfig } from "./node-process.ts";
import { until } from "./until.ts";

const APPLICATION = fileURLToPath(new URL("../applications/shared.ts", import.meta.url));

export interface Cluster extends AsyncDisposable {
  readonly folder: string;
  homeOf(name: string): string;
  /** Starts the node of that name, with this configuration or the one that its home has. */
  start(name: string, config?: HomeConfig): Promise<NodeProcess>;
}

/** Disposal kills what still runs and removes the folder. */
export function openCluster(): Cluster {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-e2e-"));
  const nodes: NodeProcess[] = [];
  const configured = new Set<string>();
  const homeOf = (name: string): string => join(folder, name);
  return {
    folder,
    homeOf,
    async start(name, config) {
      if (config || !configured.has(name)) writeConfig(homeOf(name), config);
      configured.add(name);
      const node = await startNode(homeOf(name));
      nodes.push(node);
      return node;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Installs the application: from its source on the first node, as that node's bundle on the others. */
export async function install(first: NodeProcess, ...others: readonly NodeProcess[]): Promise<string> {
  const path = "/admin-api/install-dev-application";
  const { applicationId } = await first.post<{ applicationId: string }>(path, { path: APPLICATION });
  const bundle = join(first.home, "applications", must(readdirSync(join(first.home, "applications"))[0], "a bundle"));
  for (const other of others) await other.post(path, { path: bundle });
  return applicationId;
}

/** A context of the application, created on the first node and joined by the others. */
export async function shareContext(
  applicationId: string,
  first: NodeProcess,
  ...others: readonly NodeProcess[]
): Promise<string> {
  const { contextId } = await first.post<{ contextId: string }>("/admin-api/contexts", { applicationId });
  for (const other of others) await joinContext(contextId, first, other);
  return contextId;
}

export async function inviteFor(
  contextId: string,
  inviter: NodeProcess,
  joiner: NodeProcess,
  options: { readonly role?: string; readonly validForMs?: number } = {},
): Promise<string> {
  const { publicKey } = await joiner.post<{ publicKey: string }>("/admin-api/identity/context");
  return inviter.post<string>("/admin-api/contexts/invite", { contextId, inviteeId: publicKey, ...options });
}

export async function joinContext(contextId: string, inviter: NodeProcess, joiner: NodeProcess): Promise<void> {
  const invitationPayload = await inviteFor(contextId, inviter, joiner);
  await joiner.post("/admin-api/contexts/join", { invitationPayload });
}

/** A port that nothing listens on now: for nodes that must come back at the same address. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves with the root once all nodes hold the same deltas and the same state. */
export function converged(contextId: string, nodes: readonly NodeProcess[], deadlineMs = 20_000): Promise<string> {
  let seen: unknown;
  const look = async (): Promise<string | undefined> => {
    const contexts = await Promise.all(nodes.map((node) => node.context(contextId)));
    const views = contexts.map(({ rootHash, heads, deltas, pending }) => ({
      rootHash,
      heads: heads.toSorted(),
      deltas,
      pending,
    }));
    seen = views;
    const distinct = new Set(views.map((view) => JSON.stringify(view)));
    return distinct.size === 1 && views[0]?.pending === 0 ? views[0].rootHash : undefined;
  };
  return until("all nodes hold the same deltas and state", look, { deadlineMs, seen: () => seen });
}

/** Reads the context of a home's store through and through; throws when it contradicts itself. */
export async function audit(home: string, contextId: string): Promise<AuditReport> {
  await using reader = await openLmdbReader(join(home, "store"));
  const id = asContextId(must(textToId(contextId), "an id"));
  const crypto = createCrypto();
  const identities = join(home, "identities");
  const signers = readdirSync(identities).map((name) => {
    const seed = hexToBytes(readFileSync(join(identities, name), "utf8").trim());
    return crypto.createSigner(must(seed, "a key in hexadecimal"));
  });
  const audits = signers.map((signer) => auditContext(crypto, reader, id, signer));
  // Of the identities of a home, one is the context's member and has its keys.
  const audited = must(audits.find(({ ok }) => ok) ?? audits[0], "a home has an identity");
  if (!audited.ok) throw new Error(`${home}: ${audited.error.code} ${audited.error.message}`);
  return audited.value;
}
