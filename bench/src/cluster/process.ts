/**
 * A process of a measured group: some of its members, driven by the measuring process over IPC. A call carries its
 * writer and number as an event, so each member notes when it has each call on disk.
 */
import { bytesToHex, contextId, hexToBytes, must } from "@dunlin/core/base";
import { Links } from "./links.ts";
import { type Member, openMember } from "./member.ts";
import { signerOf } from "./ports.ts";
import type { FromMember, OpenRequest, Report, ToMember, WriteRequest } from "./protocol.ts";
import { Tally, until } from "./tally.ts";

const members = new Map<number, Member>();
const SETTLE_MS = 120_000;
const links = new Links();
let tally = new Tally(0);
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
      for (const [index, targets] of Object.entries(message.targets))
        await links.keep(Number(index), memberOf(Number(index)).network, targets, message.latencyMs);
      return { kind: "done" };
    case "part":
      links.part(message.sides);
      return { kind: "done" };
    case "settle":
      for (const [index, count] of Object.entries(message.links))
        await until(
          () => isSettled(Number(index), count),
          SETTLE_MS,
          () => describe(Number(index), count),
        );
      return { kind: "done" };
    case "write":
      return { kind: "written", calls: await write(message) };
    case "drained":
      await until(() => tally.hasAll(message.expected), message.deadlineMs).catch(() => {});
      return { kind: "done" };
    case "report":
      return { kind: "report", report: report() };
    case "close":
      for (const member of members.values()) await member.close();
      await links[Symbol.asyncDispose]();
      setImmediate(() => process.disconnect());
      return { kind: "done" };
  }
}

async function open(request: OpenRequest): Promise<FromMember> {
  const { folder, members: indexes, size } = request;
  const context = contextId(must(hexToBytes(request.context), "hexadecimal"));
  const founder = signerOf(0).publicKey;
  const addresses: Record<number, readonly string[]> = {};
  tally = new Tally(indexes.length);
  for (const index of indexes) {
    const member = await openMember({ folder, index, context, founder }, (commit) => {
      const now = Date.now();
      for (const { events } of commit.deltas) for (const { data } of events) tally.note(data, now);
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

function isSettled(index: number, count: number): boolean {
  const { replica, engine } = memberOf(index);
  if (!replica.roleOf(signerOf(index).publicKey)) return false;
  return engine.status(replica.context).filter(({ state }) => state === "in sync").length >= count;
}

function describe(index: number, count: number): string {
  const { replica, engine, network } = memberOf(index);
  const states = engine.status(replica.context).map(({ state, reason }) => `${state} (${reason})`);
  const { peers, cuts } = network.stats();
  return `member ${index} with ${count} links, ${peers.length} peers, ${JSON.stringify(cuts)}, ${states.join("; ")}:`;
}

async function write({ writers, writersInAll, valueBytes, ...load }: WriteRequest): Promise<Record<number, number>> {
  tally.begin(writersInAll);
  begun = { cpu: process.cpuUsage(), ...network(), counters: counters() };
  const value = "x".repeat(valueBytes);
  const calls: Record<number, number> = {};
  const running = Object.entries(writers).map(async ([key, index]) => {
    const writer = Number(key);
    const { replica } = memberOf(index);
    let failed = 0;
    calls[writer] = await tally.writeOpenLoop(writer, load, (call, data) => {
      void replica
        .call((transaction) => {
          transaction.field("map", "load").set(`w${writer}-${call % 1000}`, value);
          return { ok: true, value: null, events: [{ kind: "call", data, handler: "" }] };
        })
        .then((done) => {
          if (!done.ok) failed++;
        });
    });
    await replica.settled();
    if (failed > 0) throw new Error(`${failed} calls failed`);
  });
  await Promise.all(running);
  return calls;
}

function report(): Report {
  const cpu = process.cpuUsage(begun.cpu);
  const { bytes, frames } = network();
  const now = counters();
  return {
    ...tally.times(),
    cpuMs: (cpu.user + cpu.system) / 1000,
    bytesOut: bytes - begun.bytes,
    framesOut: frames - begun.frames,
    rssBytes: process.memoryUsage.rss(),
    joinedMs: links.joinedMs,
    counters: Object.fromEntries([...now].map(([name, value]) => [name, value - (begun.counters.get(name) ?? 0)])),
  };
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
