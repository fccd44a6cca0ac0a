/**
 * A run: nodes on a network in virtual time, a plan of what happens to them, and the oracles that judge it.
 *
 * First the plan, with everything that goes wrong in it; then all is healed, and within ten virtual minutes the nodes
 * must agree and come to rest. The same seed gives the same run, event by event: `trace` says so.
 */
import { bytesToHex, idKey, type PublicKey } from "@dunlin/core/base";
import { DRIFT_MAX_MS } from "@dunlin/core/replica";
import { Counts, Network, Trace, VirtualTime, type Weather } from "@dunlin/core/simulation";
import type { Frame } from "@dunlin/core/sync";
import { type Call, drawCall } from "./calls.ts";
import { disagreement, finalFault, type Oracles, type Parties } from "./convergence.ts";
import { isTarget } from "./draw-sayings.ts";
import { EPOCH_MS, HEAL_MAX_MS, QUIET_MS } from "./limits.ts";
import { Membership, statementOf } from "./membership.ts";
import { SimNode } from "./node.ts";
import type { Known } from "./observer.ts";
import type { Entry, Plan, Saying } from "./plan.ts";
import { PLANTED_BUGS, type PlantedBugName } from "./planted/planted.ts";
import { hostOf, linksOf } from "./topology.ts";
import { nodeTurns } from "./turns.ts";
import type { Violation, ViolationId } from "./violation.ts";
import { Wire } from "./wire.ts";

export interface RunOptions {
  readonly plan: Plan;
  readonly bug?: PlantedBugName;
  readonly oracles?: Oracles;
  /** How often it is looked whether all agree; a second when not given. */
  readonly stepMs?: number;
  /** What becomes of every frame of an honest node. */
  readonly frames?: (frame: Frame) => Uint8Array[];
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
  /** Pairs that are linked, as "lower higher"; undefined when all are. */
  readonly #links: ReadonlySet<string> | undefined;
  readonly #nodes: SimNode[];
  readonly #calls: Call[] = [];
  readonly #signedByHonest = new Map<string, Set<string>>();
  readonly #membership: Membership;
  readonly #wire: Wire;
  #violation: Violation | undefined;
  #partitions = 0;
  /** The furthest that any clock has been ahead of the true time. */
  #clockAheadMs = 0;
  #healedMs = 0;
  #isHealed = false;

