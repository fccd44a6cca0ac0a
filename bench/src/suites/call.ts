/**
 * Durable calls of a real node: the notes application in its sandbox, one context, LMDB in a folder, 256 keys. A call is
 * counted when it is answered, which is after the flush that covers its write. In process, and over HTTP from a worker
 * on the same cores. References of the same minute: 512-byte fdatasyncs of the same device, before and after.
 */
import { randomBytes } from "node:crypto";
import { silentLog } from "@dunlin/core/base";
import { openServer } from "@dunlin/server";
import { runHttpLoad } from "../http-load.ts";
import { type Load, type LoadReport, runLoad } from "../load.ts";
import { type BenchNode, openBenchNode } from "../open-bench-node.ts";
import { type DeviceSync, measureDeviceSync } from "../reference/device-sync.ts";
import { type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const CALLERS = 64;
const KEYS = 256;
const SUITE = "call";

interface Reports {
  readonly many: LoadReport;
  readonly alone: LoadReport;
}

interface Targets {
  readonly callsPerSecond: number;
  readonly p99Ms: number;
  /** Of the lone call's latency, in two device syncs. */
  readonly aloneAtMost: number;
}

export const call: Suite = {
  name: SUITE,
  about: "durable calls of a node, in process and over HTTP",
  async run({ isQuick }) {
    const [durationMs, warmUpMs] = isQuick ? [2000, 1000] : [6000, 3000];
    const many: Load = { callers: CALLERS, durationMs, warmUpMs };
    const alone: Load = { callers: 1, durationMs, warmUpMs: warmUpMs / 2 };
    await using node = await openBenchNode();
    const before = measureDeviceSync(node.folder, durationMs / 4);
    const inProcess = { many: await callInProcess(node, many), alone: await callInProcess(node, alone) };
    const overHttp = await callOverHttp(node, many, alone);
    const sync = faster(before, measureDeviceSync(node.folder, durationMs / 4));
    return [
      ...toRows("in process", inProcess, sync, { callsPerSecond: 20_000, p99Ms: 10, aloneAtMost: 2 }),
      ...toRows("over HTTP", overHttp, sync, { callsPerSecond: 10_000, p99Ms: 20, aloneAtMost: 3 }),
    ];
  },
};

function callInProcess({ service, contextId }: BenchNode, load: Load): Promise<LoadReport> {
  return runLoad(load, async (caller, index) => {
    const args = { key: `key-${(caller * 4 + (index % 4)) % KEYS}`, value: `value-${caller}-${index}` };
    const done = await service.execute({ contextId, method: "put", args });
    if (!done.ok) throw new Error(`a call failed: ${done.error.message}`);
  });
}

async function callOverHttp({ service, contextId }: BenchNode, many: Load, alone: Load): Promise<Reports> {
  const token = randomBytes(32).toString("hex");
  await using server = await openServer({ service, listen: { host: "127.0.0.1", port: 0 }, token, log: silentLog });
  const target = { port: server.port, token, contextId };
  return { many: await runHttpLoad({ ...many, ...target }), alone: await runHttpLoad({ ...alone, ...target }) };
}

function faster(a: DeviceSync, b: DeviceSync): DeviceSync {
  return a.p50Ms < b.p50Ms ? a : b;
}

function toRows(where: string, { many, alone }: Reports, sync: DeviceSync, targets: Targets): Row[] {
  const fdatasync = { name: "fdatasync", value: sync.perSecond };
  const twoSyncs = { name: "two fdatasyncs", value: 2 * sync.p50Ms };
  const base = { suite: SUITE, unit: "ms", reference: twoSyncs } as const;
  return [
    toRow({
      suite: SUITE,
      name: `durable calls ${where}, ${CALLERS} callers`,
      value: many.callsPerSecond,
      unit: "per s",
      reference: fdatasync,
      target: { valueAtLeast: targets.callsPerSecond },
    }),
    toRow({ ...base, name: `their latency, p50, ${where}`, value: many.p50Ms }),
    toRow({ ...base, name: `their latency, p99, ${where}`, value: many.p99Ms, target: { valueAtMost: targets.p99Ms } }),
    toRow({ ...base, name: `lone call ${where}, p50`, value: alone.p50Ms, target: { atMost: targets.aloneAtMost } }),
    toRow({ ...base, name: `lone call ${where}, p99`, value: alone.p99Ms }),
  ];
}
