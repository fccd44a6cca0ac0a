/** Opening a context: its graph, cuts and state from the rows of the store. */
import {
  type ContextId,
  concatBytes,
  err,
  idKey,
  ok,
  type PublicKey,
  type RangeOptions,
  type ReadView,
  type Result,
  type Signer,
  type Entry as StoreEntry,
} from "../base/index.ts";
import { type CellSource, type DeltaSource, Document, type DocumentOptions, type StoredHashes } from "../crdt/index.ts";
import { type AuthenticDelta, decodeDelta, type Graph, type Order, trustStored } from "../dag/index.ts";
import { StageMeter } from "../metrics/index.ts";
import { Admission, type ApplyDelta } from "./admission.ts";
import { applyEntries } from "./apply.ts";
import { type BaseRow, decodeBase } from "./checkpoint/rows.ts";
import { type LoggedCall, writingCalls } from "./log.ts";
import { timedStage } from "./meters.ts";
import type { PayloadEntry } from "./payload.ts";
import type { ReplicaPorts } from "./ports.ts";
import { Reissues } from "./reissue.ts";
import {
  decodeIndex,
  decodeMeta,
  type HashedMark,
  META_VERSION,
  type MetaRow,
  orderKey,
  tablePrefix,
  tableRange,
} from "./rows.ts";
import { KeyRing } from "./sealing/key-ring.ts";
import { WaitingRows } from "./waiting-rows.ts";

export type LoadErrorCode =
  /** What the store holds of the context is damaged: restore a backup, or remove the context and join again. */
  | "CONTEXT_DAMAGED"
  /** The context was written by a newer version of this program: install that one. */
  | "CONTEXT_NEWER"
  /** The context was written by a version whose rows are not read any more: join again from a node that has it. */
  | "CONTEXT_OLDER";

export interface Loaded {
  readonly document: Document;
  readonly admission: Admission;
  readonly waitingRows: WaitingRows;
  readonly reissues: Reissues;
  /** Undefined when the store holds nothing of the context. */
  readonly meta: MetaRow | undefined;
  /** The checkpoint that the cells begin with. */
  readonly base: BaseRow | undefined;
}

export function load(
  ports: Pick<ReplicaPorts, "store" | "crypto" | "metrics" | "clock">,
  context: ContextId,
  options: DocumentOptions & { readonly signer: Signer },
): Result<Loaded> {
  const metaBytes = ports.store.get(tablePrefix(context, "m"));
  const meta = metaBytes && decodeMeta(metaBytes);
  if (metaBytes && !meta) return unreadable(metaBytes);
  const base = loadBase(ports.store, context);
  if (!base.ok) return base;
  const ring = new KeyRing(ports.crypto, options.signer);
  const handed = ports.store.get(tablePrefix(context, "s"));
  if (handed) ring.restore(handed);
  const read = (delta: AuthenticDelta) => admission.sealing.read(delta) ?? [];
  const hashes = meta?.hashed && storedHashes(ports, context, meta.hashed, read);
  const document = new Document(cellSource(ports.store, tablePrefix(context, "c")), { ...options, hashes });
  const applied = ports.metrics && new StageMeter(ports.metrics, "apply");
  const { derivation } = options;
  const apply: ApplyDelta = (delta, member, entries) => {
    derivation?.onDelta?.(sourceOf(admission.graph, delta));
    try {
      timedStage(applied, () => applyEntries(document, delta, member, entries));
    } finally {
      derivation?.onDelta?.(undefined);
    }
  };
  const admission: Admission = new Admission(ports.crypto, context, apply, ring);
  const callsOf = (bytes: Uint8Array): readonly LoggedCall[] | undefined => {
    const decoded = decodeDelta(ports.crypto, context, bytes);
    const delta = decoded.ok ? trustStored(decoded.value) : undefined;
    const entries = delta?.isPruned ? undefined : delta && admission.sealing.read(delta);
    return delta && entries && writingCalls(delta.stamp, entries);
  };
  const reissues = new Reissues(context, ports.store, admission.graph, callsOf);
  const waitingRows = new WaitingRows(context, admission, reissues);
  if (!meta) return ok({ document, admission, waitingRows, reissues, meta, base: base.value });
  const index = loadIndex(ports.store, context, admission);
  if (!index.ok) return index;
  if (admission.graph.size !== meta.count) {
    return damaged(`${admission.graph.size} deltas are indexed, and the last commit left ${meta.count}`);
  }
  const replayed = replay(ports, context, document, admission, meta.applied);
  if (!replayed.ok) return replayed;
  reissues.load();
  waitingRows.load(ports.crypto, ports.store, (held) => admission.restore(held, ports.clock.now()));
  return ok({ document, admission, waitingRows, reissues, meta, base: base.value });
}

