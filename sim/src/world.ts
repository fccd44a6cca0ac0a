/**
 * A run: nodes on a network in virtual time, a plan of what happens to them, and the oracles that judge it.
 *
 * First the plan, with everything that goes wrong in it; then all is healed, and within ten virtual minutes the nodes
 * must agree and come to rest. The same seed gives the same run, event by event: `trace` says so.
 */
import { bytesToHex, idKey } from "@dunlin/core/base";
import { Counts, Network, Trace, VirtualTime, type Weather } from "@dunlin/core/simulation";
import { type Call, drawCall } from "./calls.ts";
import { disagreement, finalFault, type Oracles } from "./convergence.ts";
import { HEAL_MAX_MS, QUIET_MS } from "./limits.ts";
import { SimNode } from "./node.ts";
import type { Known } from "./observer.ts";
import type { Entry, Plan } from "./plan.ts";
import { PLANTED_BUGS, type PlantedBugName } from "./planted.ts";
import { nodeTurns } from "./turns.ts";
import type { Violation, ViolationId } from "./violation.ts";

export interface RunOptions {
  readonly plan: Plan;
  readonly bug?: PlantedBugName;
  readonly oracles?: Oracles;
}

export interface RunReport {
  readonly plan: Plan;
  readonly violation: Violation | undefined;
  /** Names the run: equal traces, equal runs. */
  readonly trace: string;
  readonly nodeHours: number;
  readonly events: number;
  readonly deltas: number;
  /** Virtual milliseconds from the heal until all agreed. */
  readonly healedMs: number;
  readonly counts: Counts;
}

/** Runs one plan from its first event to its judgement. Never two at a time: a planted bug is the whole process's. */
export async function run(options: RunOptions): Promise<RunReport> {
  const world = new World(options);
  const restore = options.bug && PLANTED_BUGS[options.bug].install?.();
  const onRejection = (reason: unknown): void => world.blame("THROWN", describe(reason));
  process.on("unhandledRejection", onRejection);
  try {
    return await world.run();
  } finally {
    process.off("unhandledRejection", onRejection);
    restore?.();
  }
}

class World {
  readonly #options: RunOptions;
  readonly #time = new VirtualTime(nodeTurns);
  readonly #trace = new Trace();
  readonly #counts = new Counts();
  readonly #knownByKey = new Map<string, Known>();
  readonly #toldByMember = new Map<string, ReadonlySet<string>>();
  readonly #network: Network;
  readonly #nodes: SimNode[];
  readonly #calls: Call[] = [];
  #violation: Violation | undefined;
  #partitions = 0;
  #healedMs = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    const { seed, nodes, weather } = options.plan;
    const [time, trace, counts] = [this.#time, this.#trace, this.#counts];
    const onMisbehaviour = (by: number, peer: number, reason: string): void => this.#judgeCut(by, peer, reason);
    this.#network = new Network({ time, trace, counts, seed, nodes, onMisbehaviour }, weather);
    const ports = {
      time,
      trace,
      counts,
      seed,
      network: this.#network,
      knownByKey: this.#knownByKey,
      toldByMember: this.#toldByMember,
      blame: (id: ViolationId, message: string) => this.blame(id, message),
      bug: options.bug && PLANTED_BUGS[options.bug],
    };
    this.#nodes = Array.from({ length: nodes }, (_, index) => new SimNode(ports, index));
    for (const node of this.#nodes) {
      node.flushMeanMs = weather.flushMeanMs;
      this.#toldByMember.set(idKey(node.signer.publicKey), node.told);
    }
  }

