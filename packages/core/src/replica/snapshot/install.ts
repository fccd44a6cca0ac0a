/**
 * Putting a state in its place that was not made here delta by delta: that of a checkpoint from its pages, or, when the
 * payloads came after all, that of the checkpoint which is here already. Joined with the deltas outside, and in one
 * commit with the marks of its being under way, so a crash leaves either what was there or all of it.
 */
import {
  bytesEqual,
  type ContextId,
  concatBytes,
  EMPTY_BYTES,
  err,
  ID_BYTES,
  idKey,
  ok,
  type RangeOptions,
  type ReadView,
  type Result,
  runLoaded,
  type WriteOperation,
} from "../../base/index.ts";
import { ALL_CELLS, decodeStatePage, statePageHash } from "../../crdt/index.ts";
import type { Checkpoint } from "../checkpoint/checkpoints.ts";
import type { Cover } from "../checkpoint/cover.ts";
import { baseView, type Derived, type DeriveHost } from "../checkpoint/derive.ts";
import { CELLS_PER_READ } from "../checkpoint/limits.ts";
import { type RebaseHost, rebase } from "../checkpoint/rebase.ts";
import type { BaseRow } from "../checkpoint/rows.ts";
import { cellSource } from "../load.ts";
import { tablePrefix } from "../rows.ts";
import { endRow, pageKey, stagedHashes } from "./rows.ts";

export type InstallErrorCode =
  /** A page that had been verified is not in the store, or not what it was: it is asked for again. */
  "SNAPSHOT_DAMAGED";

type Ports = DeriveHost["ports"];

/** A state to be put in place: that of a checkpoint whose pages are staged, or the one that is here. */
export type InstallTarget =
  | {
      readonly kind: "staged";
      readonly checkpoint: Pick<Checkpoint, "id" | "root">;
      readonly hashes: Uint8Array;
      readonly cover: Cover;
    }
  | { readonly kind: "here"; readonly base: BaseRow | undefined; readonly cover: Cover | undefined };

/** Resolves once it is durable; `onReplaced` is called in the turn in which the state becomes the new one. */
export async function install(
  host: RebaseHost,
  target: InstallTarget,
  onReplaced: (derived: Derived) => void,
): Promise<Result<null>> {
  const made = target.kind === "staged" ? await derivedFromPages(host, target) : await derivedFromBase(host, target);
  if (!made.ok) return made;
  const derived = made.value;
  const id = target.kind === "staged" ? target.checkpoint.id : undefined;
  const rest = await endRows(host.ports, host.context);
  await rebase(host, { id, cover: target.cover, derived, isAnew: true, rest }, () => onReplaced(derived));
  return ok(null);
}

/** What the staged pages make of what is here. */
async function derivedFromPages(
  { ports, context }: RebaseHost,
  { checkpoint: { root }, hashes }: Extract<InstallTarget, { kind: "staged" }>,
): Promise<Result<Derived>> {
  const changes = new Map<string, Uint8Array | undefined>();
  const starts: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += ID_BYTES) {
    const hash = hashes.subarray(at, at + ID_BYTES);
    const page = await runLoaded(ports.store, () => ports.store.get(pageKey(context, hash))?.slice());
    const rows = page && bytesEqual(statePageHash(page), hash) ? decodeStatePage(page) : undefined;
    const [first] = rows ?? [];
    if (rows === undefined || first === undefined) {
      return err<InstallErrorCode>("SNAPSHOT_DAMAGED", "a page of the snapshot is not what it was");
    }
    starts.push(first[0]);
    for (const [key, value] of rows) changes.set(idKey(key), value);
    await ports.pause?.();
  }
  const dropped = new Map(changes);
  await eachKey(ports, baseView(ports.store, context), (key) => {
    if (!changes.has(key)) changes.set(key, undefined);
  });
  await eachKey(ports, cellSource(ports.store, tablePrefix(context, "c")), (key) => {
    if (!dropped.has(key)) dropped.set(key, undefined);
  });
  return ok({ root, pages: { hashes, starts }, changes, dropped });
}

/** The cells as the checkpoint that is here has them, to be joined again with all that lies outside of it. */
async function derivedFromBase(
  { ports, context }: RebaseHost,
  { base }: Extract<InstallTarget, { kind: "here" }>,
): Promise<Result<Derived>> {
  const view = baseView(ports.store, context);
  const dropped = new Map<string, Uint8Array | undefined>();
  await eachKey(ports, view, (key, value) => dropped.set(key, value.slice()));
  await eachKey(ports, cellSource(ports.store, tablePrefix(context, "c")), (key) => {
    if (!dropped.has(key)) dropped.set(key, undefined);
  });
  const pages = base ?? { hashes: EMPTY_BYTES, starts: [] };
  return ok({ root: base?.root ?? EMPTY_BYTES, pages, changes: new Map(), dropped });
}

/** Takes the marks away, and the pages that were staged. */
async function endRows({ store }: Ports, context: ContextId): Promise<WriteOperation[]> {
  const rows: WriteOperation[] = [endRow(context)];
  for (let from = EMPTY_BYTES; ; ) {
    const hashes = await runLoaded(store, () => stagedHashes(store, context, from, CELLS_PER_READ));
    for (const hash of hashes) rows.push({ kind: "delete", key: pageKey(context, hash) });
    const last = hashes.at(-1);
    if (last === undefined || hashes.length < CELLS_PER_READ) return rows;
    from = concatBytes(last, Uint8Array.of(0));
  }
}

async function eachKey(
  { store, pause }: Ports,
  view: Pick<ReadView, "range">,
  visit: (key: string, value: Uint8Array) => void,
): Promise<void> {
  for (let range: RangeOptions = { ...ALL_CELLS, limit: CELLS_PER_READ }; ; ) {
    const reading = range;
    const rows = await runLoaded(store, () =>
      Array.from(view.range(reading), ([key, value]) => [key.slice(), value.slice()] as const),
    );
    for (const [key, value] of rows) visit(idKey(key), value);
    const last = rows.at(-1);
    if (last === undefined || rows.length < CELLS_PER_READ) return;
    range = { ...ALL_CELLS, gte: concatBytes(last[0], Uint8Array.of(0)), limit: CELLS_PER_READ };
    await pause?.();
  }
}
