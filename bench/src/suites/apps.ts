/**
 * Applications: what a call takes in the sandbox alone, cold and warm, of both kinds; durable calls of one context and
 * spread over a hundred; sets of an application that keeps its state itself, as they become many; installing; memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, must, utf8 } from "@dunlin/core/base";
import { Document } from "@dunlin/core/crdt";
import { createCrypto } from "@dunlin/core/crypto";
import { buildApplication, createEngine, createGuestEngine, type Engine, type GuestEngine } from "@dunlin/runtime";
import { GUEST_MODULE } from "../guest-module.ts";
import { type Figures, inOwnProcess } from "../isolated.ts";
import { type Load, runLoad } from "../load.ts";
import { NOTES, openBenchNode, type Service } from "../open-bench-node.ts";
import { type Row, toRow, type Unit } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "apps";
const CALLERS = 64;
const CONTEXTS = 100;
const SETS = 500;
const crypto = createCrypto();

export const apps: Suite = {
  name: SUITE,
  about: "calls of both kinds of application, cold, warm and many; installing them, and their memory",
  async run({ isQuick }) {
    const load = { callers: CALLERS, durationMs: isQuick ? 2000 : 6000, warmUpMs: isQuick ? 1000 : 3000 };
    return [
      ...(await inSandbox(isQuick ? 5 : 20)),
      ...(await overContexts(load)),
      await manySets(isQuick ? 1 : 3),
      ...installed(isQuick ? 5 : 20),
    ];
  },
};

function row(name: string, samples: readonly number[], unit: Unit, note?: string): Row {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = must(sorted[0], "a sample");
  const median = must(sorted[sorted.length >> 1], "a sample");
  return toRow({ suite: SUITE, name, value, median, unit, samples, ...(note === undefined ? {} : { note }) });
}

async function inSandbox(runs: number): Promise<Row[]> {
  const built = await buildApplication(NOTES);
  if (!built.ok) throw new Error(built.error.message);
  const cold: { script: number[]; guest: number[] } = { script: [], guest: [] };
  let script: Engine | undefined;
  let guest: GuestEngine | undefined;
  for (let i = 0; i < runs; i++) {
    let begun = performance.now();
    const made = await createEngine(built.value);
    if (!made.ok) throw new Error(made.error.message);
    script = made.value;
    callScript(script);
    cold.script.push(performance.now() - begun);
    begun = performance.now();
    const compiled = createGuestEngine(GUEST_MODULE, crypto);
    if (!compiled.ok) throw new Error(compiled.error.message);
    guest = compiled.value;
    callGuest(guest, i);
    cold.guest.push(performance.now() - begun);
  }
  const [warmScript, warmGuest] = [must(script, "one was made"), must(guest, "one was made")];
  return [
    row("a call of a TypeScript application, cold", cold.script, "ms", "its engine is made for it"),
    row("a call of a WebAssembly application, cold", cold.guest, "ms", "it is metered and compiled for it"),
    row(
      "a call of a TypeScript application, warm",
      warm(runs, () => callScript(warmScript)),
      "us",
    ),
    row(
      "a call of a WebAssembly application, warm",
      warm(runs, (i) => callGuest(warmGuest, i)),
      "us",
    ),
  ];
}

/** Microseconds of one, over a thousand at a time. */
function warm(runs: number, call: (index: number) => void): number[] {
  return Array.from({ length: runs }, () => {
    const begun = performance.now();
    for (let i = 0; i < 1000; i++) call(i);
    return performance.now() - begun;
  });
}

function callScript(engine: Engine): void {
  const monotonicMs = (): number => performance.now();
  const base = { method: "settings", args: "", caller: "me", members: () => [], nowMs: 1, seed: 1 };
  const called = engine.call(
    { ...base, timeLimitMs: 10_000, monotonicMs },
    new Document({ get: () => undefined, range: () => [] }),
  );
  if (!called.ok) throw new Error(called.error.message);
}

function callGuest(engine: GuestEngine, index: number, state = new Map<string, Uint8Array>()): void {
  const id = new Uint8Array(32);
  const request = { method: "set", input: utf8(`"key ${index}"`), context: id, executor: id, timeNs: 1n, seed: id };
  const called = engine.call(request, { storage: { get: (key) => state.get(bytesToHex(key)) } });
  if (!called.ok) throw new Error(called.error.message);
  for (const [key, value] of called.writes) if (value) state.set(bytesToHex(key), value);
}