  constructor(options: RunOptions) {
    this.#options = options;
    const { seed, nodes, weather, traitors } = options.plan;
    const [time, trace, counts] = [this.#time, this.#trace, this.#counts];
    const blame = (id: ViolationId, message: string): void => this.blame(id, message);
    const isTraitor = (node: number): boolean => traitors.some((traitor) => traitor.node === node);
    this.#wire = new Wire({ blame, isTraitor });
    const links = linksOf(options.plan);
    this.#links = links && new Set(links.map(([a, b]) => `${a} ${b}`));
    this.#network = new Network(
      {
        ...(links ? { links } : {}),
        time,
        trace,
        counts,
        seed,
        nodes,
        onMisbehaviour: (by, peer, reason) => this.#judgeCut(by, peer, reason),
        onWire: (from, to, frame) => this.#wire.onFrame(from, to, frame),
      },
      weather,
    );
    const ports = {
      time,
      trace,
      counts,
      seed,
      blame,
      network: this.#network,
      knownByKey: this.#knownByKey,
      toldByMember: this.#toldByMember,
      signedByHonest: this.#signedByHonest,
      mayEverWrite: (member: string) => this.#membership.mayEverWrite(member),
      clockMaxMs: () => EPOCH_MS + time.nowMs + this.#clockAheadMs + DRIFT_MAX_MS + 1_000,
      isHealed: () => this.#isHealed,
      bug: options.bug && PLANTED_BUGS[options.bug],
      frames: options.frames,
      onCharge: (by: number, peer: number, code: string) => this.#judgeCharge(by, peer, code),
      onSigned: (signer: PublicKey, message: Uint8Array) =>
        this.#signedByHonest.get(idKey(signer))?.add(idKey(message)),
    };
    this.#nodes = Array.from({ length: nodes }, (_, index) => {
      const traitor = traitors.find(({ node }) => node === index);
      const made = new SimNode(ports, index, traitor);
      if (!traitor) {
        this.#signedByHonest.set(idKey(made.signer.publicKey), new Set());
        this.#toldByMember.set(idKey(made.signer.publicKey), made.told);
      }
      made.flushMeanMs = weather.flushMeanMs;
      return made;
    });
    this.#membership = new Membership(this.#nodes);
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
        this.#node(entry.node).diskFails = entry.survives;
        return;
      case "disk-slow":
        this.#node(entry.node).flushSlowMs = entry.byMs;
        this.#time.after(entry.forMs, () => {
          this.#node(entry.node).flushSlowMs = 0;
        });
        return;
      case "one-way":
        return this.#network.deaden(entry.from, entry.to, entry.forMs, entry.isLost);
      case "remove":
      case "role":
      case "add":
        return this.#declare(entry);
      case "deed":
        return this.#node(entry.node).commit(entry.deed, entry.seed);
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
        this.#clockAheadMs = Math.max(this.#clockAheadMs, entry.offsetMs);
        return;
    }
  }

  #join({ node, by, role, isBearer }: Extract<Entry, { kind: "join" }>): void {
    this.#membership.mayBe(node, role);
    const mayInvite = by !== node && !this.#node(by).traitor && !isTarget(this.#options.plan.entries, by);
    // Whoever was to invite may be no admin, or never become one: then the founder does.
    this.#node(node).join(role, isBearer, () => {
      const inviter = this.#node(by);
      const isAdmin = inviter.replica?.roleOf(inviter.signer.publicKey) === "admin";
      return mayInvite && isAdmin ? inviter : this.#nodes[0];
    });
  }

  #declare(entry: Saying): void {
    const [by, member] = [this.#node(entry.by), this.#node(entry.member)];
    // Honest nodes speak of those who have joined.
    if (by.traitor || !member.isJoined) return;
    this.#membership.note(entry, by);
    void by.declare(statementOf(entry, member.signer.publicKey, this.#time.ran));
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
    this.#isHealed = true;
    this.#partitions++;
    this.#network.weather = calm(weather);
    this.#network.partition(undefined);
    this.#network.reviveAll();
    // What a transport never does may have left a connection in a state that it never leaves.
    if (isHostile(weather)) this.#network.cutAll();
    for (const node of this.#nodes) {
      this.#network.slow(node.index, 0);
      node.clockOffsetMs = 0;
      node.diskFails = undefined;
      node.flushSlowMs = 0;
      node.flushMeanMs = Math.min(node.flushMeanMs, 10);
      if (node.traitor) node.traitor.isSpent = true;
      if (node.traitor?.leaves) {
        node.crash(0);
        continue;
      }
      node.boot();
      if (node.index > 0 && !node.isJoined) this.#membership.mayBe(node.index, "writer");
      const host = this.#links ? hostOf(node.index) : 0;
      if (node.index > 0) node.join("writer", false, () => this.#nodes[host]);
    }
  }

  /** Who must agree, and on what terms. */
  #parties(): Parties {
    const agreeing = this.#membership.agreeing();
    return {
      nodes: this.#nodes,
      agreeing,
      isPeaceful: this.#options.plan.traitors.length === 0 && !this.#membership.isAnyTouched,
      isLinked: (a, b) => this.#links?.has(a < b ? `${a} ${b}` : `${b} ${a}`) ?? true,
      isOwed: (node) => !this.#nodes[node]?.traitor && !this.#membership.mayHaveLost(node),
    };
  }

  /** Waits until all agree, sees that they rest, and judges what they hold. */
  async #settle(): Promise<void> {
    const healMs = this.#time.nowMs;
    let restless = await this.#agreeAndRest(healMs);
    // What traitors stamped ahead, or kept until something was looked after, may still come; then all rest again.
    while (restless && !this.#violation && !this.#parties().isPeaceful && this.#time.nowMs < healMs + HEAL_MAX_MS) {
      this.#counts.add("heal.again");
      restless = await this.#agreeAndRest(healMs);
    }
    if (restless) return this.blame("NOT_QUIET", `after all had agreed ${restless}`);
    for (const { replica } of this.#nodes) {
      this.#counts.add("checkpoint.in_effect", replica?.checkpoints.chain.length ?? 0);
      this.#counts.add("equivocation.found", replica?.equivocations().length ?? 0);
    }
    const fault = this.#membership.fault() ?? finalFault(this.#parties(), this.#calls);
    if (fault) this.blame(fault.id, fault.message);
    this.#trace.text(bytesToHex(this.#nodes[0]?.replica?.flushed.root ?? new Uint8Array(0)));
  }

  /** Why they do not rest, having agreed; undefined when they do. */
  async #agreeAndRest(healMs: number): Promise<string | undefined> {
    const { oracles = "all", stepMs = 1_000 } = this.#options;
    const why = (): string | undefined => disagreement(this.#parties(), oracles);
    while (why() !== undefined && this.#time.nowMs < healMs + HEAL_MAX_MS && !this.#violation) {
      await this.#runUntil(this.#time.nowMs + stepMs);
    }
    this.#healedMs = this.#time.nowMs - healMs;
    const reason = why();
    if (reason) this.blame("NOT_CONVERGED", `10 minutes after the heal ${reason}`);
    // What was sent before they agreed is still under way.
    await this.#runUntil(this.#time.nowMs + QUIET_MS);
    const sentSoFar = (): number => {
      return this.#parties().isPeaceful ? this.#wire.honestAnswers : this.#wire.honestDeltas;
    };
    const before = sentSoFar();
    await this.#runUntil(this.#time.nowMs + QUIET_MS);
    const sent = sentSoFar() - before;
    return why() ?? (sent > 0 ? `${sent} frames of deltas came` : undefined);
  }

  /** Nobody honest is cut for what it sent; only a hostile network can make it look so. */
  #judgeCut(by: number, peer: number, reason: string): void {
    if (this.#node(by).traitor || this.#node(peer).traitor) {
      if (!this.#node(by).traitor) this.#counts.add("traitor.cut");
      return;
    }
    const isExcused = isHostile(this.#options.plan.weather) && reason !== "TOO_MANY_REFUSED";
    if (isExcused || reason === "QUEUE_FULL") return;
    this.blame("HONEST_PEER_CHARGED", `node ${by} cut node ${peer}: ${reason}`);
  }

  #judgeCharge(by: number, peer: number, code: string): void {
    if (this.#node(by).traitor) return;
    if (this.#node(peer).traitor) return this.#counts.add("traitor.charged");
    this.blame("HONEST_PEER_CHARGED", `node ${by} charged node ${peer}: ${code}`);
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
