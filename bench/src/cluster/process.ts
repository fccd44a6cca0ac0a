/**
 * A process of a measured group: some of its members, driven by the measuring process over IPC. A call carries its
 * writer and number as an event, so each member notes when it has each call on disk.
 */
import { bytesToHex, contextId, hexToBytes, must } from "@dunlin/core/base";
import { type Member, openMember, signerOf } from "./member.ts";
import type { FromMember, OpenRequest, Report, ToMember, WriteRequest } from "./protocol.ts";

const members = new Map<number, Member>();
const SETTLE_MS = Number(process.env["SETTLE"] ?? 120_000);
const CALLS_MAX = 200_000;
/** By writer: counts of members here that have the call, and when the last came. */
let seen: { counts: Uint16Array; lastMs: Float64Array; writtenMs: Float64Array }[] = [];
let begun = { cpu: process.cpuUsage(), bytes: 0, frames: 0, counters: new Map<string, number>() };

process.on("message", (message: ToMember) => {
  handle(message).then(tell, (thrown) => tell({ kind: "failed", reason: String(thrown?.stack ?? thrown) }));
});

// Whoever measures has gone.
process.on("disconnect", () => process.exit());

function tell(message: FromMember): void {
  process.send?.(message);
}

async function handle(message: ToMember): Promise<FromMember> {
  switch (message.kind) {
    case "open":
      return open(message);
    case "dial":
      for (const [index, addresses] of Object.entries(message.targets)) {
        const kept = memberOf(Number(index)).network.keepConnected(addresses);
        if (!kept.ok) throw new Error(kept.error.message);
      }
      return { kind: "done" };
    case "settle":
      for (const [index, links] of Object.entries(message.links))
        await until(
          () => isSettled(Number(index), links),
          SETTLE_MS,
          () => describe(Number(index), links),
        );
      return { kind: "done" };
    case "write":
      return { kind: "written", calls: await write(message) };
    case "drained":
      await until(() => hasAll(message.expected), message.deadlineMs).catch(() => {});
      return { kind: "done" };
    case "report":
      return { kind: "report", report: report() };
    case "close":
      for (const member of members.values()) await member.close();
      setImmediate(() => process.disconnect());
      return { kind: "done" };
  }
}

async function open(request: OpenRequest): Promise<FromMember> {
  const { folder, members: indexes, size } = request;
  const context = contextId(must(hexToBytes(request.context), "hexadecimal"));
  const founder = signerOf(0).publicKey;
  const addresses: Record<number, readonly string[]> = {};
  for (const index of indexes) {
    const member = await openMember({ folder, index, context, founder }, (commit) => {
      const now = Date.now();
      for (const { events } of commit.deltas) for (const { data } of events) note(data, now);
    });
    members.set(index, member);
    for (const delta of request.deltas) member.replica.admit(must(hexToBytes(delta), "hexadecimal"));
    await member.replica.settled();
    addresses[index] = member.network.addresses();
  }
  if (!indexes.includes(0)) return { kind: "opened", addresses, deltas: [] };
  await found(memberOf(0), size);
  const { deltas } = memberOf(0).replica.missingFrom(new Map(), Number.MAX_SAFE_INTEGER);
  for (const { replica } of members.values()) for (const delta of deltas) replica.admit(delta);
  return { kind: "opened", addresses, deltas: deltas.map(bytesToHex) };
}

/** The founder adds all others, in one commit. */
async function found({ replica }: Member, size: number): Promise<void> {
  const adding = Array.from({ length: size - 1 }, (_, at) =>
    replica.declare({
      kind: "add",
      member: signerOf(at + 1).publicKey,
      role: "writer",
      nonce: new Uint8Array(16).fill(at + 1),
    }),
  );
  for (const added of await Promise.all(adding)) if (!added.ok) throw new Error(added.error.message);
}

function isSettled(index: number, links: number): boolean {
  const { replica, engine } = memberOf(index);
  if (!replica.roleOf(signerOf(index).publicKey)) return false;
  return engine.status(replica.context).filter(({ state }) => state === "in sync").length >= links;
}

function describe(index: number, links: number): string {
  const { replica, engine, network } = memberOf(index);
  const states = engine.status(replica.context).map(({ state, reason }) => `${state} (${reason})`);
  const { peers, cuts } = network.stats();
  return `member ${index} with ${links} links, ${peers.length} peers, ${JSON.stringify(cuts)}, ${states.join("; ")}:`;
}