async function overContexts(load: Load): Promise<Row[]> {
  await using node = await openBenchNode();
  const { service } = node;
  const { applicationId } = must((await service.contexts())[0], "the context of the node");
  const ids = [node.contextId];
  while (ids.length < CONTEXTS) ids.push(await contextOf(service, applicationId));
  const put = (contextId: string, index: number): ReturnType<typeof service.execute> =>
    service.execute({ contextId, method: "put", args: { key: `key-${index % 256}`, value: `${index}` } });
  for (const id of ids) await put(id, 0);
  const rates: number[] = [];
  for (const count of [1, CONTEXTS]) {
    const report = await runLoad(load, async (caller, index) => {
      const called = await put(must(ids[(caller + index * CALLERS) % count], "a context"), index);
      if (!called.ok) throw new Error(called.error.message);
    });
    rates.push(report.callsPerSecond);
  }
  const [one, many] = [must(rates[0], "measured"), must(rates[1], "measured")];
  const reference = { name: "one context", value: one };
  return [
    toRow({ suite: SUITE, name: `durable calls, one context, ${CALLERS} callers`, value: one, unit: "per s" }),
    toRow({ suite: SUITE, name: `durable calls over ${CONTEXTS} contexts`, value: many, unit: "per s", reference }),
  ];
}

/** How much longer the last hundred of 500 sets take than the first, on a node, against the same in the engine alone. */
async function manySets(runs: number): Promise<Row> {
  const growths: { node: number; alone: number }[] = [];
  for (let run = 0; run < runs; run++) {
    await using node = await openBenchNode();
    const path = join(node.folder, "guest.wasm");
    writeFileSync(path, GUEST_MODULE);
    const installed = await node.service.installApplication({ path });
    if (!installed.ok) throw new Error(installed.error.message);
    const contextId = await contextOf(node.service, installed.value.applicationId);
    const onNode = await growthOf(async (index) => {
      const called = await node.service.execute({ contextId, method: "set", args: `key ${index}` });
      if (!called.ok) throw new Error(called.error.message);
    });
    const made = createGuestEngine(GUEST_MODULE, crypto);
    if (!made.ok) throw new Error(made.error.message);
    const state = new Map<string, Uint8Array>();
    const alone = await growthOf(async (index) => callGuest(made.value, index, state));
    growths.push({ node: onNode, alone });
  }
  growths.sort((a, b) => a.node / a.alone - b.node / b.alone);
  const middle = must(growths[growths.length >> 1], "a run");
  return toRow({
    suite: SUITE,
    name: `${SETS} sets of a guest, the last hundred by the second`,
    value: middle.node,
    unit: "times",
    reference: { name: "the engine alone", value: middle.alone },
    target: { atMost: 1.2 },
  });
}

async function growthOf(set: (index: number) => Promise<void>): Promise<number> {
  const hundreds: number[] = [];
  for (let from = 0; from < SETS; from += 100) {
    const begun = performance.now();
    for (let i = from; i < from + 100; i++) await set(i);
    hundreds.push(performance.now() - begun);
  }
  // The first hundred warm up.
  return must(hundreds.at(-1), "hundreds") / must(hundreds[1], "hundreds");
}

async function contextOf(service: Service, applicationId: string): Promise<string> {
  const created = await service.createContext({ applicationId });
  if (!created.ok) throw new Error(created.error.message);
  return created.value.contextId;
}

function installed(count: number): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-apps-"));
  let figures: Figures;
  try {
    figures = inOwnProcess("apps", count, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const bytes = (figure: string): number => must(figures[figure]?.[0], "a figure") / count;
  return [
    row("installing a TypeScript application", (figures["installMs"] ?? []).slice(1), "ms", "built from its source"),
    row("first call of a context, its application cold", (figures["coldMs"] ?? []).slice(1), "ms"),
    toRow({
      suite: SUITE,
      name: `memory by installed application, of ${count}`,
      value: bytes("installedBytes"),
      unit: "bytes",
    }),
    toRow({
      suite: SUITE,
      name: `memory by active application, of ${count}`,
      value: bytes("activeBytes"),
      unit: "bytes",
      note: "its engine's instance and image, and a context that was called",
    }),
  ];
}