/** The mark of the checkpoint that the stored cells begin with; undefined while there was none. */
export function loadBase(view: ReadView, context: ContextId): Result<BaseRow | undefined> {
  const bytes = view.get(tablePrefix(context, "k"));
  const base = bytes && decodeBase(bytes);
  return bytes !== undefined && base === undefined ? damaged("its checkpoint does not decode") : ok(base);
}

/** The cells of a table, with its prefix taken off. */
export function cellSource(view: ReadView, prefix: Uint8Array): CellSource {
  return {
    get: (key) => view.get(concatBytes(prefix, key)),
    *range(options: RangeOptions): Iterable<StoreEntry> {
      const shifted = { ...options, gte: concatBytes(prefix, options.gte), lt: concatBytes(prefix, options.lt) };
      for (const [key, value] of view.range(shifted)) yield [key.subarray(prefix.length), value];
    },
  };
}

/** The pages of the hash tree as of the mark, and the joins of the deltas beyond it. */
export function storedHashes(
  ports: Pick<ReplicaPorts, "crypto"> & { readonly store: ReadView },
  context: ContextId,
  { count, root }: HashedMark,
  read: (delta: AuthenticDelta) => readonly PayloadEntry[],
): StoredHashes {
  const pages = tablePrefix(context, "h");
  const log = tablePrefix(context, "d");
  return {
    root,
    page: (key) => ports.store.get(concatBytes(pages, key)),
    *changes(): Iterable<Uint8Array> {
      for (const [, bytes] of ports.store.range({ ...tableRange(log), gte: orderKey(log, count) })) {
        const decoded = decodeDelta(ports.crypto, context, bytes);
        // What is in the log was admitted.
        const entries = decoded.ok ? read(trustStored(decoded.value)) : [];
        for (const entry of entries) if (entry.kind === "call") yield entry.joins;
      }
    },
  };
}

function loadIndex(view: ReadView, context: ContextId, admission: Admission): Result<null> {
  let order = 0;
  for (const [, value] of view.range(tableRange(tablePrefix(context, "o")))) {
    const row = decodeIndex(order, value);
    if (!row) return damaged(`the index of delta ${order} does not decode`);
    admission.appendTrusted(trustStored(row.header as never), row.place, row.claim);
    order++;
  }
  return ok(null);
}

/** Of a delta that is about to be appended. */
function sourceOf(graph: Graph, delta: AuthenticDelta): DeltaSource {
  const parents = delta.parents.map((id) => graph.orderOf(idKey(id)));
  return { order: graph.size, isConcurrent: graph.heads().some((head) => !parents.includes(head)) };
}

/** Applies the deltas that the cells do not hold yet. */
function replay(
  ports: Pick<ReplicaPorts, "store" | "crypto">,
  context: ContextId,
  document: Document,
  admission: Admission,
  from: number,
): Result<null> {
  for (let order = from; order < admission.graph.size; order++) {
    const applied = applyStored(ports, context, document, admission, order);
    if (!applied.ok) return applied;
  }
  return ok(null);
}

export interface StoredDelta {
  readonly delta: AuthenticDelta;
  readonly member: PublicKey;
  readonly entries: readonly PayloadEntry[];
}

/** What reading the log takes. */
export interface LogPorts extends Pick<ReplicaPorts, "crypto"> {
  readonly store: ReadView;
}

/** Joins a delta of the log to the state. */
export function applyStored(
  ports: LogPorts,
  context: ContextId,
  document: Document,
  admission: Admission,
  order: Order,
): Result<StoredDelta> {
  const bytes = ports.store.get(orderKey(tablePrefix(context, "d"), order));
  const decoded = bytes && decodeDelta(ports.crypto, context, bytes.slice());
  if (!decoded?.ok) return damaged(`delta ${order} does not decode`);
  const delta = trustStored(decoded.value);
  const member = delta.member ?? admission.rights.memberOf(delta.actorKey);
  if (!member) return damaged(`delta ${order} has an unknown actor`);
  const entries = admission.sealing.read(delta);
  if (!entries) return damaged(`delta ${order} is sealed under a key that is not here`);
  applyEntries(document, delta, member, entries);
  return ok({ delta, member, entries });
}

/** A summary row that does not decode: of another version, or damaged. */
export function unreadable(meta: Uint8Array): Result<never> {
  const version = meta[0] ?? 0;
  if (version === META_VERSION) return damaged("its summary row does not decode");
  const [code, advice]: [LoadErrorCode, string] =
    version > META_VERSION
      ? ["CONTEXT_NEWER", "install the version that wrote it"]
      : ["CONTEXT_OLDER", "it is not read any more: join again from a node that has it"];
  return err(code, `the context has rows of version ${version}, this program has ${META_VERSION}: ${advice}`);
}

function damaged(why: string): Result<never> {
  const advice = "restore a backup, or remove it and join again";
  return err<LoadErrorCode>("CONTEXT_DAMAGED", `the stored context is damaged: ${why}: ${advice}`);
}
