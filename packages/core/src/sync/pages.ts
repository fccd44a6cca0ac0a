/**
 * Answers a pull: what was named goes first, in a frame of its own, so that the largest delta still fits, and what lies
 * beyond the vector after it. What was named may only wait there, so it must not put off the rest: whoever is new would
 * else walk back to the beginning delta by delta.
 */
import { idKey, type SendOutcome } from "../base/index.ts";
import type { VersionVector } from "../dag/index.ts";
import type { Replica } from "../replica/index.ts";
import type { DeltasFrame, Frame } from "./frames.ts";
import { DELTAS_PAGE_BYTES_SOFT, PULL_PAGES_MAX } from "./limits.ts";
import type { SnapshotSaid } from "./snapshot/snapshot-frames.ts";

type Page = Omit<DeltasFrame, "channel">;
type Answer = Page | { readonly kind: "snapshot"; readonly said: SnapshotSaid };

/** Rather than silence: what is lacking is to be had without its payloads, and with a snapshot. */
const PRUNED: Answer = { kind: "snapshot", said: { kind: "pruned" } };

export function answerPull(
  replica: Pick<Replica, "byKey" | "missingFrom">,
  { wanted, vector, pages }: Extract<Frame, { kind: "pull" }>,
  send: (answer: Answer) => SendOutcome,
): void {
  const named = replica.byKey(wanted.map(idKey), DELTAS_PAGE_BYTES_SOFT);
  if (named.isPruned) send(PRUNED);
  const pagesMax = Math.min(pages, PULL_PAGES_MAX);
  let sent = 0;
  if (named.deltas.length > 0 || !vector) {
    sent++;
    const last = vector === undefined || sent >= pagesMax;
    const more = named.more || vector !== undefined;
    const outcome = send({ kind: "deltas", answer: true, last, more, deltas: named.deltas });
    if (!vector || last || outcome !== "queued") return;
  }
  let from: VersionVector = vector;
  for (;;) {
    sent++;
    const page = replica.missingFrom(from, DELTAS_PAGE_BYTES_SOFT);
    if (page.isPruned) send(PRUNED);
    const last = sent >= pagesMax || !page.more || page.deltas.length === 0;
    const outcome = send({ kind: "deltas", answer: true, last, more: page.more, deltas: page.deltas });
    if (last || outcome !== "queued") return;
    from = page.upTo;
  }
}

/** Sends deltas in as many frames as they need, until one is not taken; true when all were. */
export function pushPages(deltas: readonly Uint8Array[], send: (page: Page) => SendOutcome): boolean {
  let page: Uint8Array[] = [];
  let bytes = 0;
  const flush = (): boolean => {
    const sending = page;
    page = [];
    bytes = 0;
    return send({ kind: "deltas", answer: false, last: true, more: false, deltas: sending }) !== "full";
  };
  for (const delta of deltas) {
    if (bytes > 0 && bytes + delta.length > DELTAS_PAGE_BYTES_SOFT && !flush()) return false;
    page.push(delta);
    bytes += delta.length;
  }
  return page.length === 0 || flush();
}
