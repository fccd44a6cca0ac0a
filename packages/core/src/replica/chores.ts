/**
 * What comes of time alone, with the time passed in: once a minute, letting go of what has waited in vain and writing
 * what waits; and what one of several members does for all after a random delay, if it is still needed: vouching for
 * what waits elsewhere, bringing many heads together, passing keys on. The replica has no timer; its host calls about
 * once a second.
 */
import { type Clock, type Log, type PublicKey, type Random, stampAheadMs } from "../base/index.ts";
import type { Admission } from "./admission.ts";
import type { Committer } from "./committer.ts";
import { DRIFT_MAX_MS, MERGE_HEADS_MIN, PENDING_CLEANING_MS } from "./limits.ts";
import { accessEntry, type OwnActorWriter } from "./own-actor.ts";
import type { Receipts } from "./receipts/receipts.ts";
import { WhenStillNeeded } from "./when-still-needed.ts";

export interface ChoresPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly member: PublicKey;
  readonly admission: Admission;
  readonly committer: Committer;
  readonly writer: Pick<OwnActorWriter, "actorKey">;
  readonly receipts: Pick<Receipts, "onProgress">;
}

export class Chores {
  readonly #ports: ChoresPorts;
  readonly #endorsing: WhenStillNeeded;
  readonly #asking: WhenStillNeeded;
  readonly #answering: WhenStillNeeded;
  readonly #merging: WhenStillNeeded;
  #cleanedMs: number;

  constructor(ports: ChoresPorts) {
    this.#ports = ports;
    this.#endorsing = new WhenStillNeeded(ports);
    this.#asking = new WhenStillNeeded(ports);
    this.#answering = new WhenStillNeeded(ports);
    this.#merging = new WhenStillNeeded(ports);
    this.#cleanedMs = ports.clock.now();
  }

  tick(): void {
    const now = this.#ports.clock.now();
    // A clock that was put back must not keep the cleaning waiting.
    if (Math.abs(now - this.#cleanedMs) >= PENDING_CLEANING_MS) this.#clean(now);
    const { admission, committer, member } = this.#ports;
    this.#passKeysOn();
    // Who is gone is waited for no more.
    this.#ports.receipts.onProgress();
    const bringTogether = (): void => {
      committer.join({ entry: { kind: "endorsement" }, settle: () => {}, fail: () => {} });
    };
    if (this.#endorsing.isDue(admission.rights.needsEndorsementBy(member))) bringTogether();
    else if (this.#merging.isDue(this.#needsMerge())) bringTogether();
  }

  /** Heads that merges left are not counted, so that a merge triggers none. */
  #needsMerge(): boolean {
    const { admission, member, writer } = this.#ports;
    if (admission.graph.tellingHeadCount <= MERGE_HEADS_MIN) return false;
    const role = admission.rights.roleNow(member);
    const mayWrite = role === "writer" || role === "admin";
    return mayWrite && admission.rights.mayEnrolAtHeads(member, writer.actorKey);
  }

  /** Asks for keys that something here waits for, and hands others those that they ask for. */
  #passKeysOn(): void {
    const { admission, committer, member } = this.#ports;
    if (!admission.rights.roleNow(member)) return;
    const [asks, answers] = [admission.sealing.asks(member), admission.sealing.answers()];
    const due = [
      ...(this.#asking.isDue(asks.length > 0) ? asks : []),
      ...(this.#answering.isDue(answers.length > 0) ? answers : []),
    ];
    for (const statement of due) committer.join({ entry: accessEntry(statement), settle: () => {}, fail: () => {} });
  }

  #clean(now: number): void {
    const { admission, committer, log } = this.#ports;
    this.#cleanedMs = now;
    const dropped = admission.dropStale(now);
    if (dropped > 0) log.log("info", "replica.pending_stale", { dropped });
    committer.writeRestSoon();
    const aheadMs = stampAheadMs(committer.stampHigh, now);
    // Whoever writes far ahead of others' clocks is kept waiting by them: the operator must put a clock right.
    if (aheadMs > DRIFT_MAX_MS / 2) log.log("warn", "replica.stamps_ahead", { aheadMs });
  }
}