  blame(id: ViolationId, message: string): void {
    if (this.#options.oracles === "roots" && id !== "NOT_CONVERGED") return;
    this.#violation ??= { id, message, atMs: this.#time.nowMs };
  }

  async run(): Promise<RunReport> {
    const { plan } = this.#options;
    for (const entry of plan.entries) this.#time.after(entry.atMs, () => this.#happen(entry));
    for (const node of this.#nodes) this.#time.after(0, () => node.boot());
    try {
      await this.#runUntil(plan.durationMs);
      this.#heal();
      await this.#settle();
    } catch (thrown) {
      this.blame("THROWN", describe(thrown));
    }
    for (const node of this.#nodes) if (node.engine) this.#counts.addAll(node.engine.counters);
    const [first] = this.#nodes;
    for (const head of first?.replica?.flushed.heads ?? []) this.#trace.bytes(head);
    return {
      plan,
      violation: this.#violation,
      trace: this.#trace.text(this.#violation?.id ?? "").digest(),
      nodeHours: (this.#time.nowMs / 3_600_000) * plan.nodes,
      events: this.#time.ran,
      deltas: this.#knownByKey.size,
      healedMs: this.#healedMs,
      counts: this.#counts,
    };
  }

  #runUntil(deadlineMs: number): Promise<void> {
    return this.#time.runUntil(deadlineMs, () => this.#violation !== undefined);
  }

  #happen(entry: Entry): void {
    this.#counts.add(`plan.${entry.kind}`);
    switch (entry.kind) {
      case "join":
        return this.#join(entry);
      case "calls":
        return this.#makeCalls(entry);
      case "crash":
        return this.#restart(this.#node(entry.node), entry.survives, entry.downMs);
      case "move":
        this.#node(entry.node).move();
        return this.#restart(this.#node(entry.node), 0, entry.downMs);
      case "disk-fails":
        this.#node(entry.node).diskFails = true;
        return;
      case "cut":
        return this.#network.cut(entry.a, entry.b);
      case "partition":
        return this.#partition(entry.groups, entry.forMs);
      case "slow":
        this.#network.slow(entry.node, entry.byMs);
        this.#time.after(entry.forMs, () => this.#network.slow(entry.node, 0));
        return;
      case "clock":
        this.#node(entry.node).clockOffsetMs = entry.offsetMs;
        return;
    }
  }

  #join({ node, by, role }: Extract<Entry, { kind: "join" }>): void {
    // Whoever was to invite may be no admin, or never become one: then the founder does.
    this.#node(node).join(role, () => {
      const inviter = this.#node(by);
      const member = inviter.signer.publicKey;
      return by !== node && inviter.replica?.roleOf(member) === "admin" ? inviter : this.#nodes[0];
    });
  }

  #makeCalls({ node, count, seed }: Extract<Entry, { kind: "calls" }>): void {
    for (let i = 0; i < count; i++) {
      const call = drawCall(this.#calls.length, node, seed + i);
      this.#calls.push(call);
      this.#node(node).call(call);
    }
  }

  #restart(node: SimNode, survives: number, downMs: number): void {
    node.crash(survives);
    this.#time.after(downMs, () => node.boot());
  }

  #partition(groups: readonly number[], forMs: number): void {
    const partition = ++this.#partitions;
    this.#network.partition(groups);
    this.#time.after(forMs, () => {
      if (partition === this.#partitions) this.#network.partition(undefined);
    });
  }

  /** Nothing goes wrong from here on; who was down comes up, who had not joined does. */
  #heal(): void {
    const { weather } = this.#options.plan;
    this.#partitions++;
    this.#network.weather = calm(weather);
    this.#network.partition(undefined);
    // What a transport never does may have left a connection in a state that it never leaves.
    if (isHostile(weather)) this.#network.cutAll();
    for (const node of this.#nodes) {
      this.#network.slow(node.index, 0);
      node.clockOffsetMs = 0;
      node.diskFails = false;
      node.flushMeanMs = Math.min(node.flushMeanMs, 10);
      node.boot();
      if (node.index > 0) node.join("writer", () => this.#nodes[0]);
    }
  }

  /** Waits until all agree, sees that they rest, and judges what they hold. */
  async #settle(): Promise<void> {
    const { oracles = "all" } = this.#options;
    const healMs = this.#time.nowMs;
    const why = (): string | undefined => disagreement(this.#nodes, oracles);
    while (why() !== undefined && this.#time.nowMs < healMs + HEAL_MAX_MS && !this.#violation) {
      await this.#runUntil(this.#time.nowMs + 1_000);
    }
    this.#healedMs = this.#time.nowMs - healMs;
    const reason = why();
    if (reason) return this.blame("NOT_CONVERGED", `10 minutes after the heal ${reason}`);
    // What was sent before they agreed is still under way.
    await this.#runUntil(this.#time.nowMs + QUIET_MS);
    const before = this.#framesOfDeltas();
    await this.#runUntil(this.#time.nowMs + QUIET_MS);
    const again = why();
    if (again) return this.blame("NOT_QUIET", `after all had agreed ${again}`);
    const sent = this.#framesOfDeltas() - before;
    if (sent > 0) return this.blame("NOT_QUIET", `${sent} frames of deltas came after all had agreed`);
    for (const { replica } of this.#nodes) {
      this.#counts.add("checkpoint.in_effect", replica?.checkpoints.chain.length ?? 0);
    }
    const fault = finalFault(this.#nodes, this.#calls);
    if (fault) this.blame(fault.id, fault.message);
    this.#trace.text(bytesToHex(this.#nodes[0]?.replica?.flushed.root ?? new Uint8Array(0)));
  }

  #framesOfDeltas(): number {
    let frames = 0;
    for (const { engine } of this.#nodes) frames += engine?.counters.get("sync.frames_deltas") ?? 0;
    return frames;
  }

  /** All nodes are honest, so nobody is cut for what it sent; only a hostile network can make it look so. */
  #judgeCut(by: number, peer: number, reason: string): void {
    const isExcused = isHostile(this.#options.plan.weather) && reason !== "TOO_MANY_REFUSED";
    if (isExcused || reason === "QUEUE_FULL") return;
    this.blame("HONEST_PEER_CHARGED", `node ${by} cut node ${peer}: ${reason}`);
  }

  #node(index: number): SimNode {
    return this.#nodes[index] as SimNode;
  }
}

function isHostile({ dropChance, duplicateChance, reorderChance }: Weather): boolean {
  return dropChance + duplicateChance + reorderChance > 0;
}

/** Good weather: only the distances stay. */
function calm(weather: Weather): Weather {
  return {
    ...weather,
    delayMeanMs: Math.min(weather.delayMeanMs, 100),
    cutChance: 0,
    noticeMaxMs: Math.min(weather.noticeMaxMs, 1_000),
    redialMaxMs: Math.min(weather.redialMaxMs, 5_000),
    queueBytesMax: Math.max(weather.queueBytesMax, 1_048_576),
    dropChance: 0,
    duplicateChance: 0,
    reorderChance: 0,
  };
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
