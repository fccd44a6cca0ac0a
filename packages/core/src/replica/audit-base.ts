/** What a context's state must be once a checkpoint is in effect, from what is stored of it and the deltas outside. */
import {
  bytesEqual,
  type ContextId,
  concatBytes,
  err,
  idKey,
  must,
  ok,
  type ReadView,
  type Result,
} from "../base/index.ts";
import { ALL_CELLS, Document, PageCutter, statePageHash, stateRoot } from "../crdt/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { Admission } from "./admission.ts";
import type { AuditErrorCode } from "./audit.ts";
import { coverOf, outside } from "./checkpoint/cover.ts";
import { baseView, joinLogged } from "./checkpoint/derive.ts";
import { loadBase } from "./load.ts";

/** Undefined while there was no checkpoint. What is stored of one must have the root that its members signed. */
export function stateOfBase(
  crypto: Crypto,
  view: ReadView,
  context: ContextId,
  admission: Admission,
): Result<Document | undefined> {
  const mismatch = (why: string) => err<AuditErrorCode>("AUDIT_MISMATCH", why);
  const row = loadBase(view, context);
  if (!row.ok) return row;
  if (row.value === undefined) return ok(undefined);
  const applied = idKey(row.value.checkpoint);
  const checkpoint = admission.checkpoints.chain.find(({ key }) => key === applied);
  if (checkpoint === undefined) return mismatch("the state begins with a checkpoint that is not in effect");
  const base = baseView(view, context);
  if (!bytesEqual(rootOfPages(base), checkpoint.root)) {
    return mismatch("what is stored of the checkpoint is not what was signed");
  }
  const document = new Document(base);
  const { graph } = admission;
  const heads = checkpoint.heads.map((head) => must(graph.orderOf(idKey(head)), "in effect, so admitted"));
  const host = { ports: { store: view, crypto }, context, admission };
  const joined = joinLogged(host, document, outside(coverOf(graph, heads), 0, graph.size));
  return joined.ok ? ok(document) : joined;
}

function rootOfPages(base: ReadView): Uint8Array {
  const hashes: Uint8Array[] = [];
  const cutter = new PageCutter((page) => hashes.push(statePageHash(page)));
  for (const [key, value] of base.range(ALL_CELLS)) cutter.add(key, value);
  cutter.finish();
  return stateRoot(concatBytes(...hashes));
}
