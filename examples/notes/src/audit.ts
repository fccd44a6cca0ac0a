/**
 * The separate reader, a process of its own: reads one store from the disk and derives everything again.
 *
 * Takes an `AuditTask` as JSON on standard input and writes an `AuditAnswer` as JSON on standard output.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contextId, deltaId, hexToBytes, idToText, must, textToId } from "@dunlin/core/base";
import type { Document } from "@dunlin/core/crdt";
import { createCrypto } from "@dunlin/core/crypto";
import { auditContext } from "@dunlin/core/replica";
import { openLmdbReader } from "@dunlin/store/lmdb";

export interface AuditTask {
  /** The node's folder. */
  readonly home: string;
  /** The member that the node takes part as: its key opens what the context's members seal. */
  readonly member: string;
  readonly contextId: string;
  /** Deltas that the store must hold. */
  readonly deltas: readonly string[];
  /** Documents, and the text that each must be. */
  readonly documents: readonly { readonly name: string; readonly endContent: string }[];
}

export type AuditAnswer =
  | {
      readonly ok: true;
      /** Derived from the deltas alone, and equal to the root of the cells as they lie in the store. */
      readonly root: string;
      readonly heads: readonly string[];
      readonly deltas: number;
      readonly missing: readonly string[];
      readonly wrong: readonly string[];
    }
  | { readonly ok: false; readonly why: string };

process.stdout.write(JSON.stringify(await audit(JSON.parse(await input()))));

async function audit(task: AuditTask): Promise<AuditAnswer> {
  await using reader = await openLmdbReader(join(task.home, "store"));
  const context = contextId(must(textToId(task.contextId), "a context has an id"));
  const crypto = createCrypto();
  const seed = hexToBytes(readFileSync(join(task.home, "identities", task.member), "utf8").trim());
  const signer = crypto.createSigner(must(seed, "a key is written in hex"));
  const audited = auditContext(crypto, reader, context, signer);
  if (!audited.ok) return { ok: false, why: audited.error.message };
  const { root, heads, deltas, document } = audited.value;
  const holds = (id: string): boolean => audited.value.holds(deltaId(must(textToId(id), "a delta has an id")));
  return {
    ok: true,
    root: idToText(must(hexToBytes(root), "a root is written in hex")),
    heads,
    deltas,
    missing: task.deltas.filter((id) => !holds(id)),
    wrong: task.documents
      .filter(({ name, endContent }) => textOf(document, name) !== endContent)
      .map(({ name }) => name),
  };
}

function textOf(document: Document, name: string): string | undefined {
  return document.field("map", "documents").nested("text", name)?.toString();
}

async function input(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
