/**
 * The main job: A and B replay, C writes, is killed half-way and comes back; then all three must agree by themselves.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { Work } from "./documents.ts";
import { DemoFailure, EXIT } from "./failure.ts";
import type { Ledger } from "./ledger.ts";
import {
  BURSTS_MAX,
  DOWN_MS_MIN,
  KEYS_OF_C,
  KILL_AT,
  POLL_MS,
  RESTART_AFTER,
  SETTLE_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  STATUS_INTERVAL_MS,
} from "./limits.ts";
import type { Progress } from "./progress.ts";
import { number } from "./table.ts";
import { KeyWriter, Replayer } from "./writers.ts";

/** What C is doing, in words for the progress line. */
type StateOfC = "writes" | "killed" | "starts" | "is back";

export class Play {
  readonly #cluster: Cluster;
  readonly #ledger: Ledger;
  readonly #progress: Progress;
  readonly #contextId: string;
  readonly #replayers: readonly Replayer[];
  readonly #keys: KeyWriter;
  readonly #editsTotal: number;
  #stateOfC: StateOfC = "writes";
  #isReplayed = false;
  #onChange: (() => void)[] = [];

  constructor(cluster: Cluster, work: Work, options: { contextId: string; ledger: Ledger; progress: Progress }) {
    const { contextId, ledger, progress } = options;
    this.#cluster = cluster;
    this.#ledger = ledger;
    this.#progress = progress;
    this.#contextId = contextId;
    const { A, B } = cluster.members;
    const onProgress = (): void => this.#wake();
    this.#replayers = [A, B].map(
      (member, index) => new Replayer(member, contextId, { plans: work.documents[index] ?? [], ledger, onProgress }),
    );
    this.#keys = new KeyWriter(ledger, contextId);
    this.#editsTotal = this.replays.reduce((sum, { plan }) => sum + plan.edits, 0);
  }

  get replays(): Replayer["replays"] {
    return this.#replayers.flatMap((replayer) => replayer.replays);
  }

  /** Resolves once everything is written and the nodes agree. */
  async run(): Promise<void> {
    const stalled = new AbortController();
    const watching = this.#watch(stalled.signal);
    const replaying = Promise.all(this.#replayers.map((replayer) => replayer.run())).then(() => {
      this.#isReplayed = true;
      this.#wake();
    });
    try {
      await Promise.race([Promise.all([replaying, this.#runC()]), watching]);
    } finally {
      stalled.abort();
    }
    this.#progress.say(this.#line());
    await this.#settle();
    await this.#cluster.countBytes();
  }

  get #done(): number {
    return this.replays.reduce((sum, { editsDone }) => sum + editsDone, 0) / Math.max(1, this.#editsTotal);
  }

  async #runC(): Promise<void> {
    const { C } = this.#cluster.members;
    const changed = (): Promise<void> => new Promise((resolve) => this.#onChange.push(resolve));
    const inStep = (): number => (this.#isReplayed ? KEYS_OF_C : Math.floor(KEYS_OF_C * Math.min(1, this.#done)));
    const isHalfWay = (): boolean => this.#done >= KILL_AT || this.#isReplayed;
    await this.#keys.keepUp(C.api, () => Math.min(inStep(), KEYS_OF_C * KILL_AT), changed, isHalfWay);
    await this.#killC();
    this.#stateOfC = "starts";
    const beganMs = performance.now();
    await C.start();
    await C.follow(this.#contextId, this.#ledger);
    this.#stateOfC = "is back";
    const tookMs = Math.round(performance.now() - beganMs);
    this.#progress.say(`  C answers again as pid ${C.process.pid}, ${number(tookMs)} ms after its start`);
    await this.#keys.keepUp(C.api, inStep, changed, () => this.#keys.keysDone === KEYS_OF_C);
  }

  /** Kills C at the moment in which it has acknowledged what no other node tells of, and others what it does not. */
  async #killC(): Promise<void> {
    const { C } = this.#cluster.members;
    let killing: Promise<void> | undefined;
    const look = (): void => {
      if (killing !== undefined || this.#alone() === 0 || this.#lacking() === 0) return;
      killing = C.kill();
    };
    const { api } = C;
    for (let i = 0; i < BURSTS_MAX && killing === undefined; i++) await this.#keys.burst(api, look);
    await (killing ?? C.kill());
    this.#stateOfC = "killed";
    const downUntil = this.#done + RESTART_AFTER;
    const downMs = performance.now() + DOWN_MS_MIN;
    const isDownLongEnough = (): boolean =>
      performance.now() >= downMs && (this.#done >= downUntil || this.#isReplayed);
    while (!isDownLongEnough()) await sleep(POLL_MS);
    const [alone, lacking] = [this.#alone(), this.#lacking()].map(number);
    this.#progress.say(
      `  C was killed (kill -9) with ${alone} acknowledged writes that no other node has; by now it lacks ${lacking} of theirs`,
    );
  }

  #alone(): number {
    return this.#ledger.countUnheard(["C"], ["A", "B"]);
  }

  #lacking(): number {
    return this.#ledger.countUnheard(["A", "B"], ["C"]);
  }

  #wake(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }

  /** Shows how far things are; rejects when nothing is acknowledged any more. */
  async #watch(signal: AbortSignal): Promise<void> {
    let acknowledged = 0;
    let changedMs = performance.now();
    while (!signal.aborted) {
      await sleep(STATUS_INTERVAL_MS, undefined, { signal }).catch(() => {});
      await this.#cluster.countBytes();
      if (signal.aborted) return;
      this.#progress.show(this.#line());
      if (this.#ledger.writes.length !== acknowledged) changedMs = performance.now();
      acknowledged = this.#ledger.writes.length;
      if (performance.now() - changedMs < STALL_TIMEOUT_MS) continue;
      throw new DemoFailure(EXIT.unequal, `no call was acknowledged for ${STALL_TIMEOUT_MS / 1000} s`);
    }
  }

  #line(): string {
    const parts = this.#replayers.map(({ node, replays }) => {
      const total = replays.reduce((sum, { plan }) => sum + plan.edits, 0);
      const done = replays.reduce((sum, { editsDone }) => sum + editsDone, 0);
      const percent = String(Math.floor((100 * done) / Math.max(1, total))).padStart(3);
      return `${node} ${percent} % of ${number(total)} edits`;
    });
    const keys = `C ${this.#stateOfC}, ${this.#keys.keysDone}/${KEYS_OF_C} keys`;
    return `  ${[...parts, keys, `${number(this.#ledger.writes.length)} calls`].join("  ")}`;
  }

  async #settle(): Promise<void> {
    const beganMs = performance.now();
    for (;;) {
      const states = await Promise.all(this.#cluster.all.map((member) => member.api.context(this.#contextId)));
      const [first] = states.map(({ rootHash, heads }) => [rootHash, ...[...heads].sort()].join());
      const agree = states.every(
        ({ rootHash, heads, pending }) => pending === 0 && [rootHash, ...[...heads].sort()].join() === first,
      );
      const tookMs = Math.round(performance.now() - beganMs);
      if (agree) return this.#progress.say(`  the three nodes agree, ${number(tookMs)} ms after the last call`);
      if (tookMs > SETTLE_TIMEOUT_MS) {
        const deltas = states.map((state) => `${state.deltas}+${state.pending}`).join(", ");
        throw new DemoFailure(
          EXIT.unequal,
          `the nodes do not agree after ${SETTLE_TIMEOUT_MS / 1000} s: deltas ${deltas}`,
        );
      }
      this.#progress.show(`  waiting until the nodes agree: deltas ${states.map(({ deltas }) => deltas).join(", ")}`);
      await sleep(POLL_MS);
    }
  }
}
