/**
 * A group of members on this machine, in a few processes, and what it carries at a given rate of writes: how many of the
 * calls reach the disk of every member, how long the last one takes, and what it costs.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applicationId, bytesToHex, createPrng, must } from "@dunlin/core/base";
import { createGenesis } from "@dunlin/core/replica";
import { crypto, random, signerOf } from "./ports.ts";
import type { DialTarget, FromMember, Report, ToMember } from "./protocol.ts";

export interface ClusterOptions {
  readonly size: number;
  readonly processes: number;
  /** Connections that each member has, about; all when there are no more members. */
  readonly degree: number;
  /** The module that each process runs, which talks as `protocol.ts` says; members of Dunlin when absent. */
  readonly process?: URL;
  /** Of each direction of a link, by a proxy; links are direct when absent. */
  readonly latencyMs?: number;
}

const OUR_PROCESS = new URL("./process.js", import.meta.url);

export interface Load {
  readonly writers: number;
  /** Calls per second, all writers together. */
  readonly perSecond: number;
  readonly durationMs: number;
  readonly valueBytes: number;
}

export interface Carried {
  /** Calls made per second. */
  readonly offered: number;
  readonly delivered: number;
  readonly made: number;
  /** From the call to the disk of the last member. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Medians of the first and the last half. */
  readonly halvesMs: readonly [number, number];
  readonly cores: number;
  /** Processor time of all processes by deliveries, each a call at a member that did not make it. */
  readonly usPerDelivery: number;
  readonly bytesPerReceiver: number;
  readonly framesPerSecond: number;
  readonly rssBytes: number;
  readonly counters: Readonly<Record<string, number>>;
  /** All delivered, at the rate that was asked for, without a growing lag. */
  readonly isSustained: boolean;
}

/** What became of members that were parted. */
export interface Joined {
  /** Made while they were apart. */
  readonly calls: number;
  /** From the healing to the first link between sides. */
  readonly joinedMs: number;
  /** From that link to when every member had every call on disk. */
  readonly evenMs: number;
}

const SUSTAINED_P99_MS = 2_000;
const DRAIN_MS = 5_000;
/** Nobody dials as late again. */
const JOIN_DEADLINE_MS = 120_000;

export class Cluster implements AsyncDisposable {
  readonly #options: ClusterOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), "dunlin-cluster-"));
  readonly #children: ChildProcess[] = [];
  /** By process, its members. */
  readonly #members: number[][];

  private constructor(options: ClusterOptions) {
    this.#options = options;
    const { size, processes } = options;
    this.#members = Array.from({ length: processes }, (_, at) =>
      Array.from({ length: size }, (_, index) => index).filter((index) => index % processes === at),
    );
  }

  static async open(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    await cluster.#start();
    return cluster;
  }

  async #start(): Promise<void> {
    const { size, degree, latencyMs, process: module = OUR_PROCESS } = this.#options;
    const genesis = createGenesis({ crypto, random }, signerOf(0), applicationId(new Uint8Array(32)), Date.now());
    const addresses: Record<number, readonly string[]> = {};
    let deltas = [bytesToHex(genesis.bytes)];
    for (const members of this.#members) {
      const child = fork(module, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      this.#children.push(child);
      const opened = await ask(child, {
        kind: "open",
        folder: this.#folder,
        members,
        size,
        context: bytesToHex(genesis.context),
        deltas,
      });
      if (opened.kind !== "opened") throw new Error(`a process answered ${opened.kind}`);
      Object.assign(addresses, opened.addresses);
      if (members.includes(0)) deltas = [...opened.deltas];
    }
    const edges = drawEdges(size, degree);
    const linksOf = (index: number): number => edges.filter((edge) => edge.includes(index)).length;
    await this.#askAll((members) => {
      const of = (index: number): DialTarget[] =>
        edges
          .filter(([from]) => from === index)
          .map(([, to]) => ({ index: to, addresses: must(addresses[to], "an address") }));
      const targets = Object.fromEntries(members.map((index) => [index, of(index)]));
      return { kind: "dial", targets, ...(latencyMs === undefined ? {} : { latencyMs }) };
    });
    await this.#askAll((members) => ({
      kind: "settle",
      links: Object.fromEntries(members.map((index) => [index, linksOf(index)])),
    }));
  }

  async run(load: Load): Promise<Carried> {
    const expected = await this.#write(load);
    const drainBegunMs = Date.now();
    const reports = await this.#drained(expected, DRAIN_MS);
    const tookMs = load.durationMs + Date.now() - drainBegunMs;
    return judge(load, this.#options.size, expected, reports, tookMs);
  }

  /** Parts the members by their sides while the load is written and for so long in all, and heals them. */
  async part(sides: readonly number[], load: Load, partedMs: number): Promise<Joined> {
    const begunMs = Date.now();
    await this.#askAll(() => ({ kind: "part", sides }));
    const expected = await this.#write(load);
    await new Promise((resolve) => setTimeout(resolve, begunMs + partedMs - Date.now()));
    const healedMs = Date.now();
    await this.#askAll(() => ({ kind: "part", sides: undefined }));
    const reports = await this.#drained(expected, JOIN_DEADLINE_MS);
    const joined = reports.flatMap(({ joinedMs }) => joinedMs ?? []);
    const joinedMs = Math.min(...joined) - healedMs;
    const last = reports.flatMap(({ lastMs }) => lastMs.flat());
    const isEven = expected.every((calls, writer) =>
      reports.every(({ lastMs }) => lastMs[writer]?.length === calls && lastMs[writer]?.every((ms) => ms >= 0)),
    );
    if (!isEven || joined.length === 0)
      throw new Error(`the sides were not even ${JOIN_DEADLINE_MS} ms after they met`);
    return { calls: sum(expected), joinedMs, evenMs: Math.max(...last) - Math.min(...joined) };
  }

  /** By writer, the calls that were made. */
  async #write({ writers, perSecond, durationMs, valueBytes }: Load): Promise<number[]> {
    const memberOf = (writer: number): number => Math.floor((writer * this.#options.size) / writers);
    const answers = await this.#askAll((members) => ({
      kind: "write",
      writers: Object.fromEntries(
        Array.from({ length: writers }, (_, writer) => [writer, memberOf(writer)] as const).filter(([, member]) =>
          members.includes(member),
        ),
      ),
      writersInAll: writers,
      perSecondEach: perSecond / writers,
      durationMs,
      valueBytes,
    }));
    const expected = new Array<number>(writers).fill(0);
    for (const answer of answers)
      if (answer.kind === "written")
        for (const [writer, calls] of Object.entries(answer.calls)) expected[Number(writer)] = calls;
    return expected;
  }

  /** What was seen when all have everything, or when the time is up. */
  async #drained(expected: readonly number[], deadlineMs: number): Promise<Report[]> {
    await this.#askAll(() => ({ kind: "drained", expected, deadlineMs }));
    const answers = await this.#askAll(() => ({ kind: "report" }));
    return answers.flatMap((answer) => (answer.kind === "report" ? answer.report : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    await this.#askAll(() => ({ kind: "close" })).catch(() => {
      for (const child of this.#children) child.kill();
    });
    await Promise.all(ended);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #askAll(messageOf: (members: readonly number[]) => ToMember): Promise<FromMember[]> {
    return Promise.all(
      this.#children.map((child, at) => ask(child, messageOf(must(this.#members[at], "members of a process")))),
    );
  }
}