async function write(request: WriteRequest): Promise<Record<number, number>> {
  const { writers, writersInAll, perSecondEach, durationMs, valueBytes } = request;
  seen = Array.from({ length: writersInAll }, () => ({
    counts: new Uint16Array(CALLS_MAX),
    lastMs: new Float64Array(CALLS_MAX),
    writtenMs: new Float64Array(CALLS_MAX).fill(Number.NaN),
  }));
  begun = { cpu: process.cpuUsage(), ...network(), counters: counters() };
  const calls: Record<number, number> = {};
  const running = Object.entries(writers).map(async ([writer, index]) => {
    calls[Number(writer)] = await writeOpenLoop(Number(writer), memberOf(index), {
      perSecondEach,
      durationMs,
      valueBytes,
    });
  });
  await Promise.all(running);
  return calls;
}

/** Makes calls by the clock, whatever becomes of them. */
async function writeOpenLoop(
  writer: number,
  { replica }: Member,
  { perSecondEach, durationMs, valueBytes }: Pick<WriteRequest, "perSecondEach" | "durationMs" | "valueBytes">,
): Promise<number> {
  const value = "x".repeat(valueBytes);
  const startMs = Date.now();
  let made = 0;
  let failed = 0;
  for (;;) {
    const elapsedMs = Date.now() - startMs;
    const due = Math.floor((Math.min(elapsedMs, durationMs) * perSecondEach) / 1000);
    for (; made < due; made++) {
      const call = made;
      must(seen[writer], "a writer").writtenMs[call] = Date.now();
      void replica
        .call((transaction) => {
          transaction.field("map", "load").set(`w${writer}-${call % 1000}`, value);
          return { ok: true, value: null, events: [{ kind: "call", data: mark(writer, call), handler: "" }] };
        })
        .then((done) => {
          if (!done.ok) failed++;
        });
    }
    if (elapsedMs >= durationMs) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await replica.settled();
  if (failed > 0) throw new Error(`${failed} calls failed`);
  return made;
}

function mark(writer: number, call: number): Uint8Array {
  const data = new Uint8Array(6);
  const view = new DataView(data.buffer);
  view.setUint16(0, writer);
  view.setUint32(2, call);
  return data;
}

function note(data: Uint8Array, nowMs: number): void {
  const view = new DataView(data.buffer, data.byteOffset);
  const of = seen[view.getUint16(0)];
  const call = view.getUint32(2);
  if (!of) return;
  of.counts[call] = (of.counts[call] ?? 0) + 1;
  of.lastMs[call] = nowMs;
}

function hasAll(expected: readonly number[]): boolean {
  return expected.every((calls, writer) => {
    const counts = must(seen[writer], "a writer").counts;
    for (let call = 0; call < calls; call++) if ((counts[call] ?? 0) < members.size) return false;
    return true;
  });
}

function report(): Report {
  const cpu = process.cpuUsage(begun.cpu);
  const { bytes, frames } = network();
  const now = counters();
  return {
    writtenMs: seen.map(({ writtenMs }) => trimmed(writtenMs)),
    lastMs: seen.map(({ counts, lastMs }) =>
      [...lastMs.subarray(0, lengthOf(counts))].map((ms, call) => (counts[call] === members.size ? ms : -1)),
    ),
    cpuMs: (cpu.user + cpu.system) / 1000,
    bytesOut: bytes - begun.bytes,
    framesOut: frames - begun.frames,
    rssBytes: process.memoryUsage.rss(),
    counters: Object.fromEntries([...now].map(([name, value]) => [name, value - (begun.counters.get(name) ?? 0)])),
  };
}

function trimmed(values: Float64Array): number[] {
  const first = values.findIndex((value) => Number.isNaN(value));
  return [...values.subarray(0, first < 0 ? values.length : first)];
}

function lengthOf(counts: Uint16Array): number {
  let length = counts.length;
  while (length > 0 && counts[length - 1] === 0) length--;
  return length;
}

function network(): { bytes: number; frames: number } {
  let [bytes, frames] = [0, 0];
  for (const member of members.values()) {
    const { totals } = member.network.stats();
    bytes += totals.bytesOut;
    frames += totals.framesOut;
  }
  return { bytes, frames };
}

function counters(): Map<string, number> {
  const all = new Map<string, number>();
  for (const { engine } of members.values())
    for (const [name, value] of engine.counters) all.set(name, (all.get(name) ?? 0) + value);
  return all;
}

function memberOf(index: number): Member {
  return must(members.get(index), "a member of this process");
}

async function until(holds: () => boolean, deadlineMs: number, what = (): string => "it"): Promise<void> {
  const endMs = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`${what()} did not come about in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
