/**
 * The oracles that look all the time, at one incarnation of one node: each delta is admitted, applied and told once and
 * after its parents, each stamp is above those of the parents. Equal roots alone would miss most of this.
 */
import { type DeltaId, idKey, type Stamp, stampToMs } from "@dunlin/core/base";
import { type AuthenticDelta, decodeDelta } from "@dunlin/core/dag";
import type { BatchOutcome, Commit, Replica } from "@dunlin/core/replica";
import { memoCrypto } from "./memo-crypto.ts";
import { type ReceiptsPorts, watchReceipts } from "./receipts-oracle.ts";

/** What the whole run knows of a delta. */
export interface Known {
  readonly stamp: Stamp;
  readonly parents: readonly DeltaId[];
  readonly actorKey: string;
  readonly sequence: number;
}

export interface ObserverPorts extends ReceiptsPorts {
  /** Every delta that any node has told, by key. */
  readonly knownByKey: Map<string, Known>;
  /** Members of honest nodes, by `idKey`, and all that each of their keys has signed. */
  readonly signedByHonest: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether this member may have been given the right to write at some time; by `idKey`. */
  readonly mayEverWrite: (member: string) => boolean;
  /** No honest node's clock, nor what it lets in ahead of that, has ever been beyond this: ms since 1970. */
  readonly clockMaxMs: () => number;
}

const PENDING_MAX = 20_000;

/** Watches a replica; `told` are the keys that earlier incarnations told of, and is added to. */
export function observe(ports: ObserverPorts, replica: Replica, told: Set<string>): void {
  const admitted = new Set<string>();
  checkReopened(ports, replica, told);
  const { document } = replica;
  const applied = new Set<string>();
  const apply = document.apply.bind(document);
  document.apply = (joins, origin) => {
    const name = `${origin.stamp} ${idKey(origin.actor)}`;
    // Two branches of one actor may have one stamp, which is a traitor's doing.
    const isHonest = ports.signedByHonest.has(idKey(origin.member));
    if (isHonest && applied.has(name))
      ports.blame("APPLIED_TWICE", `an entry stamped ${origin.stamp} was applied twice`);
    applied.add(name);
    return apply(joins, origin);
  };
  watchAdmission(ports, replica, admitted, told);
  replica.onCommit((commit) => checkCommit(ports, replica, commit, told));
  watchReceipts(ports, replica);
}

function watchAdmission(ports: ObserverPorts, replica: Replica, admitted: Set<string>, told: Set<string>): void {
  const check = <T extends Pick<BatchOutcome, "admitted">>(outcome: T): T => {
    if (replica.pendingSize > PENDING_MAX) ports.blame("OVER_LIMIT", `${replica.pendingSize} deltas wait`);
    if (outcome.admitted.length > 1) ports.counts.add("admit.cascade");
    for (const { delta } of outcome.admitted) {
      if (admitted.has(delta.key) || told.has(delta.key)) ports.blame("APPLIED_TWICE", "a delta was admitted twice");
      admitted.add(delta.key);
      if (delta.parents.length > 1) ports.counts.add("admit.merge");
    }
    return outcome;
  };
  const admitMany = replica.admitMany.bind(replica);
  replica.admitMany = (batch) => {
    const outcome = admitMany(batch);
    for (const verdict of outcome.verdicts) {
      ports.counts.add(`admit.${verdict.kind}`);
      if (verdict.kind === "refused") ports.counts.add(`refused.${verdict.error.code}`);
    }
    return check(outcome);
  };
  const releaseEarly = replica.releaseEarly.bind(replica);
  replica.releaseEarly = () => {
    const outcome = check(releaseEarly());
    if (outcome.admitted.length > 0) ports.counts.add("admit.early_released");
    return outcome;
  };
}

function checkCommit(ports: ObserverPorts, replica: Replica, commit: Commit, told: Set<string>): void {
  for (const { delta, local } of commit.deltas) {
    learn(ports, replica, delta, told);
    const aheadMs = stampToMs(delta.stamp) - ports.clockMaxMs();
    if (local && aheadMs > 0) ports.blame("CLOCK_DRAGGED", `a stamp is ${aheadMs} ms ahead of all honest clocks`);
  }
}

/** A delta was told: by a commit, or by the store that a node opened again. */
function learn(
  ports: ObserverPorts,
  replica: Replica,
  delta: AuthenticDelta | (Known & { key: string }),
  told: Set<string>,
): void {
  const member = replica.memberOf(delta.actorKey);
  if (member && ports.signedByHonest.get(idKey(member))?.has(delta.key) === false) {
    ports.blame("FORGED", "a delta was admitted that its member never signed");
  }
  if ("sealed" in delta && delta.sealed && member && !ports.mayEverWrite(idKey(member))) {
    ports.blame("UNAUTHORISED", "a delta with calls was admitted whose author was never more than a reader");
  }
  if (told.has(delta.key)) ports.blame("APPLIED_TWICE", "a delta was told twice");
  told.add(delta.key);
  const { stamp, parents, actorKey, sequence } = delta;
  ports.knownByKey.set(delta.key, { stamp, parents, actorKey, sequence });
  for (const parent of parents) {
    const key = idKey(parent);
    const known = ports.knownByKey.get(key);
    if (!told.has(key) || !known) ports.blame("BEFORE_PARENT", "a delta was told before its parent");
    else if (known.stamp >= stamp) {
      ports.blame("STAMP_NOT_ABOVE_PARENT", `stamp ${stamp} follows a parent's ${known.stamp}`);
    }
  }
}

/** What was told was flushed, so it is there; what was flushed and not told is learnt now. */
function checkReopened(ports: ObserverPorts, replica: Replica, told: Set<string>): void {
  const { count } = replica.flushed;
  if (count < told.size) {
    ports.blame("FLUSHED_LOST", `${told.size} deltas were told, ${count} are in the store`);
    return;
  }
  for (const key of told) {
    if (!replica.has(key)) return ports.blame("FLUSHED_LOST", "a delta that was told is not in the store");
  }
  if (count === told.size) return;
  const untold: string[] = [];
  for (let order = 0; order < count; order++) {
    const key = idKey(replica.graph.idOf(order));
    if (!told.has(key)) untold.push(key);
  }
  for (const bytes of replica.byKey(untold, Number.MAX_SAFE_INTEGER, "pruned").deltas) {
    const decoded = decodeDelta(memoCrypto, replica.context, bytes);
    if (!decoded.ok) return ports.blame("STORE_DAMAGED", decoded.error.message);
    ports.counts.add("crash.survived_untold");
    learn(ports, replica, decoded.value, told);
  }
}