function ask(child: ChildProcess, message: ToMember): Promise<FromMember> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`a process of the group ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (answer: FromMember) => {
      child.off("exit", onExit);
      if (answer.kind === "failed") reject(new Error(answer.reason));
      else resolve(answer);
    });
    child.send(message);
  });
}

/** Everybody with everybody in a small group; else a ring, so that all are joined, and random links. */
function drawEdges(size: number, degree: number): [number, number][] {
  const edges = new Map<string, [number, number]>();
  const add = (a: number, b: number): void => {
    if (a !== b) edges.set(`${Math.min(a, b)}-${Math.max(a, b)}`, [a, b]);
  };
  if (degree >= size - 1) {
    for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) add(a, b);
    return [...edges.values()];
  }
  const prng = createPrng(size);
  for (let index = 0; index < size; index++) add(index, (index + 1) % size);
  while (edges.size < (size * degree) / 2) add(prng.below(size), prng.below(size));
  return [...edges.values()];
}

function judge(
  load: Load,
  size: number,
  expected: readonly number[],
  reports: readonly Report[],
  tookMs: number,
): Carried {
  const latencies: { readonly atMs: number; readonly tookMs: number }[] = [];
  let made = 0;
  for (const [writer, calls] of expected.entries()) {
    const written = must(
      reports.find((report) => (report.writtenMs[writer]?.length ?? 0) > 0),
      "a writer's process",
    ).writtenMs[writer];
    for (let call = 0; call < calls; call++) {
      made++;
      const atMs = must(written?.[call], "a call that was made");
      const all = reports.map((report) => report.lastMs[writer]?.[call] ?? -1);
      if (all.every((ms) => ms >= 0)) latencies.push({ atMs, tookMs: Math.max(...all) - atMs });
    }
  }
  latencies.sort((a, b) => a.atMs - b.atMs);
  const middle = latencies.length >> 1;
  const halvesMs = [quantile(latencies.slice(0, middle), 0.5), quantile(latencies.slice(middle), 0.5)] as const;
  const offered = (made * 1000) / load.durationMs;
  const p99Ms = quantile(latencies, 0.99);
  const total = (of: (report: Report) => number): number => sum(reports.map(of));
  const counters: Record<string, number> = {};
  for (const report of reports)
    for (const [name, value] of Object.entries(report.counters)) counters[name] = (counters[name] ?? 0) + value;
  const isSteady = halvesMs[1] < 250 || halvesMs[1] < 1.5 * halvesMs[0];
  return {
    offered,
    delivered: latencies.length,
    made,
    p50Ms: quantile(latencies, 0.5),
    p99Ms,
    halvesMs,
    cores: total(({ cpuMs }) => cpuMs) / tookMs,
    usPerDelivery: (total(({ cpuMs }) => cpuMs) * 1000) / (made * (size - 1)),
    bytesPerReceiver: total(({ bytesOut }) => bytesOut) / (made * (size - 1)),
    framesPerSecond: (total(({ framesOut }) => framesOut) * 1000) / tookMs,
    rssBytes: total(({ rssBytes }) => rssBytes),
    counters,
    isSustained: latencies.length === made && offered >= 0.93 * load.perSecond && p99Ms < SUSTAINED_P99_MS && isSteady,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function quantile(latencies: readonly { readonly tookMs: number }[], at: number): number {
  const sorted = latencies.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}
